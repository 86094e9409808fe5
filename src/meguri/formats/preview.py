"""A first look at a file before it is imported: its columns, its first rows, and what would go wrong."""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import IO, Any

from meguri.formats.base import Format, Problem, ReadOptions, Row, recognise
from meguri.formats.shape import KEY_NAMES, LABEL_NAMES, TEXT_NAMES, TEXT_NAMES_JA, guess_column
from meguri.kit.errors import Invalid

ROWS = 20  # shown
LOOKED_AT = 1_000  # rows read for problems and label counts
_EXCERPT = 300


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file seems to be. `labels` counts the labels among the rows looked at."""

    format: str
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    guessed: dict[str, str | None] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)


def preview(source: IO[bytes], options: ReadOptions) -> Preview:
    """Look at the beginning of a file; what is wrong with it is told, not raised."""
    head = source.read(1024)
    source.seek(0)
    member = recognise(options.name, head)
    if member is None:
        return Preview("", problems=[{"row": 1, "problem": "No format reads this file.", "code": "formats.unknown"}])
    try:
        columns, rows = member.table(source, options, ROWS)
    except Invalid as error:
        return Preview(member.name, problems=_places(error))
    source.seek(0)
    guessed = guess(columns, rows, options)
    known = replace(
        options, text_column=guessed["text"], label_column=guessed["label"], key_column=guessed["key"], folders="yes"
    )
    labels, problems = _look(member, source, known)
    return Preview(member.name, columns, [_short(row) for row in rows], guessed, labels, problems)


def guess(columns: list[str], rows: list[dict[str, Any]], options: ReadOptions) -> dict[str, str | None]:
    """Which columns hold the content, the label and the key: as said, by name, or the one with the longest texts."""
    if not columns:
        return {"text": None, "label": None, "key": None}
    wanted = (*TEXT_NAMES, *TEXT_NAMES_JA) if options.inline else ("url", "data")
    text = options.text_column or guess_column(columns, wanted) or _longest(columns, rows)
    rest = [name for name in columns if name != text]
    asked = next((name for name in rest if name in options.questions), None)
    label = options.label_column or asked or guess_column(rest, LABEL_NAMES)
    return {"text": text, "label": label, "key": options.key_column or guess_column(rest, KEY_NAMES)}


def _longest(columns: list[str], rows: list[dict[str, Any]]) -> str | None:
    size = {name: sum(len(str(row.get(name, ""))) for row in rows) for name in columns}
    return max(columns, key=size.__getitem__, default=None)


def _look(member: Format, source: IO[bytes], options: ReadOptions) -> tuple[dict[str, int], list[dict[str, Any]]]:
    labels: Counter[str] = Counter()
    problems: list[dict[str, Any]] = []
    try:
        for row in islice(member.read(source, options), LOOKED_AT):
            if isinstance(row, Problem):
                problems.append(row.to_json())
            else:
                labels.update(_labels(row))
    except Invalid as error:
        problems += _places(error)
    return dict(labels.most_common(100)), problems[:50]


def _labels(row: Row) -> list[str]:
    if isinstance(row.label, dict):
        return [str(value) for value in row.label.values()]
    if isinstance(row.label, list):
        return [str(value) for value in row.label]
    return [] if row.label is None else [str(row.label)]


def _places(error: Invalid) -> list[dict[str, Any]]:
    return [{"problem": error.detail, "code": error.code, **place} for place in error.where or [{"row": 1}]]


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {name: cell[:_EXCERPT] if isinstance(cell, str) else cell for name, cell in row.items()}
