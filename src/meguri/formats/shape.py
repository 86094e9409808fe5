"""The shape of a row outside: `{text | url | data, key?, meta?, label?, gold?}`, and rows of tables. Pure."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from meguri.formats.base import MEGABYTE, Problem, ReadOptions, Row

SOURCES = ("text", "url", "data")
FIELDS = (*SOURCES, "key", "meta", "label", "gold")
# An export's own fields are understood when it comes back: `labels` are read, the others are made anew.
EXPORTED = frozenset({"id", "hash", "split", "mime", "file", "labels", "annotations"})
TEXT_NAMES = ("text", "content", "body", "comment", "message", "sentence", "review", "description", "title")
TEXT_NAMES_JA = ("本文", "テキスト", "内容", "コメント", "文章", "説明", "商品説明", "タイトル")
LABEL_NAMES = ("label", "labels", "class", "category", "target", "ラベル", "分類", "カテゴリ", "カテゴリー")
KEY_NAMES = ("key", "id", "uuid", "番号")


def row_of(value: Any, number: int, options: ReadOptions) -> Row | Problem:
    """One JSON value as a row, or what is wrong with it."""
    try:
        if not isinstance(value, dict):
            raise _Wrong("", f'A row is an object such as {{"text": "…"}}; this one is {_kind(value)}.')
        return _plain(value, number, options) if _is_plain(value, options) else table_row(value, number, options)
    except _Wrong as wrong:
        return Problem(number, wrong.problem, wrong.code, wrong.field, options.name)


def _is_plain(value: dict[str, Any], options: ReadOptions) -> bool:
    """Whether a row has the shape of the contract, also where its own columns were named."""
    if not options.is_table:
        return True
    said = (options.text_column, options.label_column, options.key_column)
    own = all(column in (None, name) for column, name in zip(said, ("text", "label", "key"), strict=True))
    return own and all(name in FIELDS or name in EXPORTED for name in value)


def table_row(cells: Mapping[str, Any], number: int, options: ReadOptions) -> Row | Problem:
    """A row of a table whose columns were named: what no column is named for becomes meta."""
    asked = () if options.label_column else options.questions
    named = {options.text_column, options.label_column, options.key_column, "gold", *asked}
    try:
        content = _table_content(cells, options)
        return Row(
            number,
            **content,
            key=_key(cells.get(options.key_column or "")),
            meta={name: cell for name, cell in cells.items() if name not in named and cell not in ("", None)},
            label=_cell_labels(cells, options),
            gold=_gold(cells.get("gold")),
            file=options.name,
        )
    except _Wrong as wrong:
        return Problem(number, wrong.problem, wrong.code, wrong.field, options.name)


class _Wrong(Exception):
    def __init__(self, field: str, problem: str, code: str = "formats.shape") -> None:
        super().__init__(problem)
        self.field, self.problem, self.code = field, problem, code


def _plain(value: dict[str, Any], number: int, options: ReadOptions) -> Row:
    unknown = [name for name in value if name not in FIELDS and name not in EXPORTED]
    if unknown:
        known = ", ".join(FIELDS)
        raise _Wrong(unknown[0], f"There is no field {unknown[0]!r}; there are: {known}. Put what is yours under meta.")
    meta = value.get("meta")
    if meta is not None and not isinstance(meta, dict):
        raise _Wrong("meta", f"`meta` is an object of names and values, not {_kind(meta)}.")
    return Row(
        number,
        **_content(value, options),
        key=_key(value.get("key")),
        meta=meta or {},
        label=_label(value),
        gold=_gold(value.get("gold")),
        file=options.name,
    )


def _content(value: Mapping[str, Any], options: ReadOptions) -> dict[str, Any]:
    given = [name for name in SOURCES if value.get(name) is not None]
    if len(given) != 1:
        which = f"has {' and '.join(given)}" if given else "has none of them"
        raise _Wrong(given[0] if given else "text", f"A row has exactly one of text, url and data; this one {which}.")
    (source,) = given
    content = value[source]
    if not isinstance(content, str):
        raise _Wrong(source, f"`{source}` is text, not {_kind(content)}.")
    return {"content": decoded(content, options.max_item)} if source == "data" else {source: content}


def _table_content(cells: Mapping[str, Any], options: ReadOptions) -> dict[str, Any]:
    column = options.text_column or ""
    content = cells.get(column)
    if content is None:
        raise _Wrong(column, f"The row has no {column!r}; give it one or leave the row out.", "formats.no_column")
    if not isinstance(content, str):
        raise _Wrong(column, f"{column!r} is text, not {_kind(content)}.")
    if options.inline:
        return {"text": content}
    # A table of pictures names where they are, or brings them along.
    if content.startswith(("http://", "https://")):
        return {"url": content}
    return {"content": decoded(content, options.max_item)}


def decoded(text: str, limit: int) -> bytes:
    """Base64 (also as a `data:` address) as bytes."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    if len(text) * 3 // 4 > limit:
        raise _Wrong("data", f"The content is larger than {limit / MEGABYTE:g} MB; make it smaller.", "data.too_large")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _Wrong("data", "`data` is not Base64; encode the file's bytes as Base64.", "formats.base64") from None


def _key(key: Any) -> str | None:
    if key is None or key == "":
        return None
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise _Wrong("key", f"`key` is text or a whole number, not {_kind(key)}.")
    return str(key)


def _label(value: Mapping[str, Any]) -> Any:
    if value.get("label") is not None:
        return value["label"]
    labels = value.get("labels")
    if not isinstance(labels, dict):
        return None
    return {name: one["value"] for name, one in labels.items() if isinstance(one, dict) and "value" in one} or None


def _cell_labels(cells: Mapping[str, Any], options: ReadOptions) -> Any:
    if options.label_column:
        label = _blank_is_none(cells.get(options.label_column))
        named = options.label_column in options.questions
        return {options.label_column: label} if named and label is not None else label
    given = {name: _blank_is_none(cells.get(name)) for name in options.questions if name != options.text_column}
    return {name: label for name, label in given.items() if label is not None} or None


def _blank_is_none(label: Any) -> Any:
    return None if isinstance(label, str) and not label.strip() else label


def _gold(gold: Any) -> bool:
    if gold is None or isinstance(gold, bool):
        return bool(gold)
    if isinstance(gold, str) and gold.strip().lower() in ("", "0", "1", "true", "false", "yes", "no"):
        return gold.strip().lower() in ("1", "true", "yes")
    raise _Wrong("gold", f"`gold` is true or false, not {_kind(gold)}.")


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def guess_column(columns: list[str], names: tuple[str, ...]) -> str | None:
    """The column that is called like one of the names, the earlier name first."""
    plain = {column.strip().lower(): column for column in reversed(columns)}
    return next((plain[name] for name in names if name in plain), None)


def folder_of(path: str) -> str | None:
    """The name of the folder that a file lies in; None where it lies in none."""
    parents = PurePosixPath(path).parts[:-1]
    return parents[-1] if parents else None
