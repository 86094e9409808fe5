"""The door of this room: items enter once, are read often and never change."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from meguri.data import repository
from meguri.data.entry import preparer
from meguri.data.model import Added, DatasetVersion, Item, ItemFilter, ItemHome, NewItem, Prepared
from meguri.kit import clock
from meguri.kit.errors import Conflict, NotFound
from meguri.kit.ids import canonical
from meguri.kit.paging import Page, clamp, page_of
from meguri.storage import journal
from meguri.storage.blobs import Blobs

CHUNK = 1_000  # items a statement


def add(tx: Connection, blobs: Blobs, home: ItemHome, new: Iterable[NewItem], actor: str) -> list[Added]:
    """Add items in order; the same content or key again is the same item.

    Raises `Invalid` for content that is not of the project's modality, and `Conflict` for a key that is
    already the name of other content; both name the row. Nothing of a refused call stays.
    """
    prepare = preparer(blobs, home)
    prepared = (prepare(item, row) for row, item in enumerate(new, start=1))
    return [added for chunk in add_prepared(tx, home, prepared, actor) for added in chunk]


def add_prepared(tx: Connection, home: ItemHome, rows: Iterable[Prepared], actor: str) -> Iterator[list[Added]]:
    """Write rows that `data.entry.preparer` made, chunk by chunk; the caller must read it to the end."""
    waiting = iter(rows)
    created = existing = 0
    first = last = None
    repository.lock_adding(tx, home.project_id)
    while chunk := list(islice(waiting, CHUNK)):
        done = _add_chunk(tx, home, chunk)
        fresh = {added.item_id: row for added, row in zip(done, chunk, strict=True) if added.created}
        _journal(tx, fresh, actor)
        created += len(fresh)
        existing += len(done) - len(fresh)
        first, last = first or min(fresh, default=None), max(fresh, default=last)
        yield done
    if created:
        facts: dict[str, Any] = {"created": created, "existing": existing, "first": first, "last": last}
        journal.write(tx, "data.added", actor, project=home.project_id, **facts)


def _journal(tx: Connection, fresh: dict[int, Prepared], actor: str) -> None:
    """The first fact of each item's life. It names no project: to the project the whole import is one fact."""
    journal.write_many(
        tx,
        [
            {"kind": "data.entered", "actor": actor, "item_id": item_id, "facts": {"split": row.split, "row": row.row}}
            for item_id, row in fresh.items()
        ],
    )


def get(tx: Connection, project_id: int, item_id: int) -> Item:
    """One item of a project, or `NotFound`."""
    found = repository.get(tx, project_id, item_id)
    if found is None:
        raise NotFound(f"There is no item {item_id} in this project.", code="data.no_item", item=item_id)
    return found


def get_many(tx: Connection, ids: Sequence[int]) -> list[Item]:
    """The items of these ids, in the order asked for; those that do not exist are left out."""
    found: dict[int, Item] = {}
    for start in range(0, len(ids), CHUNK):
        found.update((item.id, item) for item in repository.get_many(tx, ids[start : start + CHUNK]))
    return [found[item_id] for item_id in ids if item_id in found]


