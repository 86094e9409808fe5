"""The ring in numbers, for one who looks at it. Reads counters and indices, never the items themselves."""

from typing import Any

from sqlalchemy import Connection

from meguri.accounts.model import Actor, Right
from meguri.evaluation import service as evaluation
from meguri.kit import clock
from meguri.labelling import service as labelling
from meguri.loop import repository, service
from meguri.loop.look import Sight, look
from meguri.loop.model import Facts, Step, next_step, reason_text
from meguri.loop.schemas import (
    Champion,
    Decide,
    Learn,
    NextForMe,
    PointOut,
    ProjectReport,
    Relearn,
    Ring,
    Stations,
    StepOut,
    Verify,
    Watch,
)
from meguri.serving import service as serving
from meguri.serving.policies.base import AUTOMATE


def ring(tx: Connection, project_id: int, actor: Actor) -> Ring:
    """The ring as it is now."""
    sight = look(tx, labelling.project(tx, project_id))
    state = service.told(tx, sight)
    return Ring(
        running=state["running"],
        step=None if state["step"] is None else _step(state["step"]),
        stations=_stations(tx, sight),
        next_for_me=_next_for_me(sight, actor),
    )


def _step(step: dict[str, Any]) -> StepOut:
    return StepOut(**step, text=reason_text(Step(step["name"], step["code"], step["params"])))


def _stations(tx: Connection, sight: Sight) -> Stations:
    known = sight.facts
    return Stations(
        learn=Learn(labels=known.labels, pool=known.pool, models=known.number),
        verify=_verify(tx, known),
        watch=_watch(tx, sight.project.id),
        decide=Decide(reviews_pending=sight.reviews),
        relearn=Relearn(
            round=known.round,
            pending_tasks=known.pending,
            answers_given=known.answers_given,
            answers_wanted=known.answers_wanted,
        ),
    )


def _verify(tx: Connection, known: Facts) -> Verify:
    model = known.champion or known.model
    report = None if model is None else evaluation.report(tx, model)
    accuracy: dict[str, Any] = {} if report is None else report.metrics.get("accuracy") or {}
    return Verify(
        accuracy=accuracy.get("value"),
        low=accuracy.get("low"),
        high=accuracy.get("high"),
        test_labels=known.test_labels,
        verdict=known.passed,
        model_version=model,
    )


def _watch(tx: Connection, project_id: int) -> Watch:
    counts = serving.counts(tx, project_id)
    decided, automated = sum(counts.values()), counts.get(AUTOMATE, 0)
    return Watch(decisions=decided, automated=automated, automated_share=automated / decided if decided else None)


def _next_for_me(sight: Sight, actor: Actor) -> NextForMe | None:
    if actor.may(Right.MANAGE) and next_step(sight.facts).code == "loop.wait.confirm":
        return NextForMe(kind="promote", count=1)
    if actor.may(Right.REVIEW) and sight.reviews:
        return NextForMe(kind="review", count=sight.reviews)
    if actor.may(Right.MANAGE) and not sight.facts.items:
        return NextForMe(kind="items", count=0)
    if actor.may(Right.LABEL) and sight.facts.pending:
        return NextForMe(kind="label", count=sight.facts.pending)
    return None


def points(tx: Connection, project_id: int) -> list[PointOut]:
    """The learning curve."""
    return [PointOut.of(point) for point in service.curve(tx, project_id)]


def report(tx: Connection, project_id: int, actor: Actor) -> ProjectReport:
    """The ring, the curve and the champion."""
    return ProjectReport(
        ring=ring(tx, project_id, actor), curve=points(tx, project_id), champion=_champion(tx, project_id)
    )


def _champion(tx: Connection, project_id: int) -> Champion | None:
    found = evaluation.champion(tx, project_id)
    if found is None:
        return None
    measured = evaluation.report(tx, found.id)
    calibrated = repository.newest_of(tx, project_id, "recalibrate")
    about_it = calibrated is not None and calibrated.result.get("champion") == found.id
    return Champion(
        id=found.id,
        number=found.number,
        round=found.round,
        created_at=clock.iso(found.created_at),
        metrics=None if measured is None else measured.metrics,
        operating_point=calibrated.result.get("operating_point") if calibrated is not None and about_it else None,
    )
