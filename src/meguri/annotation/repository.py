"""The only SQL of this room."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from meguri.annotation.model import Annotation, Suggestion
from meguri.annotation.tables import annotation, retraction, suggestion

CHUNK = 500

_INSERT = sa.insert(annotation)
_RETRACT = sa.insert(retraction)
_STANDING = ~sa.exists().where(retraction.c.annotation_id == annotation.c.id)
_ALL = sa.select(annotation)
_GET = _ALL.where(annotation.c.id == sa.bindparam("wanted"))
_OF_ITEMS = _ALL.where(
    annotation.c.project_id == sa.bindparam("project"),
    annotation.c.item_id.in_(sa.bindparam("items", expanding=True)),
    _STANDING,
).order_by(annotation.c.item_id, annotation.c.id)
_AFTER = (
    _ALL.where(annotation.c.project_id == sa.bindparam("project"), annotation.c.id > sa.bindparam("after"), _STANDING)
    .order_by(annotation.c.id)
    .limit(sa.bindparam("size"))
)
_NEWEST = sa.select(sa.func.max(annotation.c.id)).where(annotation.c.project_id == sa.bindparam("project"))
_COUNT_AFTER = (
    sa.select(annotation.c.reason, sa.func.count())
    .where(annotation.c.project_id == sa.bindparam("project"), annotation.c.id > sa.bindparam("after"))
    .group_by(annotation.c.reason)
)
_OF_PERSON = (
    sa.select(annotation, _STANDING.label("standing"))
    .where(annotation.c.project_id == sa.bindparam("project"), annotation.c.person_id == sa.bindparam("person"))
    .where(annotation.c.id < sa.bindparam("before"))
    .order_by(annotation.c.id.desc())
    .limit(sa.bindparam("size"))
)
_SINCE = sa.select(sa.func.count(), sa.func.count().filter(annotation.c.created_at >= sa.bindparam("since"))).where(
    annotation.c.project_id == sa.bindparam("project"), annotation.c.person_id == sa.bindparam("person"), _STANDING
)
_SUGGESTED = sa.select(
    suggestion.c.item_id,
    suggestion.c.question,
    suggestion.c.value,
    suggestion.c.score,
    suggestion.c.model_version_id,
)
_SUGGESTED_FOR = _SUGGESTED.where(suggestion.c.item_id == sa.bindparam("item")).order_by(suggestion.c.model_version_id)
_KEY = ["item_id", "question", "model_version_id"]
_SUGGEST = {
    "sqlite": sqlite.insert(suggestion).on_conflict_do_nothing(index_elements=_KEY),
    "postgresql": postgresql.insert(suggestion).on_conflict_do_nothing(index_elements=_KEY),
}


def insert(tx: Connection, row: dict[str, Any]) -> int:
    """Write one annotation; returns its id."""
    key = tx.execute(_INSERT, row).inserted_primary_key
    return int(key[0]) if key is not None else 0


def insert_many(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write annotations without asking for their ids."""
    if rows:
        tx.execute(_INSERT, rows)


def retract(tx: Connection, annotation_id: int, why: str, at: int) -> None:
    """Write that an annotation no longer stands."""
    tx.execute(_RETRACT, {"annotation_id": annotation_id, "why": why, "at": at})


def retract_imported(tx: Connection, project_id: int, items: Sequence[int], at: int) -> None:
    """Write that what imports said of these items is replaced."""
    old = sa.select(annotation.c.id, sa.literal("replaced"), sa.literal(at)).where(
        annotation.c.project_id == project_id, annotation.c.item_id.in_(items), _STANDING
    )
    tx.execute(
        sa.insert(retraction).from_select(["annotation_id", "why", "at"], old.where(annotation.c.source == "import"))
    )


def get(tx: Connection, annotation_id: int) -> Annotation | None:
    """One annotation, standing or not."""
    row = tx.execute(_GET, {"wanted": annotation_id}).mappings().one_or_none()
    return Annotation(**row) if row is not None else None


