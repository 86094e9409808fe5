"""The door of this room: rows become items with labels, and items with labels become files."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection

from meguri.annotation import service as annotation
from meguri.annotation.model import IMPORT, Answers
from meguri.data import service as data
from meguri.data.model import Added, Prepared
from meguri.formats.base import Format, Problem, ReadOptions, Row, recognise
from meguri.formats.checked import Checked, check, new_items, options_for
from meguri.formats.members.file import file_row
from meguri.formats.members.folder import is_hidden, label_folders
from meguri.formats.shape import folder_of
from meguri.formats.upload import Upload
from meguri.kit.errors import Invalid
from meguri.labelling import service as labelling
from meguri.labelling.model import WAKE, Project, wake_serial
from meguri.storage import jobs, journal
from meguri.storage.blobs import Blobs
from meguri.storage.store import Store

READ_LABELS = "formats.read_labels"  # the job that counts what an import brought along
_HEAD = 1024
Counts = dict[str, int]


def import_rows(
    tx: Connection,
    blobs: Blobs,
    project: Project,
    rows: Iterable[Row | Problem],
    actor: str,
    *,
    question: str | None = None,
    max_item: int = 64 << 20,
) -> Counts:
    """Add rows with their labels, all or none; `{created, existing}`.

    For large imports `check` before the transaction and `write` in it: so the database is locked only while writing.
    """
    with closing(check(blobs, project, rows, max_item, question)) as checked:
        return write(tx, project, checked, actor)


def write(tx: Connection, project: Project, checked: Checked, actor: str) -> Counts:
    """Write checked rows and wake the loop. Labels count as the truth; the same label again changes nothing."""
    labelling.check_active(labelling.project(tx, project.id))  # it may have been archived since
    answers: list[Answers | None] = []

    def prepared() -> Iterator[Prepared]:
        for row, given in checked:
            answers.append(given)
            yield row

    created = total = labelled = 0
    first: int | None = None
    for chunk in data.add_prepared(tx, project.home, prepared(), actor):
        fresh = [added.item_id for added in chunk if added.created]
        first = first or min(fresh, default=None)
        created += len(fresh)
        total += len(chunk)
        labelled += _label(tx, project, list(zip(chunk, answers, strict=True)), first)
        answers.clear()
    if labelled:
        journal.write(tx, "annotation.imported", actor, project=project.id, labels=labelled)
        # One after another with the loop's own steps: both bring the consensus up to date.
        jobs.wake(tx, READ_LABELS, {"project": project.id}, serial=wake_serial(project.id), project=project.id)
    jobs.wake(tx, WAKE, {"project": project.id}, serial=wake_serial(project.id), project=project.id)
    return {"created": created, "existing": total - created}


def _label(tx: Connection, project: Project, rows: list[tuple[Added, Answers | None]], first: int | None) -> int:
    """Keep the labels that are new; returns how many. `first` is the first item that this import made."""
    given: dict[int, Answers] = {}
    for added, answers in rows:
        if answers is not None:
            given.setdefault(added.item_id, answers)
    old = sorted({added.item_id for added, _ in rows if not added.created and added.item_id in given})
    if old:
        for item, standing in annotation.of_items(tx, project.id, old).items():
            imported = [one.answers for one in standing if one.source == IMPORT]
            # The same label again is no news; of two rows of one import with the same content the first counts.
            if given[item] in imported or (imported and first is not None and item >= first):
                del given[item]
    if not given:
        return 0
    return annotation.add_imported(tx, project.schema, project.id, given.items())


def check_upload(
    store: Store, project: Project, upload: Upload, *, question: str | None = None, **said: Any
) -> Checked:
    """Check everything in an upload; see `write` for the rest."""
    options = options_for(store.config, project, question=question, **said)
    return check(store.blobs, project, read_upload(upload, options), options.max_item, question)


def read_upload(upload: Upload, options: ReadOptions) -> Iterator[Row | Problem]:
    """The rows of every file of an upload, in order. Files in folders may have the folder's name as label."""
    if not upload.parts:
        raise Invalid("There is no file in the request; send at least one.", code="formats.empty")
    paths = [part.name for part in upload.parts]
    labelled = label_folders(paths, options)
    for number, part in enumerate(upload.parts, start=1):
        if is_hidden(part.name) and len(paths) > 1:
            continue
        with upload.open(part) as source:
            yield from _read_part(source, part.name, number, labelled, options, told_by=part.told_by)


def _read_part(
    source: IO[bytes], name: str, number: int, labelled: bool, options: ReadOptions, *, told_by: str = ""
) -> Iterator[Row | Problem]:
    """One file: of many rows where its format says so, else a single item."""
    head = _head(source)
    member = recognise(told_by or name, head) if head or not name else None  # an empty file has no format
    if member is not None and member.many:
        yield from _named(member, source, replace(options, name=name))
        return
    row = file_row(source, number, name, options)
    folder = folder_of(name) if labelled else None
    yield replace(row, label=folder) if isinstance(row, Row) and folder else row


def _named(member: Format, source: IO[bytes], options: ReadOptions) -> Iterator[Row | Problem]:
    """The rows; an error that ends the reading says in which file."""
    try:
        yield from member.read(source, options)
    except Invalid as error:
        if not options.name:
            raise
        where = [{**place, "file": options.name} for place in error.where or [{"problem": error.detail}]]
        raise Invalid(f"{options.name}: {error.detail}", code=error.code, where=where, **error.params) from None


def read_path(path: Path, options: ReadOptions) -> Iterator[Row | Problem]:
    """The rows of a file, or of a directory whose folders are the classes."""
    if path.is_dir():
        yield from _read_directory(path, options)
        return
    with path.open("rb") as source:
        yield from _read_part(source, path.name, 1, False, options)


def _read_directory(root: Path, options: ReadOptions) -> Iterator[Row | Problem]:
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    visible = [path for path in paths if not is_hidden(path)]
    if not visible:
        raise Invalid(f"There is no file in {root}.", code="formats.empty")
    labelled = label_folders(visible, options)
    for number, path in enumerate(visible, start=1):
        with (root / path).open("rb") as source:
            yield from _read_part(source, path, number, labelled, options)


def _head(source: IO[bytes]) -> bytes:
    head = source.read(_HEAD)
    source.seek(0)
    return head


__all__ = ["check", "check_upload", "import_rows", "new_items", "options_for", "read_path", "read_upload", "write"]
