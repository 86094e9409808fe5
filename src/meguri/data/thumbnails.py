"""Small pictures of items, made once and kept in a cache on this machine."""

import secrets
import threading
from pathlib import Path

from meguri.data.modalities.base import modalities
from meguri.data.model import Item
from meguri.kit.errors import Invalid, NotFound
from meguri.storage.store import Store

SIZES = (64, 128, 256, 512, 1024)
MIME = "image/webp"

# A picture being scaled may hold a few hundred megabytes; two at a time are as fast as many.
_scaling = threading.BoundedSemaphore(2)


def thumbnail(store: Store, item: Item, size: int) -> bytes:
    """The item as WebP of at most the next of `SIZES`; `NotFound` where its kind has no picture."""
    if item.blob is None:
        raise _none(item)
    fitting = next((step for step in SIZES if step >= size), SIZES[-1])
    path = _path(store, item.blob, fitting)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return _make(store, item, fitting, path)


def _path(store: Store, blob: str, size: int) -> Path:
    return store.folder / "cache" / "thumbnails" / blob[:2] / f"{blob}-{size}.webp"


def _make(store: Store, item: Item, size: int, path: Path) -> bytes:
    try:
        with _scaling:
            picture = modalities[item.modality].thumbnail(store.blobs.get(item.blob or ""), size)
    except Invalid:
        picture = None
    if picture is None:
        raise _none(item)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_bytes(picture)
    draft.replace(path)  # whole or not at all, for two who make it at once
    return picture


def _none(item: Item) -> NotFound:
    return NotFound(f"Item {item.id} has no picture.", code="data.no_thumbnail", item=item.id)
