"""The queue and the leases.

Every statement that runs for each answer is built once, so that it is compiled once. On PostgreSQL a transaction
waits for the row of another one's task only before it holds the queue of the project (`projects.next_places`,
`projects.hold_queue`); who holds the queue waits for no row. Therefore there are no deadlocks.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from meguri.labelling.model import ALL_LANES, ANSWERED, EXPIRED, SKIPPED, Lease
from meguri.labelling.tables import assignment, cursor, project, task

_ZERO: Any = sa.literal_column("0")  # a bound zero would hide the partial index from SQLite
_PERSON_LOCK = sa.select(sa.func.pg_advisory_xact_lock(0x6C656E64, sa.cast(bindparam("person"), sa.Integer)))

# ── the window: the next tasks beyond a person's cursors ──────────────────────────────────────────

_seen = (
    sa.exists()
    .where(
        assignment.c.person_id == bindparam("person"),
        assignment.c.item_id == task.c.item_id,
        sa.or_(assignment.c.outcome.is_(None), assignment.c.outcome != EXPIRED),
    )
    .label("seen")
)
_waiting = sa.and_(
    task.c.project_id == bindparam("project"),
    task.c.lane == cursor.c.lane,
    task.c.place > cursor.c.place,
    task.c.open > _ZERO,
    sa.or_(
        cursor.c.lane > bindparam("past_lane"),
        sa.and_(cursor.c.lane == bindparam("past_lane"), task.c.place > bindparam("past_place")),
    ),
)
_mine = sa.and_(
    cursor.c.person_id == bindparam("person"),
    cursor.c.project_id == bindparam("project"),
    cursor.c.lane.in_(bindparam("lanes", expanding=True)),
)
_FIELDS = (task.c.id, task.c.item_id, task.c.place, task.c.overlap, task.c.answers, _seen)


def _window_on_sqlite() -> Any:
    """Both loops of the join run in the order asked for, so that the limit ends them early."""
    query = sa.select(cursor.c.lane, cursor.c.place.label("read_to"), *_FIELDS).select_from(cursor).where(_mine)
    return query.join(task, _waiting).order_by(cursor.c.lane, task.c.place).limit(bindparam("size"))


def _window_on_postgres() -> Any:
    """One bounded look into each lane."""
    inner = sa.select(*_FIELDS).where(_waiting).order_by(task.c.place).limit(bindparam("size")).lateral("next_tasks")
    query = sa.select(cursor.c.lane, cursor.c.place.label("read_to"), *inner.c).select_from(cursor).where(_mine)
    return query.join(inner, sa.true()).order_by(cursor.c.lane, inner.c.place).limit(bindparam("size"))


_WINDOW = {"sqlite": _window_on_sqlite(), "postgresql": _window_on_postgres()}


class Waiting(NamedTuple):
    """A task in the window. `read_to` is the person's cursor in its lane; `seen`: they had this item before."""

    lane: int
    read_to: int
    task_id: int
    item_id: int
    place: int
    overlap: int
    answers: int
    seen: bool


def alone(tx: Connection, person_id: int) -> None:
    """Let a person do one thing at a time until the commit. SQLite has one writer anyway."""
    if tx.dialect.name != "sqlite":
        tx.execute(_PERSON_LOCK, {"person": person_id & 0x7FFFFFFF})


def window(
    tx: Connection, person_id: int, project_id: int, lanes: Sequence[int], past: tuple[int, int], size: int
) -> list[Waiting]:
    """The next open tasks in these lanes beyond the person's cursors and beyond `(lane, place)`."""
    bound = {"person": person_id, "project": project_id, "lanes": lanes, "size": size}
    rows = tx.execute(_WINDOW[tx.dialect.name], {**bound, "past_lane": past[0], "past_place": past[1]})
    return [Waiting(*row) for row in rows]


_CURSOR_KEY = ["person_id", "project_id", "lane"]
_NEW_CURSORS = {
    "sqlite": sqlite.insert(cursor).on_conflict_do_nothing(index_elements=_CURSOR_KEY),
    "postgresql": postgresql.insert(cursor).on_conflict_do_nothing(index_elements=_CURSOR_KEY),
}
_HAS_CURSORS = (
    sa.select(sa.literal(1))
    .select_from(cursor)
    .where(cursor.c.person_id == bindparam("person"), cursor.c.project_id == bindparam("project"))
    .limit(1)
)
_MOVE_CURSOR = (
    sa.update(cursor)
    .where(
        cursor.c.person_id == bindparam("person"),
        cursor.c.project_id == bindparam("project"),
        cursor.c.lane == bindparam("of_lane"),
        cursor.c.place < bindparam("to"),
    )
    .values(place=bindparam("to"))
)