def page(
    tx: Connection,
    project_id: int,
    filters: ItemFilter | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> Page[Item]:
    """Items in order of id, after the id `after`."""
    size = clamp(limit)
    rows = repository.page(tx, project_id, filters or ItemFilter(), after or 0, size + 1)
    return page_of(rows, size, lambda item: item.id)


def page_ids(
    tx: Connection, project_id: int, filters: ItemFilter, after: int, limit: int, *, until: int | None = None
) -> list[int]:
    """The ids alone of a page; with `until`, of items up to that id."""
    return repository.page_ids(tx, project_id, filters, after, limit, until)


def id_after(tx: Connection, project_id: int, after: int, steps: int) -> int | None:
    """The id of the item that stands `steps` places after an id; None where the project ends before."""
    return repository.id_after(tx, project_id, after, steps)


def every(tx: Connection, project_id: int, split: str | None = None) -> Iterator[Item]:
    """All items of a project in order of id, read page by page: memory does not grow with the project."""
    after: int | None = 0
    while after is not None:
        found = page(tx, project_id, ItemFilter(split=split), after, CHUNK)
        yield from found.rows
        after = found.after


def find_keys(tx: Connection, project_id: int, keys: Sequence[str]) -> dict[str, int]:
    """`{key: item id}` of those keys that are the name of an item."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), CHUNK):
        rows = repository.known(tx, project_id, [], keys[start : start + CHUNK])
        found.update((row.key, row.id) for row in rows)
    return found


def ids(tx: Connection, project_id: int, split: str | None = None) -> list[int]:
    """Ids of a split, or of all, rising."""
    return repository.ids(tx, project_id, split)


def count(tx: Connection, project_id: int) -> dict[str, int]:
    """`{split: items}`; a split without items is left out."""
    return repository.count(tx, project_id)


def content(blobs: Blobs, item: Item) -> bytes:
    """The item's bytes: of the text in UTF-8, or the blob."""
    return (item.text or "").encode() if item.blob is None else blobs.get(item.blob)


def freeze(
    tx: Connection, blobs: Blobs, project_id: int, rows: Iterable[dict[str, Any]], note: str = ""
) -> DatasetVersion:
    """Keep a list of `{item, hash, split, answers, confidence, annotations: [ids]}` for ever.

    The rows are put in order of item; the same rows as the newest version are that version.
    """
    ordered = sorted(rows, key=lambda row: row["item"])
    blob = blobs.put("".join(canonical(row) + "\n" for row in ordered).encode())
    newest = repository.newest_version(tx, project_id)
    if newest is not None and newest.hash == blob:
        return newest
    counts: dict[str, int] = {}
    for row in ordered:
        counts[row["split"]] = counts.get(row["split"], 0) + 1
    values = {
        "project_id": project_id,
        "number": 1 if newest is None else newest.number + 1,
        "hash": blob,
        "rows": len(ordered),
        "counts": counts,
        "note": note,
        "created_at": clock.now(),
    }
    return DatasetVersion(id=repository.insert_version(tx, values), **values)  # type: ignore[arg-type]


def dataset(tx: Connection, blobs: Blobs, version_id: int) -> list[dict[str, Any]]:
    """The rows of a frozen version, in order of item."""
    found = dataset_version(tx, version_id)
    with blobs.open(found.hash) as lines:
        return [json.loads(line) for line in lines]


def dataset_version(tx: Connection, version_id: int) -> DatasetVersion:
    """One version, or `NotFound`."""
    found = repository.version(tx, version_id)
    if found is None:
        raise NotFound(f"There is no dataset version {version_id}.", code="data.no_version", version=version_id)
    return found


def dataset_versions(tx: Connection, project_id: int) -> list[DatasetVersion]:
    """All versions of a project, newest first."""
    return repository.versions(tx, project_id)


def _add_chunk(tx: Connection, home: ItemHome, chunk: Sequence[Prepared]) -> list[Added]:
    """One SELECT for what is there, one INSERT for the rest."""
    keys = [row.key for row in chunk if row.key is not None]
    there = repository.known(tx, home.project_id, [row.hash for row in chunk], keys)
    by_hash = {found.hash: found.id for found in there}
    by_key = {found.key: found.hash for found in there if found.key is not None}
    fresh: dict[str, Prepared] = {}
    for row in chunk:
        _check_key(row, by_key)
        if row.hash not in by_hash:
            fresh.setdefault(row.hash, row)
    made = repository.insert(tx, home.project_id, home.modality, fresh.values())
    repository.count_more(tx, home.project_id, Counter(fresh[written].split for written in made))
    return [_outcome(row, by_hash, made, fresh) for row in chunk]


def _check_key(row: Prepared, by_key: dict[str, str]) -> None:
    """A key names one content for ever. Notes the row's key in `by_key`."""
    if row.key is None or by_key.setdefault(row.key, row.hash) == row.hash:
        return
    problem = f"The key {row.key!r} is already the name of other content; give this row another key or leave it out."
    place = {"row": row.row, "field": "key", "problem": problem}
    raise Conflict(
        f"{row.file}, row {row.row}: {problem}" if row.file else f"Row {row.row}: {problem}",
        code="data.key_taken",
        where=[{**place, "file": row.file} if row.file else place],
        key=row.key,
        row=row.row,
    )


def _outcome(row: Prepared, by_hash: dict[str, int], made: dict[str, int], fresh: dict[str, Prepared]) -> Added:
    if row.hash in by_hash:
        return Added(by_hash[row.hash], False)
    return Added(made[row.hash], fresh[row.hash] is row)
