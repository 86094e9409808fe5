"""The only SQL of this room."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping
from sqlalchemy.dialects import postgresql, sqlite

from meguri.kit import clock
from meguri.loop.tables import loop_round, loop_state, loop_step


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step that was done, or the rest the loop came to."""

    id: int
    step: str
    round: int
    code: str
    params: dict[str, Any]
    result: dict[str, Any]
    started_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the learning curve."""

    round: int
    labels: int
    answers: int
    model_version_id: int
    metrics: dict[str, Any]
    created_at: int


_STATE = sa.select(loop_state.c.running).where(loop_state.c.project_id == sa.bindparam("project"))
_LOCK = _STATE.with_for_update()
_RUNNING = sa.select(loop_state.c.project_id).where(loop_state.c.running).order_by(loop_state.c.project_id)
_STEP = (
    loop_step.c.id,
    loop_step.c.step,
    loop_step.c.round,
    loop_step.c.code,
    loop_step.c.params,
    loop_step.c.result,
    loop_step.c.started_at,
    loop_step.c.ended_at,
)
_NEWEST = (
    sa.select(*_STEP).where(loop_step.c.project_id == sa.bindparam("project")).order_by(loop_step.c.id.desc()).limit(1)
)
_NEWEST_OF = _NEWEST.where(loop_step.c.step == sa.bindparam("kind"))


def is_running(tx: Connection, project_id: int) -> bool:
    """Whether the project's loop goes on by itself."""
    return bool(tx.execute(_STATE, {"project": project_id}).scalar())


def hold(tx: Connection, project_id: int) -> None:
    """Hold the project's loop until the transaction ends. Nobody else records a step meanwhile."""
    set_running(tx, project_id, None, clock.now())
    tx.execute(_LOCK, {"project": project_id})


def set_running(tx: Connection, project_id: int, running: bool | None, at: int) -> None:
    """Make the row of the project's loop, and set whether it runs unless `running` is None."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    row = insert(loop_state).values(project_id=project_id, running=bool(running), changed_at=at)
    if running is None:
        tx.execute(row.on_conflict_do_nothing(index_elements=["project_id"]))
    else:
        change = {"running": running, "changed_at": at}
        tx.execute(row.on_conflict_do_update(index_elements=["project_id"], set_=change))


def running(tx: Connection) -> list[int]:
    """Projects whose loop goes on by itself."""
    return list(tx.execute(_RUNNING).scalars())


def newest(tx: Connection, project_id: int) -> StepRow | None:
    """The newest step, or rest, of a project."""
    return _step(tx.execute(_NEWEST, {"project": project_id}).mappings().one_or_none())


def newest_of(tx: Connection, project_id: int, kind: str) -> StepRow | None:
    """The newest step of one kind."""
    return _step(tx.execute(_NEWEST_OF, {"project": project_id, "kind": kind}).mappings().one_or_none())


def steps(tx: Connection, project_id: int, before: int | None, limit: int) -> list[StepRow]:
    """Steps, newest first."""
    query = sa.select(*_STEP).where(loop_step.c.project_id == project_id).order_by(loop_step.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(loop_step.c.id < before)
    return [found for row in tx.execute(query).mappings() if (found := _step(row)) is not None]


def _step(row: RowMapping | None) -> StepRow | None:
    return None if row is None else StepRow(**{**row, "result": row["result"] or {}})


def insert_step(tx: Connection, values: Mapping[str, Any]) -> int:
    """Write one step; its id."""
    return int(tx.execute(sa.insert(loop_step).returning(loop_step.c.id), dict(values)).scalar_one())


def put_point(tx: Connection, project_id: int, point: Point) -> None:
    """Write the point of a turn; measured anew it replaces the old one."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    values = {
        "labels": point.labels,
        "answers": point.answers,
        "model_version_id": point.model_version_id,
        "metrics": point.metrics,
        "created_at": point.created_at,
    }
    row = insert(loop_round).values(project_id=project_id, round=point.round, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["project_id", "round"], set_=values))


def points(tx: Connection, project_id: int) -> list[Point]:
    """The learning curve, oldest turn first."""
    columns = [loop_round.c[name] for name in Point.__dataclass_fields__]
    query = sa.select(*columns).where(loop_round.c.project_id == project_id).order_by(loop_round.c.round)
    return [Point(**row) for row in tx.execute(query).mappings()]
