"""Items with their labels on their way out, page by page: memory does not grow with the project."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Connection

from meguri.annotation import service as annotation
from meguri.annotation.model import Annotation
from meguri.data import service as data
from meguri.data.model import Item, ItemFilter
from meguri.formats.base import Format, Label, Record, Target, formats
from meguri.kit.errors import Invalid
from meguri.labelling.model import Project
from meguri.quality import service as quality
from meguri.quality.model import Consensus
from meguri.storage.blobs import Blobs
from meguri.storage.database import Database

T = TypeVar("T")
Reader = Callable[[Callable[[Connection], T]], T]

PAGE = 500
_PIECE = 1 << 16


def writer(name: str) -> Format:
    """The format of that name, if items can be written in it; else `Invalid`."""
    known = {one: other for one, other in formats.items() if other.writes}
    if name not in known:
        raise Invalid(
            f"Items cannot be exported as {name}; there are: {', '.join(known)}.", code="formats.no_writer", format=name
        )
    return known[name]


def count_answers(database: Database, project: Project) -> None:
    """See to it that no answer given so far is missing in an export, also where no loop has read it yet."""
    with database.read() as tx:
        unread = quality.unread_since(tx, project.id) is not None
    if unread:
        database.run(lambda tx: quality.aggregate(tx, project))


def export(
    tx: Connection, blobs: Blobs, project: Project, format: str = "jsonl", *, split: str | None = None
) -> Iterator[bytes]:
    """The project as one file, in one consistent view."""
    return _export(lambda work: work(tx), blobs, project, writer(format), split)


def export_live(
    database: Database, blobs: Blobs, project: Project, format: str = "jsonl", *, split: str | None = None
) -> Iterator[bytes]:
    """The project as one file, for a reader of any speed: no view is held while it reads."""

    def read(work: Callable[[Connection], T]) -> T:
        with database.read() as tx:
            return work(tx)

    return _export(read, blobs, project, writer(format), split)


def _export(
    read: Callable[[Callable[[Connection], Any]], Any],
    blobs: Blobs,
    project: Project,
    member: Format,
    split: str | None,
) -> Iterator[bytes]:
    target = Target(project.schema.questions, lambda item: data.content(blobs, item))
    return _in_pieces(member.write(_records(read, project, split), target))


def _records(
    read: Callable[[Callable[[Connection], Any]], Any], project: Project, split: str | None
) -> Iterator[Record]:
    after = 0
    while True:
        page: list[Record] = read(lambda tx, after=after: _page(tx, project, split, after))  # type: ignore[misc]
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].item.id


def _page(tx: Connection, project: Project, split: str | None, after: int) -> list[Record]:
    items = data.page(tx, project.id, ItemFilter(split=split), after, PAGE).rows
    ids = [item.id for item in items]
    agreed = quality.consensus(tx, ids)
    answers = annotation.of_items(tx, project.id, ids)
    return [_record(item, agreed[item.id], answers[item.id]) for item in items]


def _record(item: Item, agreed: dict[str, Consensus], answers: list[Annotation]) -> Record:
    labels = {name: Label(one.value, one.confidence, one.answers, one.label) for name, one in agreed.items()}
    return Record(item, labels, [_answer(one) for one in answers])


def _answer(one: Annotation) -> dict[str, Any]:
    return {
        "person": one.person_id,
        "answers": one.answers,
        "seconds": one.seconds,
        "at": one.created_at,
        "reason": one.reason,
    }


def _in_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces large enough for a network."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