def of_items(tx: Connection, project_id: int, items: Sequence[int]) -> Iterable[Annotation]:
    """What stands about these items, oldest first within an item."""
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        yield from _annotations(tx.execute(_OF_ITEMS, {"project": project_id, "items": chunk}))


def after(tx: Connection, project_id: int, annotation_id: int, limit: int) -> list[Annotation]:
    """The first `limit` standing annotations with a larger id."""
    return _annotations(tx.execute(_AFTER, {"project": project_id, "after": annotation_id, "size": limit}))


def newest_id(tx: Connection, project_id: int) -> int:
    """The largest id, standing or not; 0 if there is none."""
    return int(tx.execute(_NEWEST, {"project": project_id}).scalar() or 0)


def count_after(tx: Connection, project_id: int, annotation_id: int) -> dict[str, int]:
    """How many annotations have a larger id, standing or not, by reason."""
    rows = tx.execute(_COUNT_AFTER, {"project": project_id, "after": annotation_id})
    return {str(row[0]): int(row[1]) for row in rows}


def of_person(
    tx: Connection, project_id: int, person_id: int, before: int, limit: int
) -> list[tuple[Annotation, bool]]:
    """A person's annotations, newest first, each with whether it stands."""
    bound = {"project": project_id, "person": person_id, "before": before, "size": limit}
    rows = [dict(row) for row in tx.execute(_OF_PERSON, bound).mappings()]
    return [(Annotation(**row), standing) for row in rows for standing in (bool(row.pop("standing")),)]


def count_of_person(tx: Connection, project_id: int, person_id: int, since: int) -> tuple[int, int]:
    """How many of a person's annotations stand: in all, and since a moment."""
    total, fresh = tx.execute(_SINCE, {"project": project_id, "person": person_id, "since": since}).one()
    return int(total), int(fresh)


def retracted_after(tx: Connection, project_id: int, retraction_id: int) -> list[tuple[int, int]]:
    """Retractions with a larger id, each with the item it is about."""
    query = (
        sa.select(retraction.c.id, annotation.c.item_id)
        .join(annotation, annotation.c.id == retraction.c.annotation_id)
        .where(retraction.c.id > retraction_id, annotation.c.project_id == project_id)
        .order_by(retraction.c.id)
    )
    return [(int(row[0]), int(row[1])) for row in tx.execute(query)]


def activity(tx: Connection, project_id: int) -> dict[int, tuple[int, int]]:
    """Of each person: how many annotations stand, and when the newest was given."""
    query = (
        sa.select(annotation.c.person_id, sa.func.count(), sa.func.max(annotation.c.created_at))
        .where(annotation.c.project_id == project_id, annotation.c.person_id.is_not(None), _STANDING)
        .group_by(annotation.c.person_id)
    )
    return {int(person): (int(n), int(at)) for person, n, at in tx.execute(query)}


def suggest_many(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write suggestions; one that is there stays."""
    if rows:
        tx.execute(_SUGGEST[tx.dialect.name], rows)


def suggestions(tx: Connection, item_id: int) -> list[Suggestion]:
    """Everything that models said of an item, oldest model first."""
    return [Suggestion(**row) for row in tx.execute(_SUGGESTED_FOR, {"item": item_id}).mappings()]


def suggestions_of(tx: Connection, items: Sequence[int], model_version_id: int) -> Iterable[Suggestion]:
    """What one model said of many items."""
    wanted = _SUGGESTED.where(suggestion.c.model_version_id == model_version_id)
    for start in range(0, len(items), CHUNK):
        chunk = wanted.where(suggestion.c.item_id.in_(items[start : start + CHUNK]))
        yield from (Suggestion(**row) for row in tx.execute(chunk).mappings())


def _annotations(rows: Any) -> list[Annotation]:
    return [Annotation(**row) for row in rows.mappings()]
