"""Features on this machine: immutable shards by content hash and extractor version, memory-mapped.

A shard is a folder that appears whole or not at all: `keys.npy` (the hashes, sorted) is its manifest, beside it lie
`rows.npy` (float16) or, sparse, `starts.npy`, `places.npy` and `values.npy`. Losing the folder costs time only.
"""

import os
import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Matrix = Any
Places = npt.NDArray[np.int64]

LEAST = 32  # rows worth a shard of their own; fewer are cheaper to compute again
MOST = 8_192  # rows computed at a time


class Index(NamedTuple):
    """Where every known row lies; replaced as a whole, never changed."""

    keys: npt.NDArray[np.bytes_]  # sorted
    where: Places  # (keys, 2): shard and row
    shards: tuple["Shard", ...]

    def find(self, keys: npt.NDArray[np.bytes_]) -> Places:
        """The place of each key among all keys; -1 where it is not known."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)


class FeatureCache:
    """The features of one extractor version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._index = Index(np.empty(0, "S32"), np.empty((0, 2), np.int64), ())

    def rows(self, hashes: Sequence[str], make: Callable[[list[int]], Matrix]) -> Matrix:
        """The features of these contents in order; `make(places)` computes those that are not there yet."""
        keys = np.array([bytes.fromhex(one) for one in hashes], "S32")
        missing = _first_of_each(keys, np.flatnonzero(self._look().find(keys) < 0))
        fresh: dict[bytes, Matrix] = {}
        for start in range(0, len(missing), MOST):
            places = missing[start : start + MOST]
            made = make(places.tolist())
            if len(places) >= LEAST:
                self._write(keys[places], made)
            else:
                fresh.update((bytes(keys[place]), made[row : row + 1]) for row, place in enumerate(places))
        return _gather(self._look(), keys, fresh) if len(keys) else make([])

    def _look(self) -> Index:
        """All rows there are, with the shards that another process, or this one, has finished meanwhile."""
        with self._lock:
            names = {entry.name for entry in os.scandir(self._folder)} if self._folder.exists() else set()
            new = sorted(name for name in names - self._seen if not name.startswith("."))
            if new:
                self._index = _joined(self._index, [Shard(self._folder / name) for name in new])
                self._seen |= set(new)
            return self._index

    def _write(self, keys: npt.NDArray[np.bytes_], rows: Matrix) -> None:
        order = np.argsort(keys, kind="stable")
        draft = self._folder / f".{secrets.token_hex(8)}"
        draft.mkdir(parents=True)
        try:
            _save(draft, keys[order], rows[order])
            draft.rename(self._folder / draft.name[1:])
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise


class Shard:
    """Some rows, memory-mapped."""

    def __init__(self, folder: Path) -> None:
        self.keys: npt.NDArray[np.bytes_] = np.load(folder / "keys.npy")
        self._dense = np.load(folder / "rows.npy", mmap_mode="r") if (folder / "rows.npy").exists() else None
        if self._dense is None:
            self._starts, self._width = np.load(folder / "starts.npy"), int(np.load(folder / "width.npy"))
            self._places = np.load(folder / "places.npy", mmap_mode="r")
            self._values = np.load(folder / "values.npy", mmap_mode="r")

    def rows(self, places: Places) -> Matrix:
        """These rows in float32."""
        if self._dense is not None:
            return np.asarray(self._dense[places], np.float32)
        from scipy import sparse

        lengths = np.diff(self._starts)[places]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        cells = np.repeat(self._starts[places] - starts[:-1], lengths) + np.arange(starts[-1])
        values = np.asarray(self._values[cells], np.float32)
        return sparse.csr_matrix(
            (values, self._places[cells].astype(np.int64), starts), shape=(len(places), self._width)
        )


def _joined(index: Index, found: Sequence[Shard]) -> Index:
    first = len(index.shards)
    more = [
        np.column_stack([np.full(len(one.keys), first + n), np.arange(len(one.keys))]) for n, one in enumerate(found)
    ]
    keys = np.concatenate([index.keys, *(one.keys for one in found)])
    order = np.argsort(keys, kind="stable")
    return Index(keys[order], np.concatenate([index.where, *more])[order], (*index.shards, *found))


def _gather(index: Index, keys: npt.NDArray[np.bytes_], fresh: dict[bytes, Matrix]) -> Matrix:
    """The rows of these keys in order, from the shards and from what was just made."""
    at = index.find(keys)
    known, unknown = np.flatnonzero(at >= 0), np.flatnonzero(at < 0)
    where = index.where[at[known]]
    parts, order = [], []
    for number in np.unique(where[:, 0]):
        mine = where[:, 0] == number
        parts.append(index.shards[number].rows(where[mine, 1]))
        order.append(known[mine])
    parts += [fresh[bytes(keys[place])] for place in unknown]
    back = np.argsort(np.concatenate([*order, unknown]), kind="stable")
    return _stacked(parts)[back]


def _first_of_each(keys: npt.NDArray[np.bytes_], places: Places) -> Places:
    return places[np.sort(np.unique(keys[places], return_index=True)[1])]


def _stacked(parts: list[Matrix]) -> Matrix:
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    from scipy import sparse

    return sparse.vstack(parts, format="csr")


def _save(folder: Path, keys: npt.NDArray[np.bytes_], rows: Matrix) -> None:
    np.save(folder / "keys.npy", keys)
    if isinstance(rows, np.ndarray):
        np.save(folder / "rows.npy", rows.astype(np.float16))
        return
    np.save(folder / "starts.npy", rows.indptr.astype(np.int64))
    np.save(folder / "width.npy", np.array(rows.shape[1]))
    np.save(folder / "places.npy", rows.indices.astype(np.uint32))
    np.save(folder / "values.npy", rows.data.astype(np.float16))
