"""A request's body on its way to one temporary file: bounded, never in memory as a whole.

A multipart body may hold a hundred thousand small files; they lie one after another in the same file, and are read
as slices of it. So neither memory nor file handles grow with their number.
"""

import io
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import IO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from meguri.formats.base import MEGABYTE
from meguri.formats.lines import row_too_long
from meguri.kit.errors import Invalid

_IN_MEMORY = 4 * MEGABYTE
_MAX_FIELD = 65_536
_MAX_PARTS = 200_000
_NAMES = {b"text/csv": "items.csv", b"text/tab-separated-values": "items.tsv", b"application/zip": "items.zip"}


@dataclass(slots=True)
class Part:
    """One file of the body: its name as the sender gave it (none where it is the whole body), and where it lies."""

    name: str
    start: int
    length: int = 0
    like: str = ""  # where it has no name: one that tells its format

    @property
    def told_by(self) -> str:
        """The name that its format is told by."""
        return self.name or self.like


@dataclass(slots=True)
class Upload:
    """What came: `fields` are short texts beside the files. Close it when done."""

    file: IO[bytes]
    parts: list[Part] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def open(self, part: Part) -> IO[bytes]:
        """A seekable view of one part."""
        return io.BufferedReader(_Slice(self.file, part.start, part.length), 1 << 16)  # type: ignore[type-var]

    def close(self) -> None:
        self.file.close()


class _Slice(io.RawIOBase):
    """A window of a file. Only one slice of a file may be read at a time."""

    def __init__(self, file: IO[bytes], start: int, length: int) -> None:
        self._file, self._start, self._length, self._at = file, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, target: bytearray) -> int:  # type: ignore[override]
        self._file.seek(self._start + self._at)
        piece = self._file.read(min(len(target), self._length - self._at))
        target[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        if base + offset < 0:
            raise ValueError("a place before the beginning")
        self._at = min(base + offset, self._length)
        return self._at

    def tell(self) -> int:
        return self._at


async def receive(chunks: AsyncIterator[bytes], content_type: str, *, max_row: int) -> Upload:
    """Take in a body whose size the porch limits. Raises `Invalid` as soon as a line is longer than `max_row` bytes."""
    kind, options = parse_options_header(content_type)
    upload = Upload(tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 (the upload closes it)
    try:
        if kind == b"multipart/form-data":
            await _multipart(chunks, options.get(b"boundary", b""), upload)
        else:
            name = _NAMES.get(kind, "items.jsonl")
            await _plain(chunks, upload, Part("", 0, like=name), max_row)
    except BaseException:
        upload.close()
        raise
    return upload


async def _plain(chunks: AsyncIterator[bytes], upload: Upload, part: Part, max_row: int) -> None:
    """One file as the whole body. A line is refused as soon as it is longer than the limit."""
    line, row = 0, 1
    is_list: bool | None = None if part.like.endswith(".jsonl") else True
    async for chunk in chunks:
        if is_list is None and chunk.strip():
            is_list = chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        if not is_list:  # tables and lists are measured when they are read
            row += chunk.count(b"\n")
            line = len(chunk) - 1 - chunk.rfind(b"\n") if b"\n" in chunk else line + len(chunk)
            if line > max_row:
                raise row_too_long(row, max_row)
        upload.file.write(chunk)
        part.length += len(chunk)
    upload.parts.append(part)


async def _multipart(chunks: AsyncIterator[bytes], boundary: bytes, upload: Upload) -> None:
    if not boundary:
        raise Invalid("The multipart request names no boundary.", code="formats.multipart")
    reader = _Reader(upload)
    parser = MultipartParser(boundary, reader.callbacks())  # type: ignore[arg-type]
    try:
        async for chunk in chunks:
            parser.write(chunk)
        parser.finalize()
    except MultipartParseError as error:
        raise Invalid(f"The multipart request is damaged ({error}); send it again.", code="formats.multipart") from None
    if not reader.ended:
        raise Invalid("The multipart request ends too early; send it again.", code="formats.multipart")


class _Reader:
    """Hears what the parser finds and writes it down."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._end = 0
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._part: Part | None = None
        self._field = ""
        self._value = bytearray()
        self._count = 0
        self.ended = False

    def callbacks(self) -> dict[str, object]:
        names = ("part_begin", "part_data", "part_end", "header_field", "header_value", "header_end")
        return {f"on_{name}": getattr(self, name) for name in (*names, "headers_finished", "end")}

    def part_begin(self) -> None:
        self._count += 1
        if self._count > _MAX_PARTS:
            raise Invalid(
                f"More than {_MAX_PARTS} files in one request; send them in several, or as a zip.",
                code="formats.multipart",
            )
        self._disposition, self._part, self._field = b"", None, ""
        self._value.clear()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def header_end(self) -> None:
        name, value = (bytes(piece) for piece in self._header)
        if name.lower() == b"content-disposition":
            self._disposition = value
        for piece in self._header:
            piece.clear()

    def headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"filename")
        if name is None:
            self._field = options.get(b"name", b"").decode(errors="replace")
            return
        self._part = Part(name.decode(errors="replace").replace("\0", ""), self._end)
        self._upload.parts.append(self._part)

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part is None:
            self._value.extend(data[start:end])
            if len(self._value) > _MAX_FIELD:
                raise Invalid("A field beside the files is too long.", code="formats.multipart", field=self._field)
            return
        self._upload.file.write(data[start:end])
        self._part.length += end - start
        self._end += end - start

    def part_end(self) -> None:
        if self._part is None and self._field:
            self._upload.fields[self._field] = self._value.decode(errors="replace")

    def end(self) -> None:
        self.ended = True