def start_reading(tx: Connection, person_id: int, project_id: int) -> bool:
    """Give a person their cursors at the start of every lane; false where they had them."""
    if tx.execute(_HAS_CURSORS, {"person": person_id, "project": project_id}).first() is not None:
        return False
    rows = [{"person_id": person_id, "project_id": project_id, "lane": lane, "place": 0} for lane in ALL_LANES]
    tx.execute(_NEW_CURSORS[tx.dialect.name], rows)
    return True


def move_cursor(tx: Connection, person_id: int, project_id: int, lane: int, place: int) -> None:
    """Note that a person has read a lane up to a place."""
    tx.execute(_MOVE_CURSOR, {"person": person_id, "project": project_id, "of_lane": lane, "to": place})


def people_at_work(tx: Connection, project_id: int) -> set[int]:
    """Everybody who ever asked for work in this project."""
    query = sa.select(cursor.c.person_id).where(cursor.c.project_id == project_id, cursor.c.lane == ALL_LANES[0])
    return set(tx.execute(query).scalars())


# ── taking and ending ─────────────────────────────────────────────────────────────────────────────

_TAKE = (
    sa.update(task)
    .where(task.c.id == bindparam("wanted"), task.c.open > _ZERO)
    .values(open=task.c.open - 1)
    .returning(task.c.id)
)
_wanted = bindparam("wanted", type_=postgresql.ARRAY(sa.BigInteger))
_free = (
    sa.select(task.c.id)
    .where(task.c.id == sa.func.any(_wanted), task.c.open > _ZERO)
    .order_by(sa.func.array_position(_wanted, task.c.id))
    .limit(1)
    .with_for_update(skip_locked=True, key_share=True)
    .scalar_subquery()
)
_TAKE_FREE = sa.update(task).where(task.c.id == _free).values(open=task.c.open - 1).returning(task.c.id)


def take(tx: Connection, ids: Sequence[int]) -> int | None:
    """Take one place of the first of these tasks that nobody else is at; None where all are busy."""
    if tx.dialect.name == "sqlite":
        return next((one for one in ids if take_patiently(tx, one)), None)
    taken: int | None = tx.execute(_TAKE_FREE, {"wanted": list(ids)}).scalar()
    return taken


_HOLD = sa.select(task.c.id).where(task.c.id == bindparam("wanted")).with_for_update(key_share=True)


def hold(tx: Connection, task_id: int) -> None:
    """Let nobody else change a task until the commit. SQLite has one writer anyway."""
    if tx.dialect.name != "sqlite":
        tx.execute(_HOLD, {"wanted": task_id})


def take_patiently(tx: Connection, task_id: int) -> bool:
    """Take one place of a task, waiting for whoever is at it; false where none is left."""
    return tx.execute(_TAKE, {"wanted": task_id}).first() is not None


_LEND_VALUES = ("lent_at", "expires_at")
_ENDING: dict[str, Any] = {"ended_at": None, "outcome": None, "why": None, "annotation_id": None}


def _upsert(insert: Any) -> Any:
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["person_id", "task_id"], set_={name: new[name] for name in (*_LEND_VALUES, *_ENDING)}
    ).returning(assignment.c.id)


_LEND = {"sqlite": _upsert(sqlite.insert(assignment)), "postgresql": _upsert(postgresql.insert(assignment))}


def lend(tx: Connection, row: dict[str, Any]) -> int:
    """Write a lease, over an older one of the same person and task; returns the assignment's id."""
    return int(tx.execute(_LEND[tx.dialect.name], {**row, **_ENDING}).scalar_one())


