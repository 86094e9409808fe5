"""How far the scores are from the shares of right answers they promise."""

import numpy as np

from meguri.evaluation.metrics.base import Metric, Outcomes, metrics

BINS = 10


@metrics.register
class CalibrationError(Metric):
    """Expected calibration error (Naeini et al., AAAI 2015) over ten bins of equal width."""

    name = "calibration_error"
    higher_is_better = False

    def measure(self, outcomes: Outcomes) -> float:
        place = np.minimum((outcomes.scores * BINS).astype(np.int64), BINS - 1)
        gap = np.bincount(place, outcomes.scores - outcomes.right, minlength=BINS)
        return float(np.abs(gap).sum() / len(outcomes))
