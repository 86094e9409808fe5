"""`meguri simulate`: what would a strategy have bought on data that is labelled already?"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from meguri.cli import curves
from meguri.cli.labelled import Labelled, read
from meguri.cli.replay import Plan, Replay, characters, full_accuracy, quietly, saved, workshop
from meguri.kit.errors import Invalid
from meguri.learning.selection.base import strategies

Curves = dict[str, list[list[dict[str, Any]]]]
CURVE_FIELDS = ("labels", "answers", "accuracy", "macro_f1")
GOALS = (0.90, 0.95, 0.98)  # of the accuracy with all labels


def add(app: typer.Typer) -> None:
    """Hang the command on the tree."""
    app.command()(simulate)


def simulate(
    path: Annotated[Path, typer.Argument(metavar="DATA", exists=True, help="Folder of class folders, CSV or JSONL.")],
    label: Annotated[str, typer.Option(help="The column that holds the label. Default: guessed.")] = "",
    text: Annotated[str, typer.Option(help="The column that holds the text. Default: guessed.")] = "",
    budget: Annotated[int, typer.Option(min=2, help="Labels to buy in all.")] = 200,
    batch: Annotated[int, typer.Option(min=1, help="Labels to buy in a round.")] = 20,
    strategy: Annotated[str, typer.Option(help="Selection strategy.")] = "auto",
    compare: Annotated[str, typer.Option(help="Strategies to set beside each other, separated by commas.")] = "",
    seeds: Annotated[str, typer.Option(help="Number of repetitions, or a list such as 3,5,8.")] = "1",
    annotators: Annotated[int, typer.Option(min=1, help="Simulated people. At least as many as --overlap.")] = 1,
    annotator_accuracy: Annotated[float, typer.Option(min=0.0, max=1.0, help="How often each is right.")] = 1.0,
    overlap: Annotated[int, typer.Option(min=1, help="Answers an item gets.")] = 1,
    limit: Annotated[int, typer.Option(min=0, help="Use only so many rows, drawn at random. 0: all.")] = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the curves there, as SVG.")] = None,
) -> None:
    """Replay a labelled data set through the real loop with simulated people."""
    quietly()
    labelled = read(path, label=label, text=text)
    repetitions = _seeds(seeds)
    if limit:
        labelled = labelled.only(limit, np.random.default_rng(repetitions[0]))
    names = [name.strip() for name in compare.split(",") if name.strip()] or [strategy]
    for name in names:
        strategies[name]  # an unknown one is said before anything is begun
    people = characters(max(annotators, overlap), annotator_accuracy)
    plan = Plan(budget=budget, batch=batch, overlap=overlap, characters=people)
    console = Console()
    about = [f"{len(labelled.rows):,} rows", f"{len(labelled.classes)} classes", labelled.modality]
    about += [f"{what} from {column!r}" for what, column in labelled.columns.items() if column]
    console.print(f"{labelled.name}: {', '.join(about)}", highlight=False)
    found, full = _replay(labelled, plan, names, repetitions)
    _show(console, found, full)
    if json_file:
        json_file.write_text(json.dumps(_figures(labelled, found, repetitions, full), indent=1) + "\n")
    if plot:
        curves.draw(plot, found, title=labelled.name, full=full)


def _replay(labelled: Labelled, plan: Plan, names: list[str], seeds: list[int]) -> tuple[Curves, float]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    found: Curves = {name: [] for name in names}
    full: list[float] = []
    with workshop() as store, Progress(*columns, transient=True, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=len(seeds) * (plan.budget * len(names)))
        for seed in seeds:
            for name in names:
                seeded = replace(plan, strategy=name, seed=seed)
                progress.update(bar, description=f"{name}, seed {seed}")
                replay = Replay(store, labelled, seeded)
                replay.start()
                done = 0
                while replay.turn():
                    labels = replay.crowd.answers // plan.overlap
                    progress.advance(bar, labels - done)
                    done = labels
                found[name].append(replay.curve())
            progress.update(bar, description=f"all labels, seed {seed}")
            full.append(full_accuracy(store, labelled, replace(plan, seed=seed)))
    return found, float(np.mean(full))


def _seeds(text: str) -> list[int]:
    """`3` is three repetitions (0, 1, 2); `3,5,8` is those."""
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise Invalid(f"--seeds takes a number or a list such as 3,5,8, not {text!r}.", code="simulate.seeds") from None
    if not numbers or min(numbers) < 0 or (len(numbers) == 1 and numbers[0] < 1):
        raise Invalid("--seeds takes at least one repetition.", code="simulate.seeds")
    return list(range(numbers[0])) if len(numbers) == 1 and "," not in text else numbers


def _figures(labelled: Labelled, found: Curves, seeds: list[int], full: float) -> dict[str, Any]:
    runs = [
        {"strategy": name, "seed": seed, "curve": [{key: point[key] for key in CURVE_FIELDS} for point in curve]}
        for name, repetitions in found.items()
        for seed, curve in zip(seeds, repetitions, strict=True)
    ]
    return {"dataset": labelled.name, "full_accuracy": full, "runs": runs}


def _show(console: Console, found: Curves, full: float) -> None:
    table = Table(title=f"Accuracy on the locked split ({full:.1%} with all labels)")
    for heading in ("labels", "answers", *found):
        table.add_column(heading, justify="right")
    longest = max((curve for curves in found.values() for curve in curves), key=len, default=[])
    for point in longest:
        cells = [
            _cell([p for curve in curves for p in curve if p["labels"] == point["labels"]]) for curves in found.values()
        ]
        table.add_row(str(point["labels"]), str(point["answers"]), *cells)
    console.print(table)
    for goal in GOALS:
        reached = saved(found, goal * full)
        words = ", ".join(f"{name} {'–' if labels is None else f'{labels:.0f}'}" for name, labels in reached.items())
        console.print(f"Labels to {goal:.0%} of that: {words}", highlight=False)


def _cell(points: list[dict[str, Any]]) -> str:
    if not points:
        return ""
    mean, half = curves.interval([point["accuracy"] for point in points])
    return f"{mean:.1%}" + (f" ± {half:.1%}" if len(points) > 1 else "")
