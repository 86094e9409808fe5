"""Rows of tasks: asked for, counted, cancelled."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from meguri.labelling.model import Progress, Task
from meguri.labelling.tables import task

CHUNK = 1_000
MANY_PENDING = 200  # more than this many transactions are never at work at once

_COLUMNS = [task.c[name] for name in Task.__dataclass_fields__]
_PENDING = sa.and_(task.c.done_at.is_(None), task.c.cancelled_at.is_(None))
_INSERT = sa.insert(task).returning(task.c.id, sort_by_parameter_order=True)
_OF_REASON = sa.and_(task.c.project_id == bindparam("project"), task.c.reason == bindparam("why"))
_ITEMS_PENDING = sa.select(task.c.item_id).where(_OF_REASON, _PENDING)
_TASKS_PENDING = sa.select(task.c.item_id, task.c.id).where(_OF_REASON, _PENDING)
_COUNT_PENDING = sa.select(sa.func.count()).select_from(task).where(_OF_REASON, _PENDING)
_ITEMS_EVER = sa.select(task.c.item_id).where(_OF_REASON, task.c.cancelled_at.is_(None))
_ANY_PENDING = sa.select(sa.literal(1)).select_from(task).where(_OF_REASON, _PENDING).limit(1)
_SOME_PENDING = sa.select(sa.func.count()).select_from(
    sa.select(sa.literal(1)).select_from(task).where(_OF_REASON, _PENDING).limit(MANY_PENDING).subquery()
)
_GET = sa.select(*_COLUMNS).where(task.c.id == bindparam("wanted"))
_STANDING = task.c.cancelled_at.is_(None)
_PROGRESS = (
    sa.select(
        task.c.reason,
        sa.func.count(),
        sa.func.count().filter(task.c.answers < task.c.overlap),
        sa.func.sum(task.c.overlap),
        sa.func.sum(task.c.answers),
    )
    .where(task.c.project_id == bindparam("project"), _STANDING)
    .group_by(task.c.reason)
)
_CANCEL = (
    sa.update(task)
    .where(_OF_REASON, _PENDING)
    .values(cancelled_at=bindparam("now"), open=0)
    .returning(task.c.id, task.c.item_id)
)
_CANCEL_UNTOUCHED = (
    sa.update(task)
    .where(_OF_REASON, _PENDING, task.c.round == bindparam("turn"), task.c.answers == 0, task.c.open == task.c.overlap)
    .values(cancelled_at=bindparam("now"), open=0)
)
_ASKED_AMONG = sa.select(task.c.item_id).where(
    task.c.item_id.in_(bindparam("items", expanding=True)), task.c.reason == bindparam("why"), _STANDING
)


def insert(tx: Connection, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Write tasks; returns their ids in the same order."""
    made: list[int] = []
    for start in range(0, len(rows), CHUNK):
        made.extend(tx.execute(_INSERT, rows[start : start + CHUNK]).scalars())
    return made


def items_pending(tx: Connection, project_id: int, reason: str, items: Sequence[int]) -> set[int]:
    """Those of the items that already wait for answers for this reason."""
    bound = {"project": project_id, "why": reason}
    if len(items) > CHUNK:
        return set(tx.execute(_ITEMS_PENDING, bound).scalars())
    return set(tx.execute(_ITEMS_PENDING.where(task.c.item_id.in_(items)), bound).scalars())


def tasks_pending(tx: Connection, project_id: int, reason: str, items: Sequence[int]) -> dict[int, int]:
    """`{item: task}` of those items that wait for answers for this reason."""
    found: dict[int, int] = {}
    for start in range(0, len(items), CHUNK):
        query = _TASKS_PENDING.where(task.c.item_id.in_(items[start : start + CHUNK]))
        found.update((row[0], row[1]) for row in tx.execute(query, {"project": project_id, "why": reason}))
    return found


