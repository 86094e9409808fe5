"""What every selection strategy promises."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from meguri.kit.registry import Registry

Reals: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int64]
Vectors: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Pool:
    """What a strategy sees.

    `vectors` (items, d) places the unlabelled items in space, `labelled` (labels, d) those that people answered.
    `targets` (labels, classes) says which classes hold there. `probabilities` (items, classes) is what the model
    says of the unlabelled ones, None while there is no model. `multiple`: several classes may hold at once.
    """

    vectors: Vectors
    labelled: Vectors
    targets: npt.NDArray[np.bool_]
    probabilities: Reals | None = None
    multiple: bool = False
    card: dict[str, Any] = field(default_factory=dict)  # of the model

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def margins(self) -> Reals:
        """How far each item is from another answer, 0 … 1; ones while there is no model."""
        if self.probabilities is None:
            return np.ones(len(self))
        if self.multiple:
            return np.asarray(np.abs(2 * self.probabilities - 1).min(axis=1))
        two = np.partition(self.probabilities, -2, axis=1)[:, -2:]
        return np.asarray(two[:, 1] - two[:, 0])

    def part(self, places: Places, also_labelled: Places | None = None) -> "Pool":
        """The pool of these places only; `also_labelled` counts as covered, its labels being unknown still."""
        extra = self.vectors[[] if also_labelled is None else also_labelled]
        return replace(
            self,
            vectors=self.vectors[places],
            labelled=np.concatenate([self.labelled, extra]),
            targets=np.concatenate([self.targets, np.zeros((len(extra), self.targets.shape[1]), bool)]),
            probabilities=None if self.probabilities is None else self.probabilities[places],
        )


@dataclass(frozen=True)
class Picks:
    """Places in the pool in the order they should be labelled, and why.

    `scores` is the strategy's own measure, higher first. `probabilities` is the chance an item had to be drawn
    where it was drawn uniformly, NaN elsewhere: what makes an unbiased estimate possible.
    """

    places: Places
    scores: Reals
    strategies: tuple[str, ...]
    probabilities: Reals

    @classmethod
    def of(cls, strategy: str, places: Any, scores: Any, probability: float = np.nan) -> "Picks":
        """Picks of one strategy."""
        at = np.asarray(places, np.int64)
        return cls(at, np.asarray(scores, np.float64), (strategy,) * len(at), np.full(len(at), probability))

    def at(self, places: Places) -> "Picks":
        """The same picks, of a pool whose items are at `places` of a larger one."""
        return replace(self, places=places[self.places])

    def __add__(self, other: "Picks") -> "Picks":
        return Picks(
            np.concatenate([self.places, other.places]),
            np.concatenate([self.scores, other.scores]),
            self.strategies + other.strategies,
            np.concatenate([self.probabilities, other.probabilities]),
        )


class SelectionStrategy(ABC):
    """Picks the items that people should label next.

    Promises: min(n, len(pool)) different places; the same generator state gives the same picks; it works
    without a model and without any label.
    """

    name: ClassVar[str]

    @abstractmethod
    def select(self, pool: Pool, n: int, rng: np.random.Generator) -> Picks:
        """The next n items of the pool, or all where there are fewer."""


strategies = Registry[SelectionStrategy]("selection strategy", "meguri.learning.selection")
