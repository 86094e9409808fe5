"""The only SQL of this room: rows ⇄ dataclasses."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from meguri.data.model import DatasetVersion, Item, ItemFilter, Prepared
from meguri.data.tables import dataset_version, item, item_count
from meguri.kit import clock

_INSERT = sa.insert(item).returning(item.c.hash, item.c.id)

_KNOWN = (item.c.id, item.c.key, item.c.hash)
_BY_HASH = sa.select(*_KNOWN).where(
    item.c.project_id == bindparam("project"), item.c.hash.in_(bindparam("hashes", expanding=True))
)
_BY_KEY = sa.select(*_KNOWN).where(
    item.c.project_id == bindparam("project"), item.c.key.in_(bindparam("keys", expanding=True))
)
_BY_HASH_OR_KEY = sa.union_all(_BY_HASH, _BY_KEY)

_ROOM = 0x17E4  # tells our advisory locks from others'
_LOCK = sa.text("SELECT pg_advisory_xact_lock(:room, :project)")

_ONE = sa.select(item).where(item.c.id == bindparam("id"), item.c.project_id == bindparam("project"))
_MANY = sa.select(item).where(item.c.id.in_(bindparam("ids", expanding=True)))
_COUNT = sa.select(item_count.c.split, item_count.c.n).where(item_count.c.project_id == bindparam("project"))
_RECOUNT = (
    sa.select(item.c.split, sa.func.count()).where(item.c.project_id == bindparam("project")).group_by(item.c.split)
)
_IDS = sa.select(item.c.id).where(item.c.project_id == bindparam("project")).order_by(item.c.id)
_IDS_OF_SPLIT = (
    sa.select(item.c.id)
    .where(item.c.project_id == bindparam("project"), item.c.split == bindparam("split"))
    .order_by(item.c.id)
)


def lock_adding(tx: Connection, project_id: int) -> None:
    """Let two transactions that add items to one project wait for each other, so that each sees what the other added.

    SQLite has one writer at any time and needs no lock.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(_LOCK, {"room": _ROOM, "project": project_id % (1 << 31)})


def known(tx: Connection, project_id: int, hashes: Sequence[str], keys: Sequence[str]) -> list[sa.Row[Any]]:
    """`(id, key, hash)` of the items that have one of the hashes or one of the keys; a row may come twice."""
    given: dict[str, Any] = {"project": project_id, "hashes": hashes}
    if not keys:
        return list(tx.execute(_BY_HASH, given))
    return list(tx.execute(_BY_HASH_OR_KEY, {**given, "keys": keys}))


def insert(tx: Connection, project_id: int, modality: str, rows: Iterable[Prepared]) -> dict[str, int]:
    """Write the rows with as few statements as possible; `{hash: id}` of those written."""
    at = clock.now()
    values = [
        {
            "project_id": project_id,
            "key": row.key,
            "hash": row.hash,
            "modality": modality,
            "split": row.split,
            "gold": row.gold,
            "text": row.text,
            "blob": row.blob,
            "mime": row.mime,
            "bytes": row.bytes,
            "traits": row.traits,
            "meta": row.meta,
            "created_at": at,
        }
        for row in rows
    ]
    if not values:
        return {}
    return {row[0]: row[1] for row in tx.execute(_INSERT, values)}


def get(tx: Connection, project_id: int, item_id: int) -> Item | None:
    """One item, if it belongs to the project."""
    row = tx.execute(_ONE, {"id": item_id, "project": project_id}).mappings().first()
    return None if row is None else _item(row)


def get_many(tx: Connection, ids: Sequence[int]) -> list[Item]:
    """The items in no particular order."""
    return [_item(row) for row in tx.execute(_MANY, {"ids": list(ids)}).mappings()]


def page(tx: Connection, project_id: int, filters: ItemFilter, after: int, limit: int) -> list[Item]:
    """Up to `limit` items with an id above `after`, in order of id."""
    return [_item(row) for row in tx.execute(_page(sa.select(item), project_id, filters, after, limit)).mappings()]


def page_ids(
    tx: Connection, project_id: int, filters: ItemFilter, after: int, limit: int, until: int | None
) -> list[int]:
    """The same, ids alone."""
    query = _page(sa.select(item.c.id), project_id, filters, after, limit)
    return list(tx.scalars(query if until is None else query.where(item.c.id <= until)))


def id_after(tx: Connection, project_id: int, after: int, steps: int) -> int | None:
    """The id that stands `steps` places after `after`."""
    query = sa.select(item.c.id).where(item.c.project_id == project_id, item.c.id > after)
    return tx.scalar(query.order_by(item.c.id).offset(steps - 1).limit(1))


def _page(query: Any, project_id: int, filters: ItemFilter, after: int, limit: int) -> Any:
    query = query.where(item.c.project_id == project_id, item.c.id > after).order_by(item.c.id).limit(limit)
    if filters.split is not None:
        query = query.where(item.c.split == filters.split)
    if filters.gold is not None:
        query = query.where(item.c.gold == filters.gold)
    if filters.q:
        query = query.where(
            sa.or_(item.c.text.icontains(filters.q, autoescape=True), item.c.key.startswith(filters.q, autoescape=True))
        )
    return query


def ids(tx: Connection, project_id: int, split: str | None) -> list[int]:
    """Ids of one split or of all, rising."""
    if split is None:
        return list(tx.execute(_IDS, {"project": project_id}).scalars())
    return list(tx.execute(_IDS_OF_SPLIT, {"project": project_id, "split": split}).scalars())


def count(tx: Connection, project_id: int) -> dict[str, int]:
    """`{split: items}`."""
    return {row[0]: row[1] for row in tx.execute(_COUNT, {"project": project_id})}


def recount(tx: Connection, project_id: int) -> dict[str, int]:
    """The same, counted anew."""
    return {row[0]: row[1] for row in tx.execute(_RECOUNT, {"project": project_id})}


def count_more(tx: Connection, project_id: int, counts: Mapping[str, int]) -> None:
    """Raise the counters of a project's splits."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    for split, n in sorted(counts.items()):
        row = insert(item_count).values(project_id=project_id, split=split, n=n)
        key = [item_count.c.project_id, item_count.c.split]
        tx.execute(row.on_conflict_do_update(index_elements=key, set_={"n": item_count.c.n + n}))


def newest_version(tx: Connection, project_id: int) -> DatasetVersion | None:
    """The version with the highest number."""
    query = sa.select(dataset_version).where(dataset_version.c.project_id == project_id)
    row = tx.execute(query.order_by(dataset_version.c.number.desc()).limit(1)).mappings().first()
    return None if row is None else DatasetVersion(**row)


def insert_version(tx: Connection, values: Mapping[str, Any]) -> int:
    """Write one version; its id."""
    made = tx.execute(sa.insert(dataset_version).returning(dataset_version.c.id), values)
    return int(made.scalar_one())


def version(tx: Connection, version_id: int) -> DatasetVersion | None:
    """One version by its id."""
    row = tx.execute(sa.select(dataset_version).where(dataset_version.c.id == version_id)).mappings().first()
    return None if row is None else DatasetVersion(**row)


def versions(tx: Connection, project_id: int) -> list[DatasetVersion]:
    """All versions of a project, newest first."""
    query = sa.select(dataset_version).where(dataset_version.c.project_id == project_id)
    return [DatasetVersion(**row) for row in tx.execute(query.order_by(dataset_version.c.number.desc())).mappings()]


def _item(row: Any) -> Item:
    return Item(**row)
