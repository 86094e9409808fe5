"""Tables: commas, tabs or semicolons, with a row of column names first."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import IO, Any

from meguri.formats.base import Format, Problem, ReadOptions, Record, Row, Target, formats
from meguri.formats.lines import Lines
from meguri.formats.shape import KEY_NAMES, LABEL_NAMES, TEXT_NAMES, TEXT_NAMES_JA, guess_column, table_row
from meguri.kit.errors import Invalid

csv.field_size_limit(1 << 30)  # the module's own limit is 128 kB; `Lines` holds every record to `max_row`

_OWN = ["id", "key", "split", "gold", "text", "file", "meta"]  # the first columns of an export
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?$")


@formats.register
class Csv(Format):
    """Comma-separated values. Cells that a spreadsheet would run as a formula are written with a `'` before them."""

    name = "csv"
    reads = writes = True
    mime = "text/csv; charset=utf-8"
    suffix = ".csv"
    rank = 45

    def recognises(self, name: str, head: bytes) -> bool:
        return name.lower().endswith((".csv", ".tsv", ".tab"))

    def read(self, source: IO[bytes], options: ReadOptions) -> Iterator[Row | Problem]:
        lines = Lines(source, options)
        table = _records(lines)
        columns = next(table, None)
        if columns is None:
            raise Invalid("The file is empty; its first row must name the columns.", code="formats.empty")
        named = choose_columns(columns, options)
        return _exported(table, columns, named) if columns[: len(_OWN)] == _OWN else _rows(table, columns, named, lines)

    def table(self, source: IO[bytes], options: ReadOptions, count: int) -> tuple[list[str], list[dict[str, Any]]]:
        columns, *rows = list(islice(_records(Lines(source, options)), count + 1)) or [[]]
        return columns, [dict(zip(columns, cells, strict=False)) for cells in rows]

    def write(self, records: Iterable[Record], target: Target) -> Iterator[bytes]:
        names = [question.name for question in target.questions]
        columns = [*_OWN, *(column for name in names for column in (name, f"{name}_confidence", f"{name}_answers"))]
        yield _line(columns).encode("utf-8-sig")  # the mark tells Excel that this is UTF-8
        for record in records:
            yield _line(_cells(record, names)).encode()


def choose_columns(columns: list[str], options: ReadOptions) -> ReadOptions:
    """The options with a column for the text, and for label and key where they were named or can be told by name.

    Raises `Invalid` that lists the columns there are.
    """
    twice = next((name for i, name in enumerate(columns) if name in columns[:i]), None)
    if twice is not None:
        raise Invalid(f"Two columns are named {twice!r}; rename one.", code="formats.column_twice", column=twice)
    for column in (options.text_column, options.label_column, options.key_column):
        if column is not None and column not in columns:
            raise _no_column(column, columns)
    wanted = (*TEXT_NAMES, *TEXT_NAMES_JA) if options.inline else ("url", "data")
    text = options.text_column or guess_column(columns, wanted)
    if text is None:
        raise _no_column(wanted[0], columns)
    rest = [name for name in columns if name != text]
    label = options.label_column or guess_column(rest, LABEL_NAMES)
    key = options.key_column or guess_column(rest, KEY_NAMES)
    return replace(options, text_column=text, label_column=label, key_column=key)


def _no_column(column: str, columns: list[str]) -> Invalid:
    shown = ", ".join(columns)
    mend = "name the one that holds the content with `text_column=`"
    return Invalid(
        f"Row 1: there is no column {column!r}; there are: {shown}. Rename one, or {mend}.",
        code="formats.no_column",
        where=[{"row": 1, "field": column, "problem": f"no such column; there are: {shown}"}],
        column=column,
        columns=columns,
    )


def _records(lines: Lines) -> Iterator[list[str]]:
    """The rows of the table that are not blank; `lines.row` is the row as a spreadsheet counts."""
    first = next(lines, None)
    if first is None:
        return
    table = csv.reader(_chain(first, lines), delimiter=_delimiter(first), strict=True)
    try:
        for cells in table:
            if cells:
                yield cells
            lines.row += 1
            lines.fresh()
    except csv.Error as error:
        problem = f"The row is not CSV ({error}). Close every quotation mark, and write one inside a cell twice."
        place = {"row": lines.row, "problem": problem, "code": "formats.not_csv"}
        raise Invalid(f"Row {lines.row}: {problem}", code="formats.not_csv", where=[place], row=lines.row) from None


def _chain(first: str, lines: Lines) -> Iterator[str]:
    yield first
    yield from lines


def _delimiter(header: str) -> str:
    """The mark that parts the column names."""
    return max(",\t;", key=lambda mark: (header.count(mark), mark == ","))


def _rows(
    table: Iterator[list[str]], columns: list[str], options: ReadOptions, lines: Lines
) -> Iterator[Row | Problem]:
    for cells in table:
        if len(cells) == len(columns):
            yield table_row(dict(zip(columns, cells, strict=True)), lines.row, options)
        else:
            problem = (
                f"The row has {len(cells)} cells, but there are {len(columns)} columns. "
                "Put a cell that holds the separator or a line break in quotation marks."
            )
            yield Problem(lines.row, problem, "formats.ragged", file=options.name)


def _exported(table: Iterator[list[str]], columns: list[str], options: ReadOptions) -> Iterator[Row | Problem]:
    """A table that this format wrote: the same items come back."""
    questions = columns[len(_OWN) :: 3]
    for number, cells in enumerate(table, start=2):
        row = {name: _read_back(cell) for name, cell in zip(columns, cells, strict=False)}
        labels = {name: row[name] for name in questions if row.get(name)}
        plain = {"text": row.get("text", ""), "key": row.get("key", ""), "gold": row.get("gold", "")}
        read = table_row(plain, number, replace(options, text_column="text", key_column="key", label_column=None))
        yield replace(read, label=labels or None, meta=_meta(row.get("meta", ""))) if isinstance(read, Row) else read


def _meta(cell: str) -> dict[str, Any]:
    try:
        meta = json.loads(cell or "{}")
    except ValueError:
        return {}
    return meta if isinstance(meta, dict) else {}


def _cells(record: Record, names: list[str]) -> list[Any]:
    item = record.item
    file = "" if item.blob is None else f"items/{item.id}/content"
    meta = json.dumps(item.meta, ensure_ascii=False) if item.meta else ""
    cells: list[Any] = [item.id, item.key or "", item.split, str(item.gold).lower(), item.text or "", file, meta]
    for name in names:
        label = record.labels.get(name)
        if label is None:
            cells += ["", "", ""]
        else:
            shown = label.text if label.text is not None else json.dumps(label.value, ensure_ascii=False)
            cells += [shown, round(label.confidence, 6), label.answers]
    return cells


def _line(cells: list[Any]) -> str:
    target = io.StringIO(newline="")
    csv.writer(target).writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return target.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet runs what begins with `=`, `+`, `-` or `@`; with a `'` before it, it is text."""
    if cell.startswith(_FORMULA) and not _NUMBER.match(cell):
        return "'" + cell
    return cell


def _read_back(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
