"""What workers write about jobs: which are ready, who runs one, how it ended.

`attempt` and `deaths` together fence a run: one that was given up for dead and lives on changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from meguri.kit import clock
from meguri.storage import journal
from meguri.storage.jobs.model import LOG_LIMIT, backoff
from meguri.storage.tables import job, tick


@dataclass(frozen=True, slots=True)
class Ready:
    """A job that may be given to the engine now."""

    id: int
    attempt: int
    name: str
    queue: str
    due_at: int


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run one job once."""

    id: int
    attempt: int
    tries: int
    deaths: int
    name: str
    args: dict[str, Any]
    project_id: int | None
    dead_worker: str | None


_before = job.alias("earlier")
_shard = job.alias("shard")
_LIVE = ("queued", "running")
_READY = (
    sa.select(job.c.id, job.c.attempt, job.c.name, job.c.queue, job.c.due_at)
    .where(
        job.c.handed_at.is_(None),
        job.c.state == "queued",
        job.c.due_at <= sa.bindparam("now"),
        ~sa.exists().where(
            _before.c.serial == job.c.serial,
            _before.c.id != job.c.id,
            _before.c.state.in_(_LIVE),
            sa.or_(
                _before.c.handed_at.is_not(None),
                sa.and_(_before.c.id < job.c.id, _before.c.due_at <= sa.bindparam("now")),
            ),
        ),
        ~sa.exists().where(_shard.c.bundle == job.c.after, _shard.c.state != "done"),
    )
    .order_by(job.c.id)
    .limit(sa.bindparam("wanted"))
)
_HAND = (
    sa.update(job)
    .where(job.c.id == sa.bindparam("of"), job.c.attempt == sa.bindparam("nth"), job.c.handed_at.is_(None))
    .values(handed_at=sa.bindparam("now"))
)
_CLAIM = (
    sa.update(job)
    .where(job.c.id == sa.bindparam("of"), job.c.attempt == sa.bindparam("nth"), job.c.state.in_(_LIVE))
    .values(
        state="running",
        worker=sa.bindparam("by"),
        tries=job.c.tries + sa.case((job.c.state == "running", 0), else_=1),
        deaths=job.c.deaths + sa.case((job.c.state == "running", 1), else_=0),
        started_at=sa.bindparam("now"),
        changed_at=sa.bindparam("now"),
        handed_at=sa.func.coalesce(job.c.handed_at, sa.bindparam("now")),
    )
    .returning(*(job.c[name] for name in ["id", "attempt", "tries", "deaths", "name", "args", "project_id"]))
)

_TICK = {
    "sqlite": sqlite.insert(tick).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(tick).on_conflict_do_nothing(),
}


def ready(tx: Connection, limit: int = 100) -> Sequence[Ready]:
    """The oldest jobs that are due, whose serial is free and whose bundle is done."""
    return [Ready(*row) for row in tx.execute(_READY, {"now": clock.now(), "wanted": limit})]


def mark_handed(tx: Connection, found: Ready) -> None:
    """Note that the engine has it."""
    tx.execute(_HAND, {"of": found.id, "nth": found.attempt, "now": clock.now()})


def claim(tx: Connection, job_id: int, attempt: int, worker: str) -> Claim | None:
    """Take the job to run it; None when this attempt has ended already."""
    before = tx.execute(sa.select(job.c.worker, job.c.state).where(job.c.id == job_id)).one_or_none()
    row = tx.execute(_CLAIM, {"of": job_id, "nth": attempt, "by": worker, "now": clock.now()}).one_or_none()
    if row is None or before is None:
        return None
    return Claim(**row._mapping, dead_worker=before.worker if before.state == "running" else None)


def report(tx: Connection, held: Claim, progress: float | None, note: str | None, lines: str) -> None:
    """Add to the log, and say how far it is."""
    values: dict[str, Any] = {"changed_at": clock.now()}
    if progress is not None:
        values["progress"] = progress
    if note is not None:
        values["note"] = note
    if lines:
        values["log"] = _tail(tx, job.c.log + lines)
    tx.execute(_fenced(held).values(values))


