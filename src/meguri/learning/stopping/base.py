"""What every stopping criterion promises."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from meguri.kit.registry import Registry


@dataclass(frozen=True, slots=True)
class History:
    """How far a project has come.

    `labels` were bought by selection of a `budget` (None: no end), `pool` items are left. `kappas`: agreement of each
    model with the one before it on unlabelled items, the oldest first.
    """

    labels: int
    budget: int | None
    pool: int
    kappas: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why to stop: a stable code for the page, its numbers, and a sentence."""

    code: str
    text: str
    params: dict[str, Any] = field(default_factory=dict)


class StoppingCriterion(ABC):
    """Says when labelling more is not worth it."""

    name: ClassVar[str]

    @abstractmethod
    def done(self, history: History) -> Reason | None:
        """Why to stop now, or None to go on."""


stopping_criteria = Registry[StoppingCriterion]("stopping criterion", "meguri.learning.stopping")


def spent(history: History) -> Reason | None:
    """What ends labelling under every criterion: no budget left, or nothing left to label."""
    if history.budget is not None and history.labels >= history.budget:
        params = {"labels": history.labels, "budget": history.budget}
        return Reason("stopping.budget", f"The budget of {history.budget} labels is spent.", params)
    if history.pool == 0:
        return Reason("stopping.pool_empty", "Every item of the training split is labelled.")
    return None


def kappa(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> float:
    """Cohen's kappa of two lists of classes: agreement beyond chance, 1 for equal lists."""
    classes = int(max(a.max(initial=0), b.max(initial=0))) + 1
    table = np.bincount(a * classes + b, minlength=classes**2).reshape(classes, classes) / max(len(a), 1)
    chance = float(table.sum(axis=0) @ table.sum(axis=1))
    return 1.0 if chance >= 1 else float((np.trace(table) - chance) / (1 - chance))
