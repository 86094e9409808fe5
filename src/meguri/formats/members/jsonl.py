"""JSON lines, and one JSON array: `{text | url | data, key?, meta?, label?, gold?}` in, everything known out."""

import codecs
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

from meguri.formats.base import Format, Problem, ReadOptions, Record, Row, Target, formats
from meguri.formats.lines import numbered, row_too_long
from meguri.formats.shape import row_of
from meguri.kit import clock
from meguri.kit.errors import Invalid

_STEP = 65_536
_SPACE = " \t\r\n"


@formats.register
class JsonLines(Format):
    """One object a line, or a list of objects."""

    name = "jsonl"
    reads = writes = True
    mime = "application/x-ndjson"
    suffix = ".jsonl"
    rank = 40

    def recognises(self, name: str, head: bytes) -> bool:
        return name.lower().endswith((".jsonl", ".ndjson", ".json"))

    def read(self, source: IO[bytes], options: ReadOptions) -> Iterator[Row | Problem]:
        for number, value in _values(source, options):
            yield value if isinstance(value, Problem) else row_of(value, number, options)

    def table(self, source: IO[bytes], options: ReadOptions, count: int) -> tuple[list[str], list[dict[str, Any]]]:
        first = islice(_values(source, options), count)
        rows = [value for _, value in first if isinstance(value, dict)]
        return list(dict.fromkeys(name for row in rows for name in row)), rows

    def write(self, records: Iterable[Record], target: Target) -> Iterator[bytes]:
        for record in records:
            yield json.dumps(_outside(record), ensure_ascii=False).encode() + b"\n"


def _values(source: IO[bytes], options: ReadOptions) -> Iterator[tuple[int, Any]]:
    """`(row, value)` of each line or element; a `Problem` where a line is not JSON."""
    head = source.read(1024).removeprefix(codecs.BOM_UTF8).lstrip()
    source.seek(0)
    return _array(source, options) if head.startswith(b"[") else _lines(source, options)


def _lines(source: IO[bytes], options: ReadOptions) -> Iterator[tuple[int, Any]]:
    for number, line in numbered(source, options):
        try:
            yield number, json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            yield number, _not_json(number, error, options)


def _array(source: IO[bytes], options: ReadOptions) -> Iterator[tuple[int, Any]]:
    """The elements of a list of any length, one at a time: only one of them is in memory."""
    text = _Text(source, options)
    number = 0
    text.expect("[")
    while text.peek() != "]":
        number += 1
        if number > 1:
            text.expect(",")
        text.row = number
        try:
            yield number, text.value()
        except RecursionError as error:
            raise _broken(number, str(error)) from None
    text.expect("]")
    if text.peek():
        raise _broken(number + 1, "something follows the end of the list")


class _Text:
    """A reader of JSON text that fetches more when it runs out."""

    def __init__(self, source: IO[bytes], options: ReadOptions) -> None:
        self._source = source
        self._limit = options.max_row
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)
        self._bytes = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._fault = ""  # why the bytes that come next are not UTF-8
        self.row = 1

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_STEP):
                return ""

    def expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise _broken(self.row, f"a {mark!r} was expected")
        self._at += 1

    def value(self) -> Any:
        """The next whole value."""
        self.peek()
        step = _STEP
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                if end < len(self._text):  # a number at the very end of what was fetched may go on
                    self._at = end
                    return value
            except ValueError as error:
                if self._is_wrong(error):
                    raise _broken(self.row, str(error)) from None
            if len(self._text) - self._at > self._limit:
                raise row_too_long(self.row, self._limit)
            if not self._more(step):
                raise _broken(self.row, "the list ends in the middle of a value")
            step *= 2

    def _is_wrong(self, error: ValueError) -> bool:
        """Whether more text cannot help: the fault lies well before the end of what was fetched."""
        unterminated = "Unterminated string" in str(error)
        return isinstance(error, json.JSONDecodeError) and not unterminated and error.pos < len(self._text) - 16

    def _more(self, step: int) -> bool:
        if self._fault:
            raise _not_utf8(self.row, self._fault)
        chunk = self._source.read(step)
        try:
            fresh = self._bytes.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:  # told once the rows before it are read, so that the right row is named
            fresh, self._fault = error.object[: error.start].decode(), error.reason
        self._text = self._text[self._at :] + fresh
        self._at = 0
        return bool(chunk or self._fault)


def _not_utf8(row: int, reason: str) -> Invalid:
    problem = f"The text is not UTF-8 ({reason}); send JSON as UTF-8."
    place = {"row": row, "problem": problem, "code": "formats.encoding"}
    return Invalid(f"Row {row}: {problem}", code="formats.encoding", where=[place], row=row)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _not_json(number: int, error: Exception, options: ReadOptions) -> Problem:
    told = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    problem = f"The line is not JSON ({told}); write one whole object on each line."
    return Problem(number, problem, "formats.not_json", file=options.name)


def _broken(row: int, what: str) -> Invalid:
    problem = f"The list is not JSON from here on ({what}); mend it, or send one object on each line."
    place = {"row": row, "problem": problem, "code": "formats.not_json"}
    return Invalid(f"Row {row}: {problem}", code="formats.not_json", where=[place], row=row)


def _outside(record: Record) -> dict[str, Any]:
    """An item as a line of an export; read again, it is the same item with the same labels."""
    item = record.item
    line: dict[str, Any] = {"id": item.id, "key": item.key, "hash": item.hash, "split": item.split, "gold": item.gold}
    if item.text is not None:
        line["text"] = item.text
    else:
        line["file"] = f"items/{item.id}/content"  # below the project's address
        line["mime"] = item.mime
    line["meta"] = item.meta
    line["labels"] = {
        name: {"value": label.value, "confidence": label.confidence, "answers": label.answers}
        for name, label in record.labels.items()
    }
    line["annotations"] = [{**one, "at": clock.iso(one["at"])} for one in record.annotations]
    return line
