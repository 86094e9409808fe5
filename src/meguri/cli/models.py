"""`meguri models`: what was trained, what the gate said, and who is champion."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from meguri.cli.common import DataOption, opened
from meguri.evaluation import service as evaluation
from meguri.kit import clock
from meguri.kit.config import Config
from meguri.kit.errors import NotFound
from meguri.learning import service as learning
from meguri.storage.store import Store

ACTOR = "system"
ProjectArgument = Annotated[int, typer.Argument(help="The project's number.")]
WhyOption = Annotated[str, typer.Option(help="Kept in the history.")]

models = typer.Typer(help="Model versions: list, promote, roll back.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Hang the commands on the tree."""
    app.add_typer(models, name="models")


@models.command("list")
def list_models(project: ProjectArgument, data: DataOption = None) -> None:
    """Model versions with their report and the gate's verdict, newest first."""
    table = Table()
    for heading in ("number", "made", "labels", "accuracy", "gate", ""):
        table.add_column(heading)
    with opened(Config.from_env(data=data)) as store, store.database.read() as tx:
        champion = evaluation.alias(tx, project, "champion")
        reports, verdicts = evaluation.reports(tx, project), evaluation.verdicts(tx, project)
        for model in learning.model_versions(tx, project):
            report, verdict = reports.get(model.id), verdicts.get(model.id)
            table.add_row(
                str(model.number),
                clock.iso(model.created_at),
                str(model.card["labels"]),
                "not measured" if report is None else _accuracy(report.metrics),
                "not asked" if verdict is None else "passed" if verdict.passed else "refused",
                "champion" if model.id == champion else "",
            )
    Console().print(table)


@models.command("promote")
def promote(
    project: ProjectArgument,
    number: Annotated[int, typer.Argument(help="The model version's number in its project.")],
    why: WhyOption = "",
    force: Annotated[bool, typer.Option("--force", help="Overrule the gate; needs --why.")] = False,
    data: DataOption = None,
) -> None:
    """Make a version the champion."""
    with opened(Config.from_env(data=data)) as store:
        model = _numbered(store, project, number)
        store.database.run(lambda tx: evaluation.promote(tx, project, model, ACTOR, why, force=force))
    Console().print(f"Model {number} is the champion.")


@models.command("rollback")
def rollback(project: ProjectArgument, why: WhyOption = "", data: DataOption = None) -> None:
    """Make the champion before this one the champion again."""
    with opened(Config.from_env(data=data)) as store:
        move = store.database.run(lambda tx: evaluation.rollback(tx, project, ACTOR, why))
        number = _numbers(store, project).get(move.model_version_id or 0)
    Console().print(f"Model {number} is the champion again.")


@models.command("history")
def history(project: ProjectArgument, data: DataOption = None) -> None:
    """Who promoted and rolled back what, when and why, newest first."""
    with opened(Config.from_env(data=data)) as store:
        numbers = _numbers(store, project)
        with store.database.read() as tx:
            moves = evaluation.history(tx, project)
    for move in moves:
        number = numbers.get(move.model_version_id or 0, "none")
        Console().print(
            f"{clock.iso(move.at)}  {move.kind:<8} model {number}  {move.actor}  {move.why}", highlight=False
        )


def _accuracy(metrics: dict[str, object]) -> str:
    found = metrics.get("accuracy")
    if not isinstance(found, dict) or found.get("value") is None:
        return "not measured"
    return f"{found['value']:.1%} ({found['low']:.1%} – {found['high']:.1%})"


def _numbers(store: Store, project: int) -> dict[int, int]:
    with store.database.read() as tx:
        return {model.id: model.number for model in learning.model_versions(tx, project)}


def _numbered(store: Store, project: int, number: int) -> int:
    for model, own in _numbers(store, project).items():
        if own == number:
            return model
    raise NotFound(f"Project {project} has no model {number}; `meguri models list {project}` shows them.")
