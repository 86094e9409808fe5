"""How an item enters: checked by its modality, hashed, drawn into a split, its content kept. No database."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from meguri.data.modalities.base import Modality, modalities
from meguri.data.model import MAX_KEY, ItemHome, NewItem, Prepared, draw_split
from meguri.kit.errors import Invalid
from meguri.storage.blobs import Blobs

_NUL = "\\u0000"


def preparer(blobs: Blobs, home: ItemHome) -> Callable[[NewItem, int], Prepared]:
    """A function that prepares one item of this home; its second argument is the row to name in errors.

    Raises `Invalid` whose `where` names the row and the field, and says how to mend it.
    """
    modality = modalities[home.modality]
    split = draw_split(home)

    def prepare(item: NewItem, row: int) -> Prepared:
        row = item.row or row
        try:
            check_key(item.key)
            check_meta(item.meta)
            return _inline(item, row) if modality.inline else _kept(item, row)
        except Invalid as error:
            raise at_row(error, row) from None

    def _inline(item: NewItem, row: int) -> Prepared:
        content = _text(item)
        traits = modality.describe(content)
        name = hashlib.sha256(content).hexdigest()
        mime = "text/plain"
        kept = (content.decode(), None, mime, len(content))
        return Prepared(row, item.key, name, split(name), item.gold, *kept, traits, item.meta, item.file)

    def _kept(item: NewItem, row: int) -> Prepared:
        content, mime = _bytes(item, modality)
        traits = modality.describe(content)
        name = blobs.put(content)
        kept = (None, name, mime, len(content))
        return Prepared(row, item.key, name, split(name), item.gold, *kept, traits, item.meta, item.file)

    return prepare


def check_key(key: str | None) -> None:
    """A key is short, visible text."""
    if key is None:
        return
    if not key or len(key) > MAX_KEY or "\0" in key:
        raise Invalid(
            f"A key has 1 to {MAX_KEY} characters and no NUL; shorten it or leave it out.",
            code="data.key_bad",
            where=[{"field": "key"}],
        )


def check_meta(meta: dict[str, Any]) -> None:
    """Meta is a JSON object that both databases can keep."""
    if not meta:
        return
    if not isinstance(meta, dict):
        raise Invalid("`meta` must be an object of names and values.", code="data.meta_bad", where=[{"field": "meta"}])
    try:
        text = json.dumps(meta, allow_nan=False)
        json.dumps(meta, ensure_ascii=False).encode()  # half a surrogate pair is no character
    except (TypeError, ValueError, RecursionError):
        raise Invalid("`meta` is not plain JSON.", code="data.meta_bad", where=[{"field": "meta"}]) from None
    if _NUL in text:
        raise Invalid(
            "`meta` holds a NUL character; remove it.", code="data.meta_bad", where=[{"field": "meta"}]
        ) from None


def at_row(error: Invalid, row: int, field: str = "content") -> Invalid:
    """The same error, naming the row."""
    place = {"field": field, **(error.where[0] if error.where else {})}
    where = [{**place, "row": row, "problem": error.detail, "code": error.code}]
    return Invalid(f"Row {row}: {error.detail}", code=error.code, where=where, **{**error.params, "row": row})


def _text(item: NewItem) -> bytes:
    if item.text is None:
        if item.content is None:
            raise Invalid(
                "There is no text; this project's items are text.", code="data.no_text", where=[{"field": "text"}]
            )
        return item.content
    try:
        return item.text.encode()
    except UnicodeEncodeError:
        raise Invalid(
            "The text holds half a surrogate pair, which is no character; write it as UTF-8.",
            code="data.text_encoding",
            where=[{"field": "text"}],
        ) from None


def _bytes(item: NewItem, modality: Modality) -> tuple[bytes, str]:
    if item.content is None:
        raise Invalid(
            f"There is no content; this project's items are of kind {modality.name}: send a file, `data` or `url`.",
            code="data.no_content",
            modality=modality.name,
        )
    if not item.content:
        raise Invalid("The file is empty (0 bytes); leave it out or send it again.", code="data.empty")
    mime = modality.sniff(item.content)
    if mime is None:
        raise Invalid(
            f"The content is not of a kind that {modality.name} projects take.",
            code="data.unsupported",
            modality=modality.name,
        )
    return item.content, mime
