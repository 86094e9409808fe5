"""One fixed threshold on the score: plain, and without a promise about errors."""

import numpy as np
from numpy.typing import NDArray

from meguri.serving.policies.base import Limits, Policy, Scores, policies


@policies.register
class Threshold(Policy):
    """Automates what scores at least the project's threshold."""

    name = "threshold"

    def automate(self, scores: Scores, limits: Limits) -> NDArray[np.bool_]:
        return scores >= limits.threshold
