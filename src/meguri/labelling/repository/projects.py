"""Rows of projects, and the places in their queues."""

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from meguri.annotation.model import LabelSchema
from meguri.labelling.model import Project, Settings
from meguri.labelling.tables import assignment, project, queue, task

_ALL = sa.select(project)
_GET = _ALL.where(project.c.id == bindparam("wanted"))
_STAMP = sa.select(project.c.stamp).where(project.c.id == bindparam("wanted"))
_NEXT_PLACES = (
    sa.update(queue)
    .where(queue.c.project_id == bindparam("of"))
    .values(last_place=queue.c.last_place + bindparam("more"))
    .returning(queue.c.last_place)
)
_ASKED_TO = sa.select(queue.c.asked_to).where(queue.c.project_id == bindparam("of"))
_UNLED = sa.select(queue.c.project_id).where(queue.c.asked_to.is_not(None)).order_by(queue.c.project_id)
_SET_ASKED_TO = sa.update(queue).where(queue.c.project_id == bindparam("of")).values(asked_to=bindparam("item"))
_HOLD_QUEUE = sa.select(queue.c.last_place).where(queue.c.project_id == bindparam("of")).with_for_update(key_share=True)
_AT_WORK = sa.select(
    project.c.stamp,
    sa.select(sa.func.count())
    .select_from(assignment)
    .where(
        assignment.c.person_id == bindparam("person"),
        assignment.c.project_id == bindparam("wanted"),
        assignment.c.ended_at.is_(None),
    )
    .scalar_subquery(),
).where(project.c.id == bindparam("wanted"))


class AtWork(NamedTuple):
    """A project's stamp and how many of its tasks a person holds."""

    stamp: str
    held: int


def insert(tx: Connection, row: dict[str, Any]) -> int:
    """Write a project and its empty queue; returns its id."""
    made = int(tx.execute(sa.insert(project).returning(project.c.id), row).scalar_one())
    tx.execute(sa.insert(queue), {"project_id": made, "last_place": 0, "asked_to": 0})
    return made


def change(tx: Connection, project_id: int, row: dict[str, Any]) -> None:
    """Change columns of a project; the row brings a fresh stamp."""
    tx.execute(sa.update(project).where(project.c.id == project_id).values(**row))


def get(tx: Connection, project_id: int) -> Project | None:
    """The project with this id."""
    row = tx.execute(_GET, {"wanted": project_id}).mappings().one_or_none()
    return None if row is None else _project(row)


def stamp(tx: Connection, project_id: int) -> str | None:
    """What tells whether a project read before is still as it was."""
    found: str | None = tx.execute(_STAMP, {"wanted": project_id}).scalar()
    return found


def at_work(tx: Connection, project_id: int, person_id: int) -> AtWork | None:
    """The project's stamp and how many of its tasks a person holds, in one look."""
    row = tx.execute(_AT_WORK, {"wanted": project_id, "person": person_id}).first()
    return None if row is None else AtWork(*row)


def page(tx: Connection, only: list[int] | None) -> list[Project]:
    """Projects that are not archived, newest first; of all, or of the ids in `only`."""
    query = _ALL.where(project.c.archived_at.is_(None)).order_by(project.c.id.desc())
    if only is not None:
        query = query.where(project.c.id.in_(only))
    return [_project(row) for row in tx.execute(query).mappings()]


def pending_counts(tx: Connection, projects: list[int]) -> dict[int, int]:
    """How many tasks of each project wait for answers."""
    query = (
        sa.select(task.c.project_id, sa.func.count())
        .where(task.c.project_id.in_(projects), task.c.done_at.is_(None), task.c.cancelled_at.is_(None))
        .group_by(task.c.project_id)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def next_places(tx: Connection, project_id: int, count: int) -> int:
    """Take `count` places at the end of the queue; returns the first. They are ours alone until the commit."""
    last = int(tx.execute(_NEXT_PLACES, {"of": project_id, "more": count}).scalar_one())
    return last - count + 1


def hold_queue(tx: Connection, project_id: int) -> None:
    """Let nobody else give places or complete a round until the commit. SQLite has one writer anyway."""
    if tx.dialect.name != "sqlite":
        tx.execute(_HOLD_QUEUE, {"of": project_id})


def asked_to(tx: Connection, project_id: int) -> int | None:
    """The last item that was asked about ahead of the loop; None once the loop leads. Holds the queue."""
    hold_queue(tx, project_id)
    found: int | None = tx.execute(_ASKED_TO, {"of": project_id}).scalar()
    return found


def unled(tx: Connection) -> list[int]:
    """The projects that were never handed to the loop."""
    return list(tx.execute(_UNLED).scalars())


def set_asked_to(tx: Connection, project_id: int, item_id: int | None) -> None:
    """Remember how far was asked ahead, or with None that the loop leads from now on."""
    tx.execute(_SET_ASKED_TO, {"of": project_id, "item": item_id})


def _project(row: Any) -> Project:
    return Project(
        id=row["id"],
        name=row["name"],
        modality=row["modality"],
        schema=LabelSchema.from_json(row["questions"]),
        guidelines=row["guidelines"],
        settings=Settings.model_validate(row["settings"]),
        seed=row["seed"],
        made_by=row["made_by"],
        created_at=row["created_at"],
        archived_at=row["archived_at"],
        stamp=row["stamp"],
    )
