"""Where items lie: dense vectors for strategies that think in distances."""

from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 64
SAMPLE = 3_000  # rows that the directions are learnt from
OVERSAMPLE = 16
COLUMNS = 20_000  # the most frequent features that the directions are made of


def vectors(features: Any, rng: np.random.Generator) -> Vectors:
    """Dense features as they are; sparse ones along their strongest directions: (items, at most DIMENSIONS).

    The directions are those of latent semantic analysis, found on a sample by a randomised singular value
    decomposition (Halko, Martinsson & Tropp 2011) after rare n-grams were made heavier.
    """
    if isinstance(features, np.ndarray):
        return np.asarray(features, np.float32)
    weighted = _by_rarity(features)
    n = weighted.shape[0]
    some = weighted if n <= SAMPLE else weighted[np.sort(rng.permutation(n)[:SAMPLE])]
    rank = min(DIMENSIONS + OVERSAMPLE, *some.shape)
    basis = np.asarray(some.T @ rng.standard_normal((some.shape[0], rank), np.float32))
    for _ in range(2):
        basis = np.asarray(some.T @ (some @ np.linalg.qr(basis)[0]))
    basis = np.linalg.qr(basis)[0]
    inside = np.asarray(some @ basis)
    turn = np.linalg.eigh(inside.T @ inside)[1][:, ::-1][:, :DIMENSIONS]
    return np.asarray(weighted @ (basis @ turn), np.float32)


def _by_rarity(features: Any) -> Any:
    """The most frequent columns of those that occur twice or more, each times its inverse document frequency."""
    from scipy import sparse

    n = features.shape[0]
    often = np.bincount(features.indices, minlength=features.shape[1])
    kept = np.argsort(-often, kind="stable")[:COLUMNS]
    kept = kept[often[kept] >= min(2, n)]
    slot = np.full(features.shape[1], -1, np.int64)
    slot[kept] = np.arange(len(kept))
    rarity = np.log((1 + n) / (1 + often)).astype(np.float32) + np.float32(1)
    inside = slot[features.indices] >= 0
    row = np.repeat(np.arange(n), np.diff(features.indptr))[inside]
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))])
    column = features.indices[inside]
    value = features.data[inside] * rarity[column]
    return sparse.csr_matrix((value, slot[column], starts), shape=(n, len(kept)))
