"""What a routing policy is: scores in, a decision for each out.

Usable as a plain library on numpy arrays, without a server:

    decisions = route("threshold", scores, Limits(threshold=0.9))
    point = operating_point(decisions, correct)
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meguri.kit.registry import Registry

AUTOMATE = "automate"
REVIEW = "review"
ABSTAIN = "abstain"
DECISIONS = (AUTOMATE, REVIEW, ABSTAIN)

Scores = NDArray[np.float64]
Decisions = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the project allows: `threshold` is the least score, from 0 to 1, that needs no person."""

    threshold: float = 0.9


class Policy(ABC):
    """Decides which outputs may go out by themselves."""

    name: str

    @abstractmethod
    def automate(self, scores: Scores, limits: Limits) -> NDArray[np.bool_]:
        """Which of the outputs with these scores (n,) need no person: a mask (n,)."""


policies = Registry[Policy]("routing policy", "meguri.serving.policies")


def route(policy: str, scores: Any, limits: Limits) -> Decisions:
    """The decision for each score (n,). A score that is not a number means there is no answer to send: abstain."""
    given = np.asarray(scores, dtype=np.float64)
    known = ~np.isnan(given)
    decisions = np.full(given.shape, ABSTAIN, dtype="<U16")
    decisions[known] = np.where(policies[policy].automate(given[known], limits), AUTOMATE, REVIEW)
    return decisions


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How much goes out by itself and how often that is wrong, with a 95 % interval for the error.

    `share` is of all outputs; `error` is None where nothing was automated.
    """

    outputs: int
    automated: int
    errors: int
    share: float
    error: float | None
    error_low: float
    error_high: float


def operating_point(decisions: Decisions, correct: Any) -> OperatingPoint:
    """What a policy's decisions (n,) did, given which outputs were `correct` (n,).

    The interval is that of Clopper and Pearson (Biometrika 26, 1934).
    """
    from scipy.special import betaincinv  # a quarter of a second that a server's start need not pay

    automated = decisions == AUTOMATE
    n, k = int(automated.sum()), int((automated & ~np.asarray(correct, dtype=bool)).sum())
    low = float(betaincinv(k, n - k + 1, 0.025)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 0.975)) if k < n else 1.0
    share = n / len(decisions) if len(decisions) else 0.0
    return OperatingPoint(len(decisions), n, k, share, k / n if n else None, low, high)