def finish(tx: Connection, held: Claim, result: Any) -> bool:
    """Keep what the job gave; False when the run was fenced off."""
    return _end(tx, held, state="done", result=result, progress=1.0, note="", error=None)


def fail(tx: Connection, held: Claim, error: str) -> bool:
    """Keep why it failed; a person may ask for it again."""
    mine = _end(tx, held, state="failed", error=error)
    if mine and held.project_id is not None:
        facts: dict[str, Any] = {"job": held.id, "name": held.name, "error": error[:300]}
        journal.write(tx, "jobs.failed", f"job:{held.id}", project=held.project_id, **facts)
    return mine


def put_back(tx: Connection, held: Claim, error: str | None, *, at_once: bool = False) -> bool:
    """Have it tried again: later after each failure, or `at_once` and uncounted when the worker is stopping."""
    now = clock.now()
    values = {
        "state": "queued",
        "attempt": held.attempt + 1,
        "tries": held.tries - 1 if at_once else held.tries,
        "handed_at": None,
        "due_at": now if at_once else now + backoff(held.tries),
        "error": error,
        "changed_at": now,
    }
    return bool(tx.execute(_fenced(held).values(values)).rowcount)


def refuse(tx: Connection, found: Ready, error: str) -> None:
    """Fail a job that cannot even be started."""
    now = clock.now()
    this = sa.and_(job.c.id == found.id, job.c.attempt == found.attempt)
    tx.execute(
        sa.update(job).where(this).values(state="failed", error=error, ended_at=now, handed_at=now, changed_at=now)
    )


def handed_before(tx: Connection, moment: int, limit: int = 500) -> Sequence[Ready]:
    """Jobs that the engine got before `moment` and that have not ended."""
    query = (
        sa.select(job.c.id, job.c.attempt, job.c.name, job.c.queue, job.c.due_at)
        .where(job.c.state.in_(_LIVE), job.c.handed_at < moment)
        .order_by(job.c.id)
        .limit(limit)
    )
    return [Ready(*row) for row in tx.execute(query)]


def hand_anew(tx: Connection, found: Ready) -> None:
    """Put a job that the engine lost back into the outbox, as a new attempt."""
    this = (job.c.id == found.id, job.c.attempt == found.attempt, job.c.state.in_(_LIVE))
    anew = {"state": "queued", "attempt": found.attempt + 1, "handed_at": None, "changed_at": clock.now()}
    tx.execute(sa.update(job).where(*this).values(**anew))


def prune(tx: Connection, before: int, limit: int = 1_000) -> int:
    """Forget some jobs that were done before `before`; returns how many. Failed ones stay."""
    old = sa.select(job.c.id).where(job.c.state == "done", job.c.ended_at < before).limit(limit)
    return tx.execute(sa.delete(job).where(job.c.id.in_(old))).rowcount


def tick_is_due(tx: Connection, name: str, seconds: float) -> bool:
    """Whether nobody has run this tick for `seconds`."""
    last = tx.execute(sa.select(tick.c.at).where(tick.c.name == name)).scalar()
    return last is None or last <= clock.now() - round(seconds * clock.SECOND)


def take_tick(tx: Connection, name: str, seconds: float) -> bool:
    """True for the one worker that shall run this tick now."""
    now = clock.now()
    tx.execute(_TICK[tx.dialect.name], {"name": name, "at": 0})
    due = sa.update(tick).where(tick.c.name == name, tick.c.at <= now - round(seconds * clock.SECOND)).values(at=now)
    return bool(tx.execute(due).rowcount)


def _fenced(held: Claim) -> sa.Update:
    return sa.update(job).where(
        job.c.id == held.id, job.c.attempt == held.attempt, job.c.deaths == held.deaths, job.c.state == "running"
    )


def _end(tx: Connection, held: Claim, **values: Any) -> bool:
    now = clock.now()
    return bool(tx.execute(_fenced(held).values(ended_at=now, changed_at=now, **values)).rowcount)


def _tail(tx: Connection, text: Any) -> Any:
    if tx.dialect.name == "sqlite":
        return sa.func.substr(text, -LOG_LIMIT)
    return sa.func.right(text, LOG_LIMIT)
