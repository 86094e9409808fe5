"""What an item is, and the pure rules of its entry: its hash and its split."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

TRAIN = "train"
TEST = "test"
SPLITS = ("train", "validation", "test")

MAX_KEY = 500  # characters
_DRAW = 1 << 64


@dataclass(frozen=True, slots=True)
class Item:
    """One datum; immutable. Either `text` or `blob` holds its content; `hash` is the SHA-256 of it."""

    id: int
    project_id: int
    key: str | None
    hash: str
    modality: str
    split: str
    gold: bool
    text: str | None
    blob: str | None
    mime: str | None
    bytes: int
    traits: dict[str, Any]
    meta: dict[str, Any]
    created_at: int


@dataclass(frozen=True, slots=True)
class NewItem:
    """What a caller brings: `text` or `content`, and what it knows of it.

    `row` is the place it came from (a line, a record), named in errors; 0 means its place in the list. `file` is the
    file that this place is in, where there may be several.
    """

    key: str | None = None
    text: str | None = None
    content: bytes | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    gold: bool = False
    row: int = 0
    file: str = ""


@dataclass(frozen=True, slots=True)
class ItemHome:
    """The project as far as its items care: what they are, and how the split is drawn."""

    project_id: int
    modality: str
    seed: str
    test_share: float


class Prepared(NamedTuple):
    """An item checked, hashed and drawn, with its content in the store: ready to be written.

    A plain tuple of JSON values, so that a large import can wait in a temporary file.
    """

    row: int
    key: str | None
    hash: str
    split: str
    gold: bool
    text: str | None
    blob: str | None
    mime: str
    bytes: int
    traits: dict[str, Any]
    meta: dict[str, Any]
    file: str = ""


class Added(NamedTuple):
    """What became of one new item; `created` is false where it was already there."""

    item_id: int
    created: bool


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items a page shows; None means any."""

    split: str | None = None
    gold: bool | None = None
    q: str | None = None  # part of the text or the start of the key


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """A frozen list of items, labels and splits; `hash` names it by content."""

    id: int
    project_id: int
    number: int
    hash: str
    rows: int
    counts: dict[str, int]
    note: str
    created_at: int


def draw_split(home: ItemHome) -> Callable[[str], str]:
    """The split of a content hash: test with probability `test_share`, drawn uniformly and for ever.

    The draw is HMAC-SHA256 of the hash under the project's seed, so that it depends on nothing else: not on the
    order of the import, not on the label, not on the time.
    """
    keyed = hmac.new(home.seed.encode(), digestmod=sha256)
    limit = round(home.test_share * _DRAW)

    def split(content_hash: str) -> str:
        draw = keyed.copy()
        draw.update(content_hash.encode())
        return TEST if int.from_bytes(draw.digest()[:8], "big") < limit else TRAIN

    return split
