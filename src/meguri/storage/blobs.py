"""Content-addressed files behind fsspec: the name of a blob is the SHA-256 of its bytes."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import fsspec

from meguri.kit.errors import NotFound
from meguri.kit.ids import content_hash

CHUNK = 1 << 20


def place(blob: str) -> str:
    """Where a blob lies under the root. One level of 256 folders: each new folder costs a flush of the one above."""
    return f"{blob[:2]}/{blob}"


class Blobs:
    """A folder, a bucket, or anything else that fsspec opens."""

    def __init__(self, url: str) -> None:
        self._files, self._root = fsspec.core.url_to_fs(url)
        self._local = "file" in self._files.protocol or self._files.protocol == "file"

    def _path(self, blob: str) -> str:
        return f"{self._root}/{place(blob)}"

    def put(self, content: bytes) -> str:
        """Keep the bytes once; returns their hash. On return they are on disk."""
        blob = content_hash(content)
        path = self._path(blob)
        if self._files.exists(path):
            return blob
        if self._local:
            _make_folder(Path(path).parent, Path(self._root))
            _write_durably(Path(path), content)
        else:
            self._files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self._files.pipe_file(path, content)
        return blob

    def get(self, blob: str) -> bytes:
        """All bytes of a blob."""
        try:
            content: bytes = self._files.cat_file(self._path(blob))
        except FileNotFoundError:
            raise NotFound(f"The file {blob[:12]}… is not in the store.", code="storage.blob_missing") from None
        return content

    def open(self, blob: str) -> IO[bytes]:
        """A readable, seekable file."""
        handle: IO[bytes] = self._files.open(self._path(blob), "rb")
        return handle

    def stream(self, blob: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to `end` (exclusive) in chunks."""
        with self.open(blob) as source:
            source.seek(start)
            left = (self.size(blob) if end is None else end) - start
            while left > 0 and (chunk := source.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk

    def exists(self, blob: str) -> bool:
        return bool(self._files.exists(self._path(blob)))

    def size(self, blob: str) -> int:
        return int(self._files.size(self._path(blob)))

    def names(self) -> Iterator[str]:
        """The names of all blobs."""
        if self._files.isdir(self._root):
            for path in self._files.find(self._root):
                name = str(path).rpartition("/")[2]
                if is_blob(name):
                    yield name

    def local_path(self, blob: str) -> Path | None:
        """The file itself where blobs live on this machine, for memory maps and sendfile."""
        return Path(self._path(blob)) if self._local else None


def _write_durably(path: Path, content: bytes) -> None:
    """A crash leaves either the whole file under its name or nothing."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    draft.replace(path)
    _flush_folder(path.parent)


def _make_folder(folder: Path, root: Path) -> None:
    """Make a folder and those above it up to `root`; on return their names are on disk too."""
    if folder.is_dir():
        return
    if folder != root:
        _make_folder(folder.parent, root)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    """Have the names in a folder on disk, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_blob(name: str) -> bool:
    """Whether a text has the form of a blob's name."""
    return len(name) == 64 and all(c in "0123456789abcdef" for c in name)


def blob_ref(value: Any) -> str:
    """Check that a text from outside is the name of a blob."""
    text = str(value)
    if not is_blob(text):
        raise NotFound("That is not the name of a file here.", code="storage.blob_missing")
    return text
