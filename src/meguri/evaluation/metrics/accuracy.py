"""How often the answer is exactly right."""

import numpy as np

from meguri.evaluation.metrics.base import Metric, Outcomes, metrics
from meguri.kit.shares import wilson


@metrics.register
class Accuracy(Metric):
    """Share of items whose answer is exactly the truth; of several options, all of them."""

    name = "accuracy"

    def measure(self, outcomes: Outcomes) -> float:
        return float(outcomes.right.mean())

    def interval(self, outcomes: Outcomes, rng: np.random.Generator) -> tuple[float, float]:
        """Wilson's, which needs no draws."""
        return wilson(int(outcomes.right.sum()), len(outcomes))
