"""The only SQL about decisions and their outcomes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping
from sqlalchemy.dialects import postgresql, sqlite

from meguri.serving.model import Decision, Outcome
from meguri.serving.tables import decision, decision_count, outcome

CHUNK = 500

_INSERT = sa.insert(decision).returning(decision.c.id, sort_by_parameter_order=True)
_ONE = sa.select(decision).where(decision.c.id == sa.bindparam("wanted"))
_OF_REVIEW = sa.select(decision).where(decision.c.review_id == sa.bindparam("task")).order_by(decision.c.id)
_SET_REVIEW = sa.update(decision).where(decision.c.id == sa.bindparam("of")).values(review_id=sa.bindparam("task"))
_COUNTS = sa.select(decision_count.c.decision, decision_count.c.n).where(
    decision_count.c.project_id == sa.bindparam("project")
)
_OUTCOME = sa.insert(outcome).returning(outcome.c.id)


def insert(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Write decisions; their ids in order."""
    ids: list[int] = []
    for start in range(0, len(rows), CHUNK):
        ids += tx.execute(_INSERT, [dict(row) for row in rows[start : start + CHUNK]]).scalars()
    return ids


def count_more(tx: Connection, project_id: int, counts: Mapping[str, int]) -> None:
    """Raise the project's counters."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    for name, n in sorted(counts.items()):
        row = insert(decision_count).values(project_id=project_id, decision=name, n=n)
        key = [decision_count.c.project_id, decision_count.c.decision]
        tx.execute(row.on_conflict_do_update(index_elements=key, set_={"n": decision_count.c.n + n}))


def counts(tx: Connection, project_id: int) -> dict[str, int]:
    """How many decisions of each kind the project has made."""
    return {row.decision: row.n for row in tx.execute(_COUNTS, {"project": project_id})}


def recount(tx: Connection, project_id: int) -> dict[str, int]:
    """The same, counted anew."""
    query = sa.select(decision.c.decision, sa.func.count().label("n")).where(decision.c.project_id == project_id)
    return {row.decision: row.n for row in tx.execute(query.group_by(decision.c.decision))}


def set_reviews(tx: Connection, tasks: Mapping[int, int]) -> None:
    """Note which task reviews which decision: `{decision: task}`."""
    if tasks:
        tx.execute(_SET_REVIEW, [{"of": of, "task": task} for of, task in tasks.items()])


def get(tx: Connection, decision_id: int) -> Decision | None:
    """One decision with its newest outcome."""
    row = tx.execute(_ONE, {"wanted": decision_id}).mappings().one_or_none()
    return None if row is None else _with_outcomes(tx, [row])[0]


def of_review(tx: Connection, task_id: int) -> list[Decision]:
    """The decisions that a task reviews, with their newest outcomes."""
    return _with_outcomes(tx, tx.execute(_OF_REVIEW, {"task": task_id}).mappings().all())


def of_reviews(tx: Connection, task_ids: Sequence[int]) -> dict[int, Decision]:
    """The first decision that each of these tasks reviews."""
    query = sa.select(decision).where(decision.c.review_id.in_(task_ids)).order_by(decision.c.id.desc())
    return {row["review_id"]: Decision(**row) for row in tx.execute(query).mappings()}


def page(tx: Connection, project_id: int, kind: str | None, after: int, limit: int) -> list[Decision]:
    """Decisions in order of id after `after`."""
    query = sa.select(decision).where(decision.c.project_id == project_id, decision.c.id > after)
    if kind is not None:
        query = query.where(decision.c.decision == kind)
    return _with_outcomes(tx, tx.execute(query.order_by(decision.c.id).limit(limit)).mappings().all())


def of_item(tx: Connection, item_id: int) -> list[Decision]:
    """All decisions about an item, oldest first."""
    query = sa.select(decision).where(decision.c.item_id == item_id).order_by(decision.c.id)
    return _with_outcomes(tx, tx.execute(query).mappings().all())


def newest_of_items(tx: Connection, item_ids: Iterable[int], model_version_id: int | None) -> dict[int, Decision]:
    """Each item's newest decision on an output of this model; None: of a client's own model."""
    made_by = decision.c.model_version_id
    where = made_by.is_(None) if model_version_id is None else made_by == model_version_id
    return _newest(tx, decision.c.item_id, list(item_ids), where)


def newest_of_keys(tx: Connection, project_id: int, keys: Iterable[str]) -> dict[str, Decision]:
    """The newest decision on an output that a client's own model made, by the client's key."""
    where = sa.and_(decision.c.project_id == project_id, decision.c.model_version_id.is_(None))
    return _newest(tx, decision.c.key, list(keys), where)


def _newest(tx: Connection, column: Any, wanted: list[Any], where: Any) -> dict[Any, Decision]:
    found: dict[Any, Decision] = {}
    for start in range(0, len(wanted), CHUNK):
        newest = sa.select(sa.func.max(decision.c.id)).where(column.in_(wanted[start : start + CHUNK]), where)
        query = sa.select(decision).where(decision.c.id.in_(newest.group_by(column)))
        for one in _with_outcomes(tx, tx.execute(query).mappings().all()):
            found[getattr(one, column.name)] = one
    return found


def insert_outcome(tx: Connection, values: Mapping[str, Any]) -> int:
    """Write one outcome; its id."""
    return int(tx.execute(_OUTCOME, dict(values)).scalar_one())


def outcomes(tx: Connection, decision_ids: Sequence[int]) -> dict[int, Outcome]:
    """The newest outcome of each decision that has one."""
    query = sa.select(outcome).where(outcome.c.decision_id.in_(decision_ids)).order_by(outcome.c.id)
    return {row["decision_id"]: Outcome(**row) for row in tx.execute(query).mappings()}


def _with_outcomes(tx: Connection, rows: Sequence[RowMapping]) -> list[Decision]:
    known = outcomes(tx, [row["id"] for row in rows]) if rows else {}
    return [Decision(**row, outcome=known.get(row["id"])) for row in rows]
