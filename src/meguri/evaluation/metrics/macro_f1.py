"""How well each class is found, every class counting the same."""

import numpy as np

from meguri.evaluation.metrics.base import Metric, Outcomes, metrics


@metrics.register
class MacroF1(Metric):
    """Mean of the classes' F1 over the classes that occur in the truth or in the answers."""

    name = "macro_f1"

    def measure(self, outcomes: Outcomes) -> float:
        both = (outcomes.truth & outcomes.answers).sum(axis=0)
        either = outcomes.truth.sum(axis=0) + outcomes.answers.sum(axis=0)
        there = either > 0
        return float(np.mean(2 * both[there] / either[there])) if there.any() else 1.0