def count_pending(tx: Connection, project_id: int, reason: str) -> int:
    """How many tasks of this reason wait; reads an index that holds nothing else."""
    return int(tx.execute(_COUNT_PENDING, {"project": project_id, "why": reason}).scalar_one())


def items_asked(tx: Connection, project_id: int, reason: str) -> set[int]:
    """The items that were ever asked about for this reason, cancelled tasks left out."""
    return set(tx.execute(_ITEMS_EVER, {"project": project_id, "why": reason}).scalars())


def get(tx: Connection, task_id: int) -> Task | None:
    """One task."""
    row = tx.execute(_GET, {"wanted": task_id}).mappings().one_or_none()
    return None if row is None else Task(**row)


def get_many(tx: Connection, ids: Sequence[int]) -> list[Task]:
    """The tasks with these ids, in no order."""
    found: list[Task] = []
    for start in range(0, len(ids), CHUNK):
        query = sa.select(*_COLUMNS).where(task.c.id.in_(ids[start : start + CHUNK]))
        found.extend(Task(**row) for row in tx.execute(query).mappings())
    return found


def page(
    tx: Connection, project_id: int, reasons: Sequence[str], pending: bool | None, after: int, limit: int
) -> list[Task]:
    """Tasks in order of id, after an id; waiting ones, ended ones or all."""
    query = sa.select(*_COLUMNS).where(task.c.project_id == project_id, task.c.id > after)
    if reasons:
        query = query.where(task.c.reason.in_(reasons))
    if pending is not None:
        query = query.where(_PENDING if pending else sa.not_(_PENDING))
    return [Task(**row) for row in tx.execute(query.order_by(task.c.id).limit(limit)).mappings()]


def waiting_of(tx: Connection, items: Sequence[int]) -> set[int]:
    """Those of the items that wait for answers, for whatever reason."""
    return set(tx.scalars(sa.select(task.c.item_id).where(task.c.item_id.in_(items), _PENDING)))


def some_waiting(tx: Connection, project_id: int, limit: int) -> list[int]:
    """Items that wait for answers, in no order; one that waits for two reasons comes twice."""
    return list(tx.scalars(sa.select(task.c.item_id).where(task.c.project_id == project_id, _PENDING).limit(limit)))


def any_pending(tx: Connection, project_id: int, reason: str) -> bool:
    """Whether a task of this reason waits; costs one look-up however many there are."""
    return tx.execute(_ANY_PENDING, {"project": project_id, "why": reason}).first() is not None


def many_pending(tx: Connection, project_id: int, reason: str) -> bool:
    """Whether more tasks wait than transactions under way could complete at once."""
    return int(tx.execute(_SOME_PENDING, {"project": project_id, "why": reason}).scalar_one()) >= MANY_PENDING


def progress(tx: Connection, project_id: int, of_round: int | None) -> dict[str, Progress]:
    """Counts by reason, of one round or of all."""
    query = _PROGRESS if of_round is None else _PROGRESS.where(task.c.round == of_round)
    return {row[0]: Progress(*map(int, row[1:])) for row in tx.execute(query, {"project": project_id})}


def cancel_untouched(tx: Connection, project_id: int, reason: str, turn: int, now: int) -> int:
    """End the waiting tasks of a round that nobody holds or has answered; returns how many."""
    bound = {"project": project_id, "why": reason, "turn": turn, "now": now}
    return int(tx.execute(_CANCEL_UNTOUCHED, bound).rowcount)


def asked_among(tx: Connection, reason: str, items: Sequence[int]) -> set[int]:
    """Those of some items that were ever asked about for a reason, cancelled tasks left out."""
    return set(tx.execute(_ASKED_AMONG, {"items": list(items), "why": reason}).scalars())


def cancel(tx: Connection, project_id: int, reason: str, now: int) -> list[tuple[int, int]]:
    """End every waiting task of a reason; returns `(task, item)` of each."""
    bound = {"project": project_id, "why": reason, "now": now}
    return [(row[0], row[1]) for row in tx.execute(_CANCEL, bound)]
