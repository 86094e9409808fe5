"""The way in: ask for a job in the caller's transaction, look at jobs, ask again."""

import secrets
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from meguri.kit import clock
from meguri.kit.errors import Conflict, NotFound
from meguri.kit.paging import Page, clamp, page_of
from meguri.storage.jobs.model import Job
from meguri.storage.tables import job

_FIELDS = Job.__dataclass_fields__.keys()
_ALL = [job.c[name] for name in _FIELDS]
_WITHOUT_LOG = [sa.null().label("log") if name == "log" else job.c[name] for name in _FIELDS]
_INSERT = {
    "sqlite": sqlite.insert(job).on_conflict_do_nothing(index_elements=["key"]).returning(job.c.id),
    "postgresql": postgresql.insert(job).on_conflict_do_nothing(index_elements=["key"]).returning(job.c.id),
}
_ID_OF_KEY = sa.select(job.c.id).where(job.c.key == sa.bindparam("wanted"))
_WAITING = (
    sa.select(job.c.id)
    .where(
        job.c.name == sa.bindparam("wanted"),
        job.c.serial == sa.bindparam("of"),
        job.c.state == "queued",
        job.c.due_at <= sa.bindparam("now"),
    )
    .order_by(job.c.id)
    .limit(1)
    .with_for_update(read=True)  # whoever starts it waits for us, and so sees what we write
)


def enqueue(
    tx: Connection,
    name: str,
    args: dict[str, Any],
    *,
    key: str | None = None,
    project: int | None = None,
    serial: str | None = None,
    queue: str = "",
    delay: float = 0,
    bundle: str | None = None,
    after: str | None = None,
) -> int:
    """Ask for a job in the caller's transaction; returns its id.

    The same `key` is the same job: asking again gives the id of the first, also when that has ended, for
    as long as it is kept (`model.KEEP_DONE_DAYS`). Jobs of one `serial` run one after another, in the order
    they were asked for; one that is not due yet lets others pass. `delay` is in seconds. Shards of one piece
    of work share a `bundle`; a job `after` that bundle starts when all of them are done.
    Without `queue` the handler's own is taken.
    """
    now = clock.now()
    row = {
        "name": name,
        "key": key or f"{name}:{secrets.token_hex(12)}",
        "queue": queue,
        "project_id": project,
        "serial": serial,
        "bundle": bundle,
        "after": after,
        "args": args,
        "state": "queued",
        "progress": 0.0,
        "note": "",
        "log": "",
        "tries": 0,
        "attempt": 0,
        "deaths": 0,
        "created_at": now,
        "due_at": now + round(delay * clock.SECOND),
        "changed_at": now,
    }
    made = tx.execute(_INSERT[tx.dialect.name], row).scalar()
    return int(made if made is not None else tx.execute(_ID_OF_KEY, {"wanted": row["key"]}).scalar_one())


def wake(tx: Connection, name: str, args: dict[str, Any], *, serial: str, project: int | None = None) -> int:
    """Have `name` run once at some time after this transaction; returns the job's id.

    Wakes of the same name and `serial` that no worker has started yet are one job. The one that
    runs sees everything that was committed with any of the wakes it stands for.
    """
    waiting = tx.execute(_WAITING, {"wanted": name, "of": serial, "now": clock.now()}).scalar()
    return int(waiting) if waiting is not None else enqueue(tx, name, args, serial=serial, project=project)


def get(tx: Connection, job_id: int) -> Job:
    """One job with its log."""
    row = tx.execute(sa.select(*_ALL).where(job.c.id == job_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no job {job_id}.", code="jobs.not_found")
    return Job(**row)


def by_key(tx: Connection, key: str) -> Job | None:
    """The job that was asked for under `key`, if any."""
    row = tx.execute(sa.select(*_ALL).where(job.c.key == key)).mappings().one_or_none()
    return Job(**row) if row is not None else None


def page(
    tx: Connection,
    project_id: int | None = None,
    after: int | None = None,
    limit: int | None = None,
    state: str | None = None,
) -> Page[Job]:
    """Jobs without their logs, newest first; of every project when `project_id` is None."""
    wanted = clamp(limit)
    query = sa.select(*_WITHOUT_LOG).order_by(job.c.id.desc()).limit(wanted + 1)
    if project_id is not None:
        query = query.where(job.c.project_id == project_id)
    if after is not None:
        query = query.where(job.c.id < after)
    if state is not None:
        query = query.where(job.c.state == state)
    return page_of([Job(**row) for row in tx.execute(query).mappings()], wanted, lambda one: one.id)


def last_change(tx: Connection, project_id: int) -> int:
    """When a job of the project last moved, in milliseconds; 0 if there is none. Costs one index look-up."""
    newest = sa.select(sa.func.max(job.c.changed_at)).where(job.c.project_id == project_id)
    return cast(int, tx.execute(newest).scalar() or 0)


def retry(tx: Connection, job_id: int) -> Job:
    """Ask anew for a job that failed; its log goes on."""
    now = clock.now()
    again = (
        sa.update(job)
        .where(job.c.id == job_id, job.c.state == "failed")
        .values(
            state="queued",
            attempt=job.c.attempt + 1,
            tries=0,
            deaths=0,
            progress=0.0,
            note="",
            error=None,
            due_at=now,
            started_at=None,
            ended_at=None,
            handed_at=None,
            changed_at=now,
        )
    )
    if not tx.execute(again).rowcount:
        found = get(tx, job_id)
        raise Conflict(
            f"Job {job_id} is {found.state}; only a failed job can be tried again.",
            code="jobs.not_failed",
            state=found.state,
        )
    return get(tx, job_id)
