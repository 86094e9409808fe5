"""What Meguri does unless told otherwise: typical items first, then doubtful and varied ones, some at random."""

import numpy as np

from meguri.learning.selection.base import Picks, Pool, SelectionStrategy, strategies
from meguri.learning.selection.cluster_margin import ClusterMargin
from meguri.learning.selection.random import Random
from meguri.learning.selection.typical import Typical

RANDOM_SHARE = 0.08
COLD_ROUNDS = 2  # at most, before doubt takes over
ENOUGH_OF_EACH = 2  # labels of every class
TYPICAL_LEAST = 20  # labels that typicality may choose at least, however small the rounds are


@strategies.register
class Auto(SelectionStrategy):
    """Cold start by typicality, then Cluster-Margin; a small uniform share keeps estimates honest.

    Doubt takes over when every class has labels, or after two rounds: coverage is best for the first labels
    and stalls afterwards, doubt is the reverse.
    """

    name = "auto"

    def select(self, pool: Pool, n: int, rng: np.random.Generator) -> Picks:
        n = min(n, len(pool))
        control = Random().select(pool, round(RANDOM_SHARE * n), rng)
        rest = np.setdiff1d(np.arange(len(pool)), control.places)
        strategy: SelectionStrategy = Typical() if is_cold(pool, n) else ClusterMargin()
        chosen = strategy.select(pool.part(rest, control.places), n - len(control.places), rng)
        return chosen.at(rest) + control


def is_cold(pool: Pool, n: int) -> bool:
    """Whether the model knows too little to have doubts worth following."""
    if pool.probabilities is None:
        return True
    covered = bool((pool.targets.sum(axis=0) >= ENOUGH_OF_EACH).all())
    return not covered and len(pool.labelled) < max(COLD_ROUNDS * n, TYPICAL_LEAST)
