"""Where items lie: dense vectors for strategies that think in distances."""

from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 64
SAMPLE = 3_000  # rows that the directions are learnt from
OVERSAMPLE = 16


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
    basis = np.asarray(some.T @ rng.standard_normal((some.shape[0], rank)))
    for _ in range(2):
        basis = np.asarray(some.T @ (some @ np.linalg.qr(basis)[0]))
    basis = np.linalg.qr(basis)[0]
    inside = np.asarray(some @ basis)
    turn = np.linalg.eigh(inside.T @ inside)[1][:, ::-1][:, :DIMENSIONS]
    return np.asarray(weighted @ (basis @ turn).astype(np.float32), np.float32)


def _by_rarity(features: Any) -> Any:
    """Columns that occur twice or more, each times its inverse document frequency."""
    often = np.bincount(features.indices, minlength=features.shape[1])
    kept = np.flatnonzero(often >= min(2, features.shape[0]))
    rarity = np.log((1 + features.shape[0]) / (1 + often[kept])) + 1
    weighted = features[:, kept]
    weighted.data = weighted.data * rarity.astype(np.float32)[weighted.indices]
    return weighted