_LEASE = (
    sa.select(
        *(assignment.c[name] for name in ("id", "project_id", "task_id", "item_id", "person_id", "expires_at")),
        *(assignment.c[name] for name in ("ended_at", "outcome", "annotation_id")),
        *(task.c[name] for name in ("reason", "overlap", "answers", "open", "done_at", "cancelled_at", "details")),
        project.c.stamp,
    )
    .select_from(assignment)
    .join(task, task.c.id == assignment.c.task_id)
    .join(project, project.c.id == assignment.c.project_id)
)
_GET = _LEASE.where(assignment.c.id == bindparam("wanted")).with_for_update(of=assignment, key_share=True)
_HELD = _LEASE.where(
    assignment.c.person_id == bindparam("person"),
    assignment.c.project_id == bindparam("project"),
    assignment.c.ended_at.is_(None),
).order_by(assignment.c.id)
_END = (
    sa.update(assignment)
    .where(assignment.c.id == bindparam("wanted"))
    .values(
        ended_at=bindparam("at"), outcome=bindparam("how"), annotation_id=bindparam("annotation"), why=bindparam("told")
    )
)
_RENEW = (
    sa.update(assignment)
    .where(assignment.c.id == bindparam("wanted"))
    .values(lent_at=bindparam("at"), expires_at=bindparam("until"), **_ENDING)
)
_done = sa.case(
    (
        sa.and_(task.c.answers + 1 >= task.c.overlap, task.c.cancelled_at.is_(None), task.c.done_at.is_(None)),
        bindparam("now", type_=sa.BigInteger),
    ),
    else_=task.c.done_at,
)
_COUNT_ANSWER = (
    sa.update(task)
    .where(task.c.id == bindparam("wanted"))
    .values(answers=task.c.answers + 1, done_at=_done)
    .returning(task.c.done_at)
)
_COUNT_LATE_ANSWER = (
    sa.update(task)
    .where(task.c.id == bindparam("wanted"), task.c.open > _ZERO)
    .values(answers=task.c.answers + 1, done_at=_done, open=task.c.open - 1)
    .returning(task.c.done_at)
)
_UNCOUNT_ANSWER = (
    sa.update(task).where(task.c.id == bindparam("wanted")).values(answers=task.c.answers - 1, done_at=None)
)
_OTHER_WORK = (
    sa.select(sa.literal(1))
    .select_from(assignment)
    .where(
        assignment.c.person_id == bindparam("person"),
        assignment.c.item_id == bindparam("item"),
        assignment.c.id != bindparam("but"),
        sa.or_(assignment.c.outcome.is_(None), assignment.c.outcome != EXPIRED),
    )
    .limit(1)
)


def get(tx: Connection, assignment_id: int) -> Lease | None:
    """An assignment with its task; on PostgreSQL it is ours until the commit."""
    row = tx.execute(_GET, {"wanted": assignment_id}).first()
    return None if row is None else Lease(*tuple(row))


def held(tx: Connection, person_id: int, project_id: int) -> list[Lease]:
    """What a person holds in a project, first lent first."""
    return [Lease(*tuple(row)) for row in tx.execute(_HELD, {"person": person_id, "project": project_id})]


def end(tx: Connection, assignment_id: int, how: str, at: int, *, annotation: int | None = None, why: str = "") -> None:
    """Write how an assignment ended."""
    bound = {"wanted": assignment_id, "at": at, "how": how, "annotation": annotation, "told": why or None}
    tx.execute(_END, bound)


def renew(tx: Connection, assignment_id: int, at: int, until: int) -> None:
    """Let an assignment live, or live again, until a new deadline."""
    tx.execute(_RENEW, {"wanted": assignment_id, "at": at, "until": until})


def count_answer(tx: Connection, task_id: int, now: int) -> int | None:
    """One answer more in the place of a live lease; returns when the task was done, if it is."""
    done: int | None = tx.execute(_COUNT_ANSWER, {"wanted": task_id, "now": now}).scalar_one()
    return done


def count_late_answer(tx: Connection, task_id: int, now: int) -> tuple[bool, int | None]:
    """One answer more in a place that is free again; whether there was one, and when the task was done."""
    row = tx.execute(_COUNT_LATE_ANSWER, {"wanted": task_id, "now": now}).first()
    return (False, None) if row is None else (True, row[0])


def uncount_answer(tx: Connection, task_id: int) -> None:
    """One answer less; its place belongs to a live lease again."""
    tx.execute(_UNCOUNT_ANSWER, {"wanted": task_id})


def has_other_work(tx: Connection, person_id: int, item_id: int, but: int) -> bool:
    """Whether a person answered, skipped or holds this item in an assignment other than `but`."""
    return tx.execute(_OTHER_WORK, {"person": person_id, "item": item_id, "but": but}).first() is not None


