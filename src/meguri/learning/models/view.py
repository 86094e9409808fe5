"""How the linear model looks at features: centred when dense, weighted by rarity when sparse."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from meguri.learning.models.base import Matrix, Reals

LANDMARKS = 1_500  # rows that span the space of a large training set
TINY = 1e-9  # directions weaker than this share of the strongest are rounding errors


def is_sparse(features: Matrix) -> bool:
    """Whether it is a scipy matrix and not an array."""
    return not isinstance(features, np.ndarray)


@dataclass(frozen=True)
class View:
    """Dense: `shift` is subtracted and the result multiplied by `scale`. Sparse: see `columns` and `rarity`."""

    shift: npt.NDArray[np.float32] | float = 0.0  # (features,)
    scale: float = 1.0
    columns: npt.NDArray[np.int32] | None = None  # those that occur in the labelled rows; slopes have only these
    rarity: npt.NDArray[np.float32] | None = None  # (features,) inverse document frequency

    @classmethod
    def learn(cls, features: Matrix, background: Matrix | None) -> "View":
        """The view of these labelled rows; what is common is judged by the background where there is one."""
        common = features if background is None or background.shape[0] < features.shape[0] else background
        if is_sparse(features):
            often = np.bincount(common.indices, minlength=features.shape[1])
            rarity = np.log((1 + common.shape[0]) / (1 + often)) + 1
            return cls(columns=np.unique(features.indices).astype(np.int32), rarity=rarity.astype(np.float32))
        shift = np.asarray(common, np.float32).mean(axis=0)
        spread = float(np.sqrt(np.mean(np.sum((np.asarray(features, np.float32) - shift) ** 2, axis=1))))
        return cls(shift=shift, scale=1 / max(spread, 1e-6))

    def __call__(self, features: Matrix) -> Matrix:
        """Rows of about unit length: (items, features), or (items, columns) where sparse."""
        if self.rarity is None:
            return (np.asarray(features, np.float32) - self.shift) * np.float32(self.scale)
        return self._sparse(features, self.rarity)

    def _sparse(self, features: Matrix, rarity: npt.NDArray[np.float32]) -> Matrix:
        from scipy import sparse

        n = features.shape[0]
        row = np.repeat(np.arange(n), np.diff(features.indptr))
        value = features.data * rarity[features.indices]
        length = np.sqrt(np.bincount(row, value**2, minlength=n)).astype(np.float32)
        slot = np.full(features.shape[1], -1, np.int32)
        slot[self.columns] = np.arange(len(self.columns))  # type: ignore[arg-type]
        column = slot[features.indices]
        kept = column >= 0
        starts = np.concatenate([[0], np.cumsum(np.bincount(row[kept], minlength=n))])
        value = (value / np.maximum(length, 1e-9)[row])[kept]
        return sparse.csr_matrix((value, column[kept], starts), shape=(n, len(self.columns)))  # type: ignore[arg-type]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What an artefact keeps of it."""
        if self.rarity is None:
            return {"shift": np.asarray(self.shift), "scale": np.array(self.scale)}
        return {"columns": np.asarray(self.columns), "rarity": self.rarity.astype(np.float16)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, npt.NDArray[Any]]) -> "View":
        """The view an artefact kept."""
        if "rarity" in arrays:
            return cls(columns=arrays["columns"], rarity=arrays["rarity"].astype(np.float32))
        return cls(shift=arrays["shift"], scale=float(arrays["scale"]))


@dataclass(frozen=True)
class Space:
    """The space that some rows span: `landmarks` and how to combine them into an orthonormal basis."""

    landmarks: Matrix | None  # None: the space of the features itself
    combine: Reals | None  # (landmarks, dimensions)

    def into(self, rows: Matrix) -> Reals:
        """Coordinates of rows: (items, dimensions)."""
        if self.landmarks is None or self.combine is None:
            return np.asarray(rows, np.float64)
        return _dense(rows @ self.landmarks.T) @ self.combine

    def out(self, slopes: Reals) -> Reals:
        """Slopes in the features' own coordinates: (features, classes)."""
        if self.landmarks is None or self.combine is None:
            return slopes
        return np.asarray(self.landmarks.T @ (self.combine @ slopes), np.float64)


def span(rows: Matrix, rng: np.random.Generator) -> Space:
    """A space that holds all rows, or LANDMARKS of them drawn at random where there are more.

    A penalised linear model has its optimum in the span of its training rows (the representer theorem), so that
    up to LANDMARKS rows nothing is lost.
    """
    n, features = rows.shape
    if not is_sparse(rows) and features <= min(n, LANDMARKS):
        return Space(None, None)
    landmarks = rows if n <= LANDMARKS else rows[np.sort(rng.choice(n, LANDMARKS, replace=False))]
    strength, basis = np.linalg.eigh(_dense(landmarks @ landmarks.T))
    kept = strength > TINY * max(float(strength[-1]), TINY)
    return Space(landmarks, basis[:, kept] / np.sqrt(strength[kept]))


def _dense(matrix: Matrix) -> Reals:
    return np.asarray(matrix.toarray() if is_sparse(matrix) else matrix, np.float64)
