"""What every metric promises."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from meguri.evaluation.intervals import bootstrap
from meguri.kit.registry import Registry

Bools: TypeAlias = npt.NDArray[np.bool_]
Reals: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outcomes:
    """Truth and answers of one question, item by item: (items, classes) each, and how sure each answer was.

    Exactly one class is true in each row unless `multiple`.
    """

    truth: Bools
    answers: Bools
    scores: Reals  # (items,)
    classes: tuple[str, ...]
    multiple: bool = False

    @classmethod
    def single(cls, truth: npt.NDArray[np.int64], probabilities: Reals, classes: tuple[str, ...]) -> "Outcomes":
        """Of class numbers and class probabilities: the most probable class is the answer."""
        one = np.eye(len(classes), dtype=bool)
        return cls(one[truth], one[probabilities.argmax(axis=1)], probabilities.max(axis=1), classes)

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def right(self) -> Bools:
        """(items,): the answer is exactly the truth."""
        return np.asarray((self.truth == self.answers).all(axis=1))

    def rows(self, places: npt.NDArray[np.int64] | Bools) -> "Outcomes":
        """The outcomes of these items only, repeated ones repeated."""
        return Outcomes(self.truth[places], self.answers[places], self.scores[places], self.classes, self.multiple)


class Metric(ABC):
    """One number about the answers."""

    name: ClassVar[str]
    higher_is_better: ClassVar[bool] = True

    @abstractmethod
    def measure(self, outcomes: Outcomes) -> float:
        """The number, for at least one item."""

    def interval(self, outcomes: Outcomes, rng: np.random.Generator) -> tuple[float, float]:
        """Where the number lies for all items like these, with 95 % confidence: by the bootstrap over items."""
        return bootstrap(lambda places: self.measure(outcomes.rows(places)), len(outcomes), rng)


metrics = Registry[Metric]("metric", "meguri.evaluation.metrics")
