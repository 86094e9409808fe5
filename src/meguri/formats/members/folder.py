"""A zip of class folders: `cat/1.png` is the item 1.png with the label cat."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO

from meguri.data.model import Item
from meguri.formats.base import MEGABYTE, Format, Problem, ReadOptions, Record, Row, Target, formats
from meguri.formats.members.file import file_row
from meguri.formats.shape import folder_of
from meguri.kit.errors import Invalid

MAX_FILES = 1_000_000
UNLABELLED = "_unlabelled"
_SYSTEM = ("__MACOSX",)
_EXTENSIONS = {"image/jpeg": "jpg", "text/plain": "txt"}


@formats.register
class Folder(Format):
    """Files in folders, zipped. Nothing is unpacked to disk: a file's path is only a name."""

    name = "folder"
    reads = writes = True
    mime = "application/zip"
    suffix = ".zip"
    rank = 10

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    def read(self, source: IO[bytes], options: ReadOptions) -> Iterator[Row | Problem]:
        try:
            with zipfile.ZipFile(source) as archive:
                yield from _rows(archive, options)
        except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
            raise Invalid(f"The zip file is damaged ({error}); make it again.", code="formats.zip_broken") from None

    def write(self, records: Iterable[Record], target: Target) -> Iterator[bytes]:
        first = target.questions[0].name if target.questions else ""
        pipe = _Pipe()
        with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
            for record in records:
                name = _path(record, first)
                kind = zipfile.ZIP_DEFLATED if record.item.blob is None else zipfile.ZIP_STORED
                archive.writestr(zipfile.ZipInfo(name), target.content(record.item), kind)
                yield pipe.taken()
        yield pipe.taken()


def _rows(archive: zipfile.ZipFile, options: ReadOptions) -> Iterator[Row | Problem]:
    files = [info for info in archive.infolist() if not info.is_dir() and not is_hidden(info.filename)]
    _check_size(files, options)
    labelled = label_folders([info.filename for info in files], options)
    for number, info in enumerate(files, start=1):
        found = _unpacked(archive, info, number, options)
        folder = folder_of(info.filename) if labelled else None
        yield replace(found, label=folder) if isinstance(found, Row) and folder else found


def _check_size(files: list[zipfile.ZipInfo], options: ReadOptions) -> None:
    """A small archive may unpack to more than any disk holds: what it promises is summed up before reading."""
    if not files:
        raise Invalid("There is no file in the zip; put some in it.", code="formats.empty")
    total = sum(info.file_size for info in files)
    if len(files) > MAX_FILES or total > options.max_total:
        limit = options.max_total // MEGABYTE
        raise Invalid(
            f"The zip holds {len(files)} files of {total / MEGABYTE:.0f} MB unpacked; at most {MAX_FILES} files of "
            f"{limit} MB together are taken. Split it.",
            code="formats.zip_too_large",
            files=len(files),
            limit=limit,
        )


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, number: int, options: ReadOptions) -> Row | Problem:
    name = info.filename
    fault = _fault(info)
    if fault:
        return Problem(number, fault, "formats.zip_entry", file=name)
    try:
        with archive.open(info) as source:  # read to the limit only, whatever size the entry claims
            return file_row(source, number, name, options)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        return Problem(number, f"The file cannot be unpacked ({error}); zip it again.", "formats.zip_entry", "", name)


def _fault(info: zipfile.ZipInfo) -> str | None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in info.orig_filename or ":" in path.parts[0]:
        return "The path leads out of the folder; zip the folder itself, without `..` and absolute paths."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "This is a link, not a file; zip the file that it leads to."
    if info.flag_bits & 0x1:
        return "The file is encrypted; zip it without a password."
    return None


def is_hidden(path: str) -> bool:
    """Whether a file was put there by the operating system, not by a person."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] in _SYSTEM or parts[-1] in ("Thumbs.db", "desktop.ini"):
        return True
    return parts[-1].startswith(".") and not parts[-1].startswith("..")


def label_folders(paths: Iterable[str], options: ReadOptions) -> bool:
    """Whether the names of the folders are labels: as said, or when one of them is a known label."""
    if options.folders != "auto":
        return options.folders == "yes"
    return any(folder_of(path) in options.known_labels for path in paths)


class _Pipe(io.RawIOBase):
    """A file that only grows, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _path(record: Record, question: str) -> str:
    label = record.labels.get(question)
    folder = UNLABELLED if label is None else safe_name(label.text or str(label.value))
    return f"{folder}/{record.item.id}.{_extension(record.item)}"


def safe_name(label: str) -> str:
    """A label as the name of a folder anywhere: no path, no control characters, no dots alone."""
    plain = "".join("_" if c in '/\\:*?"<>|' or ord(c) < 32 else c for c in label).strip(" .")
    return plain[:100] or "_"


def _extension(item: Item) -> str:
    mime = item.mime or "text/plain"
    return _EXTENSIONS.get(mime, mime.rpartition("/")[2])
