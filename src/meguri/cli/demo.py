"""`meguri demo`: once round the whole ring, on real digits, with simulated people."""

import json
import shutil
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from meguri.accounts import service as accounts
from meguri.cli import curves, digits
from meguri.cli.common import DataOption, opened
from meguri.cli.replay import Plan, Replay, quietly
from meguri.cli.ring import Ring
from meguri.cli.up import run_up
from meguri.kit import ids
from meguri.kit.config import Config
from meguri.kit.errors import Conflict
from meguri.storage.store import Store
from meguri.worker.rooms import load

FOLDER = Path("meguri-data") / "demo"
MARK = ".meguri-demo"  # only a folder with this file in it is emptied
BUDGET, BATCH, OVERLAP, STREAM = 400, 40, 3, 400
OWNER = "demo@example.org"


def add(app: typer.Typer) -> None:
    """Hang the command on the tree."""
    app.command()(demo)


def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the result afterwards.")] = True,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the learning curve there. Default: in the data folder.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another run.")] = 0,
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. Default: 8321.")] = None,
) -> None:
    """Go once round the ring on scikit-learn's handwritten digits, with simulated people."""
    quietly()
    load("jobs")
    config = Config.from_env(data=data or FOLDER, host=host, port=port)
    _empty(config.data)
    console = Console()
    with opened(config) as store:
        figures = run(store, seed, console)
        picture = plot or config.data / "learning-curve.svg"
        arms = {"auto": [figures["rounds"]], "random": [figures["random"]]}
        curves.draw(picture, arms, title="Handwritten digits: what labels buy")
        password = _owner(store)
    _show(console, figures)
    console.print(f"Learning curve: {picture}", highlight=False)
    if json_file:
        json_file.write_text(json.dumps(figures, indent=1) + "\n")
    if serve:
        console.print(f"Sign in as [bold]{OWNER}[/] with the password [bold]{password}[/]", highlight=False)
        run_up(config)


def run(store: Store, seed: int, console: Console) -> dict[str, Any]:
    """Everything the demo does; returns its figures."""
    started = time.monotonic()
    rng = np.random.default_rng(seed)
    archive, stream = digits.load(rng, STREAM)
    plan = Plan("auto", seed, BUDGET, BATCH, OVERLAP, digits.PEOPLE, aggregator="dawid_skene")
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        chosen = _label(progress, Replay(store, archive, plan, "Handwritten digits"), "Chosen by the loop")
        control = Plan("random", seed, BUDGET, BATCH, OVERLAP, digits.PEOPLE, aggregator="dawid_skene")
        drawn = _label(
            progress, Replay(store, archive, control, "Handwritten digits: drawn at random"), "Drawn at random"
        )
        ring = Ring(store, chosen, progress)
        served = ring.serve(stream)
        refused = ring.refuse_a_worse_model(seed)
        rolled_back = ring.roll_back()
    return {
        "seed": seed,
        "rounds": [_point(point) for point in chosen.curve()],
        "random": [_point(point) for point in drawn.curve()],
        "stream": served,
        "refused": refused,
        "rollback": rolled_back,
        "champion": ring.champion_number(),
        "people": [
            {"name": one.name, "accuracy": one.accuracy, "skill": chosen.skill(one.name)} for one in digits.PEOPLE
        ],
        "seconds": round(time.monotonic() - started, 1),
    }


def _label(progress: Progress, replay: Replay, title: str) -> Replay:
    """Let the loop turn until its budget is spent."""
    bar = progress.add_task(f"{title:<20}", total=BUDGET * OVERLAP, words="")
    replay.start()
    while replay.turn(lambda words: progress.update(bar, words=words)):
        progress.update(bar, completed=replay.crowd.answers)
    progress.update(bar, completed=BUDGET * OVERLAP, words="")
    return replay


def _point(point: dict[str, Any]) -> dict[str, Any]:
    names = ("round", "labels", "answers", "accuracy", "accuracy_low", "accuracy_high", "macro_f1")
    return {name: point[name] for name in (*names, "automated_share", "automated_error")}


def _empty(folder: Path) -> None:
    """Begin anew, but never in a folder that holds something else."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise Conflict(
            f"{folder} is not a folder of the demo. Name an empty one with --data.", code="demo.folder_in_use"
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _owner(store: Store) -> str:
    """Somebody to look around as."""
    password = ids.secret()[:14]
    store.database.run(
        lambda tx: accounts.create_person(tx, email=OWNER, name="Demo", password=password, role="owner", language="en")
    )
    return password


def _show(console: Console, figures: dict[str, Any]) -> None:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, title="What labels buy")
    for heading in ("", "labels", "answers", "accuracy in %", "auto", "wrong", "at random", "auto", "wrong"):
        table.add_column(heading, justify="right", no_wrap=True)
    by_labels = {point["labels"]: point for point in figures["random"]}
    for point in figures["rounds"]:
        control = by_labels.get(point["labels"])
        bought = (str(point[name]) for name in ("round", "labels", "answers"))
        table.add_row(*bought, *_cells(point), *(_cells(control) if control else ("", "", "")))
    console.print(table)
    console.print("auto: share that may go out without a person; wrong: errors among those.", highlight=False)
    for line in _story(figures):
        console.print(f"\n{line}", highlight=False)


def _cells(point: dict[str, Any]) -> tuple[str, str, str]:
    low, middle, high = (100 * point[name] for name in ("accuracy_low", "accuracy", "accuracy_high"))
    error = point["automated_error"]
    return (
        f"{middle:.1f} ({low:.0f}–{high:.0f})",
        f"{point['automated_share']:.0%}",
        "–" if error is None else f"{error:.1%}",
    )


def _story(figures: dict[str, Any]) -> list[str]:
    stream, refused, back = figures["stream"], figures["refused"][0], figures["rollback"]
    return [
        f"Served {stream['items']} unseen digits: {stream['automated']} automated with {stream['errors']} errors, "
        f"{stream['reviewed']} decided by a person, {stream['learnt']} labels learnt from.",
        f"Refused model {refused['number']} ({refused['why']}): {refused['reason']}",
        f"Rolled back from model {back['from']} to {back['to']}, and forward again. "
        f"Champion: model {figures['champion']}. ({figures['seconds']} s, seed {figures['seed']})",
    ]