# ── coming back ───────────────────────────────────────────────────────────────────────────────────

_EXPIRED_LEASES = (
    sa.select(assignment.c.id, assignment.c.task_id, assignment.c.item_id, assignment.c.person_id, task.c.reason)
    .join(task, task.c.id == assignment.c.task_id)
    .where(
        assignment.c.project_id == bindparam("project"),
        assignment.c.ended_at.is_(None),
        assignment.c.expires_at < bindparam("now"),
    )
    .order_by(assignment.c.expires_at)
    .limit(bindparam("size"))
    .with_for_update(skip_locked=True, key_share=True, of=[assignment, task])
)
_SIBLINGS = (
    sa.select(task.c.id, task.c.reason)
    .where(task.c.item_id.in_(bindparam("items", expanding=True)), task.c.open > _ZERO)
    .with_for_update(skip_locked=True, key_share=True)
)
_FREE_PLACE = (
    sa.update(task)
    .where(task.c.id == bindparam("wanted"), task.c.cancelled_at.is_(None))
    .values(open=task.c.open + 1, lane=bindparam("to_lane"), place=bindparam("to_place"))
)
_MOVE = (
    sa.update(task)
    .where(task.c.id == bindparam("wanted"))
    .values(lane=bindparam("to_lane"), place=bindparam("to_place"))
)
_SKIPS = sa.select(sa.func.count()).where(assignment.c.task_id == bindparam("wanted"), assignment.c.outcome == SKIPPED)
_GIVE_UP = (
    sa.update(task)
    .where(task.c.id == bindparam("wanted"), task.c.cancelled_at.is_(None))
    .values(cancelled_at=bindparam("now"), open=0)
)


class Expired(NamedTuple):
    """A lease that ran out."""

    id: int
    task_id: int
    item_id: int
    person_id: int
    reason: str


def expired(tx: Connection, project_id: int, now: int, size: int) -> list[Expired]:
    """Leases past their deadline that nobody is at; on PostgreSQL they and their tasks are ours until the commit."""
    return [Expired(*row) for row in tx.execute(_EXPIRED_LEASES, {"project": project_id, "now": now, "size": size})]


def siblings(tx: Connection, items: Sequence[int]) -> list[tuple[int, str]]:
    """`(task, reason)` of the open tasks about these items."""
    return [(row[0], row[1]) for row in tx.execute(_SIBLINGS, {"items": list(items)})]


def free_place(tx: Connection, task_id: int, lane: int, place: int) -> None:
    """Give a place of a task back and let everybody meet it anew; a cancelled task stays closed."""
    tx.execute(_FREE_PLACE, {"wanted": task_id, "to_lane": lane, "to_place": place})


def move(tx: Connection, task_id: int, lane: int, place: int) -> None:
    """Let everybody meet a task anew."""
    tx.execute(_MOVE, {"wanted": task_id, "to_lane": lane, "to_place": place})


def skips(tx: Connection, task_id: int) -> int:
    """How many people skipped a task."""
    return int(tx.execute(_SKIPS, {"wanted": task_id}).scalar_one())


def give_up(tx: Connection, task_id: int, now: int) -> None:
    """Close a task that nobody can answer."""
    tx.execute(_GIVE_UP, {"wanted": task_id, "now": now})


_RECOUNT = (
    sa.select(
        task.c.id,
        task.c.open,
        task.c.answers,
        sa.case((task.c.cancelled_at.is_not(None), 0), else_=task.c.overlap)
        - sa.case(
            (task.c.cancelled_at.is_not(None), 0),
            else_=sa.func.count().filter(assignment.c.id.is_not(None) & assignment.c.ended_at.is_(None))
            + sa.func.count().filter(assignment.c.outcome == ANSWERED),
        ),
        sa.func.count().filter(assignment.c.outcome == ANSWERED),
    )
    .select_from(task)
    .outerjoin(assignment, assignment.c.task_id == task.c.id)
    .group_by(task.c.id)
)


def miscounted(tx: Connection, project_id: int) -> list[int]:
    """Tasks whose kept counts are not what their assignments add up to. Reads everything; for checks."""
    rows = tx.execute(_RECOUNT.where(task.c.project_id == project_id))
    return [row[0] for row in rows if (row[1], row[2]) != (row[3], row[4])]
