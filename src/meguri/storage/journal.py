"""The journal: one append-only row for every fact, so that an item's whole life is one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from meguri.kit import clock
from meguri.kit.paging import Page, clamp, page_of
from meguri.storage.tables import journal


@dataclass(frozen=True, slots=True)
class Entry:
    """Who or what did what, when, and to which item, task or model."""

    id: int
    at: int
    kind: str
    actor: str
    project_id: int | None
    item_id: int | None
    task_id: int | None
    model_version_id: int | None
    policy: str | None
    facts: dict[str, Any]


_INSERT = sa.insert(journal)


def write(
    tx: Connection,
    kind: str,
    actor: str,
    *,
    project: int | None = None,
    item: int | None = None,
    task: int | None = None,
    model_version: int | None = None,
    policy: str | None = None,
    **facts: Any,
) -> None:
    """Append one fact in the caller's transaction."""
    tx.execute(
        _INSERT,
        {
            "at": clock.now(),
            "kind": kind,
            "actor": actor,
            "project_id": project,
            "item_id": item,
            "task_id": task,
            "model_version_id": model_version,
            "policy": policy,
            "facts": facts,
        },
    )


def write_many(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Append many facts at once; each row has the columns of the table but `id` and `at`."""
    if rows:
        blank = {"project_id": None, "item_id": None, "task_id": None, "model_version_id": None, "policy": None}
        tx.execute(_INSERT, [{**blank, "at": clock.now(), **row} for row in rows])


def of_project(tx: Connection, project: int, *, before: int | None = None, limit: int | None = None) -> Page[Entry]:
    """A project's newest facts first; `after` of the page is the `before` of the next."""
    where = journal.c.project_id == project
    return _newest(tx, where, before, clamp(limit))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many facts of a kind came after a point, how many of them after a `later` one, and the newest's id."""

    kind: str
    count: int
    later: int
    newest: int


_TALLY = (
    sa.select(
        journal.c.kind,
        sa.func.count(),
        sa.func.sum(sa.case((journal.c.id > sa.bindparam("later"), 1), else_=0)),
        sa.func.max(journal.c.id),
    )
    .where(journal.c.project_id == sa.bindparam("project"), journal.c.id > sa.bindparam("since"))
    .group_by(journal.c.kind)
)
_NEWEST = sa.select(sa.func.max(journal.c.id)).where(journal.c.project_id == sa.bindparam("project"))


def tally(tx: Connection, project: int, since: int, later: int = 0) -> list[Tally]:
    """What happened in a project after the fact with the id `since`, by kind."""
    rows = tx.execute(_TALLY, {"project": project, "since": since, "later": later})
    return [Tally(row[0], row[1], int(row[2]), row[3]) for row in rows]


def newest(tx: Connection, project: int) -> int:
    """The id of a project's newest fact; 0 where there is none."""
    return int(tx.execute(_NEWEST, {"project": project}).scalar() or 0)


def of_item(tx: Connection, item: int, *, before: int | None = None, limit: int | None = None) -> Page[Entry]:
    """An item's whole life, newest first."""
    return _newest(tx, journal.c.item_id == item, before, clamp(limit))


def _newest(tx: Connection, where: Any, before: int | None, limit: int) -> Page[Entry]:
    query = sa.select(journal).where(where).order_by(journal.c.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(journal.c.id < before)
    rows = [Entry(**row) for row in tx.execute(query).mappings()]
    return page_of(rows, limit, lambda entry: entry.id)
