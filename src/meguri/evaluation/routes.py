"""HTTP face: models with their reports, comparison, promotion and rollback."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection

from meguri.accounts.http import Door, DoorDep
from meguri.accounts.model import Actor, Right
from meguri.data import service as data
from meguri.data.model import Item
from meguri.evaluation import service
from meguri.evaluation.model import CHAMPION, Report
from meguri.evaluation.schemas import (
    ClassRow,
    Comparison,
    Confusion,
    ModelOut,
    ModelRow,
    ModelRows,
    MoveOut,
    Moves,
    PromoteIn,
    QuestionReport,
    RollbackIn,
    Wrong,
    metrics_out,
    move_out,
    row_out,
)
from meguri.labelling import service as labelling
from meguri.labelling.model import Project
from meguri.learning import service as learning

router = APIRouter(tags=["evaluation"])

EXCERPT = 300  # characters
WORST = 100  # errors that are listed


@router.get("/projects/{project_id}/models")
def model_list(project_id: int, door: DoorDep) -> ModelRows:
    """All models of a project, the newest first, each with what was measured and what the gates said."""

    def work(tx: Connection, actor: Actor) -> ModelRows:
        champion = service.alias(tx, project_id, CHAMPION)
        reports, verdicts = service.reports(tx, project_id), service.verdicts(tx, project_id)
        models = learning.model_versions(tx, project_id)
        rows = [ModelRow(**row_out(one, reports.get(one.id), verdicts.get(one.id), champion)) for one in models]
        return ModelRows(champion=champion, rows=rows)

    return door.read(Right.VIEW, project_id, work)


@router.get("/projects/{project_id}/models/compare")
def compare(project_id: int, a: int, b: int, door: DoorDep) -> Comparison:
    """Two models item by item on the locked test split as it is labelled now."""
    project = _project(door, Right.VIEW, project_id)
    _measure(door, project, (a, b))

    def work(tx: Connection, actor: Actor) -> Comparison:
        found = service.compare(tx, door.store, project, a, b)
        about = _about(tx, [row["item"] for row in found["items"]])
        found["items"] = [{**row, **about.get(row["item"], _NOTHING)} for row in found["items"]]
        return Comparison(**found)

    return door.read(Right.VIEW, project_id, work)


@router.get("/projects/{project_id}/models/{model_id}")
def model(project_id: int, model_id: int, door: DoorDep) -> ModelOut:
    """One model with its whole report: confusion, classes, slices, calibration, and the surest errors."""

    def work(tx: Connection, actor: Actor) -> ModelOut:
        found = service.model_of(tx, project_id, model_id)
        report = service.report(tx, model_id)
        champion = service.alias(tx, project_id, CHAMPION)
        row = row_out(found, report, service.verdict(tx, project_id, model_id), champion)
        parts = [] if report is None else _reports(tx, door, labelling.project(tx, project_id), report)
        return ModelOut(**row, report=parts[0] if parts else None, others=parts[1:])

    return door.read(Right.VIEW, project_id, work)


@router.post("/projects/{project_id}/models/{model_id}/promote")
def promote(project_id: int, model_id: int, body: PromoteIn, door: DoorDep) -> MoveOut:
    """Put a model into production. The gates must let it pass, unless they are overruled with a reason."""
    project = _project(door, Right.MANAGE, project_id)
    champion = door.read(Right.MANAGE, project_id, lambda tx, actor: service.alias(tx, project_id, CHAMPION))
    _measure(door, project, (model_id,) if champion is None else (model_id, champion))

    # A refusal is a fact too: the verdict stays when the promotion fails.
    door.write(Right.MANAGE, project_id, lambda tx, actor: service.judge(tx, door.store, project, model_id))

    def work(tx: Connection, actor: Actor) -> MoveOut:
        move = service.promote(tx, project_id, model_id, actor.label, body.why, force=body.force)
        return move_out(move, _numbers(tx, project_id))

    return door.write(Right.MANAGE, project_id, work)


@router.post("/projects/{project_id}/rollback")
def rollback(project_id: int, body: RollbackIn, door: DoorDep) -> MoveOut:
    """Give production back to the champion before the present one."""
    return door.write(
        Right.MANAGE,
        project_id,
        lambda tx, actor: move_out(service.rollback(tx, project_id, actor.label, body.why), _numbers(tx, project_id)),
    )


@router.get("/projects/{project_id}/promotions")
def promotions(project_id: int, door: DoorDep) -> Moves:
    """Every promotion and rollback, the newest first."""

    def work(tx: Connection, actor: Actor) -> Moves:
        numbers = _numbers(tx, project_id)
        return Moves(rows=[move_out(move, numbers) for move in service.history(tx, project_id)])

    return door.read(Right.VIEW, project_id, work)


_NOTHING: dict[str, Any] = {"key": None, "text": None}


def _project(door: Door, right: Right, project_id: int) -> Project:
    return door.read(right, project_id, lambda tx, actor: labelling.project(tx, project_id))


def _measure(door: Door, project: Project, models: Sequence[int]) -> None:
    """Bring reports up to date, outside of any transaction; those that are cost a look."""
    for one in models:
        service.measure_apart(door.store, project, one)


def _numbers(tx: Connection, project_id: int) -> dict[int, int]:
    return {model.id: model.number for model in learning.model_versions(tx, project_id)}


def _about(tx: Connection, items: Sequence[int]) -> dict[int, dict[str, Any]]:
    return {item.id: _excerpt(item) for item in data.get_many(tx, items)}


def _excerpt(item: Item) -> dict[str, Any]:
    return {"key": item.key, "text": None if item.text is None else item.text[:EXCERPT]}


def _reports(tx: Connection, door: Door, project: Project, report: Report) -> list[QuestionReport]:
    """The parts of a report, the headline first."""
    details = service.details(door.store, report)
    order = sorted(details, key=lambda name: name != report.metrics["headline"])
    return [_report(tx, project, name, report.metrics["questions"][name], details[name]) for name in order]


def _report(
    tx: Connection, project: Project, name: str, numbers: dict[str, Any], kept: dict[str, Any]
) -> QuestionReport:
    return QuestionReport(
        question=name,
        items=len(kept["items"]),
        metrics=metrics_out(numbers),
        confusion=Confusion(**kept["confusion"]),
        per_class=[ClassRow(**row) for row in kept["per_class"]],
        slices=kept["slices"],
        calibration=kept["calibration"],
        worst=_worst(tx, project, name, kept),
    )


def _worst(tx: Connection, project: Project, name: str, kept: dict[str, Any]) -> list[Wrong]:
    """The errors, the surest first."""
    question = project.schema.question(name)
    wrong = [row for row in range(len(kept["items"])) if kept["truth"][row] != kept["answers"][row]]
    wrong = sorted(wrong, key=lambda row: -kept["scores"][row])[:WORST]
    about = _about(tx, [kept["items"][row] for row in wrong])
    return [
        Wrong(
            item=kept["items"][row],
            truth=service.values_of(question, kept, "truth", row),
            answer=service.values_of(question, kept, "answers", row),
            score=kept["scores"][row],
            **about.get(kept["items"][row], _NOTHING),
        )
        for row in wrong
    ]
