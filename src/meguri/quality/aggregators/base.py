"""What every aggregator promises: many people's answers in, one answer with its probability out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from meguri.kit.registry import Registry

Reals: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Votes:
    """Answers as numbers: `worker[i]` said `label[i]` of `task[i]`; each counted from 0.

    `known` (tasks,) holds the true label where it is known for sure, -1 elsewhere.
    """

    task: Places
    worker: Places
    label: Places
    tasks: int
    workers: int
    classes: int
    known: Places | None = None

    def counts(self) -> Reals:
        """(tasks, classes): how many said what."""
        flat = np.bincount(self.task * self.classes + self.label, minlength=self.tasks * self.classes)
        return flat.reshape(self.tasks, self.classes).astype(np.float64)

    def with_known(self, probabilities: Reals) -> Reals:
        """The same probabilities, certain where the truth is known."""
        if self.known is not None:
            sure = self.known >= 0
            probabilities[sure] = np.eye(self.classes)[self.known[sure]]
        return probabilities


@dataclass(frozen=True)
class Agreed:
    """`probabilities` (tasks, classes), rows of sum 1; `skills` (workers,): the share of right answers, estimated."""

    probabilities: Reals
    skills: Reals

    def labels(self, keys: Places | None = None) -> Places:
        """The most probable label of each task.

        A tie goes to one of its labels by the task's key (its place where none is given): no label is favoured.
        """
        top = self.probabilities >= self.probabilities.max(axis=1, keepdims=True) - 1e-9
        keys = np.arange(len(top)) if keys is None else keys
        turn = (keys * 2_654_435_761 >> 7) % np.maximum(top.sum(axis=1), 1)
        return np.asarray((top.cumsum(axis=1) == (turn + 1)[:, None]).argmax(axis=1), np.int64)


class Aggregator(ABC):
    """A way to agree. The order of the answers does not matter.

    `local`: an answer about one task changes nothing about another, so that only touched tasks are computed anew.
    """

    name: ClassVar[str]
    local: ClassVar[bool] = False

    @abstractmethod
    def aggregate(self, votes: Votes) -> Agreed:
        """What the answers add up to; a task without answers is uniform."""


aggregators = Registry[Aggregator]("aggregator", "meguri.quality.aggregators")


def skills_of(votes: Votes, probabilities: Reals, prior: float = 0.7, strength: float = 4.0) -> Reals:
    """How often each worker said what the crowd agreed on, shrunk to `prior` by `strength` imaginary answers."""
    right = np.bincount(votes.worker, probabilities[votes.task, votes.label], minlength=votes.workers)
    given = np.bincount(votes.worker, minlength=votes.workers)
    return np.asarray((right + prior * strength) / (given + strength))
