"""The control: every item has the same chance."""

import numpy as np

from meguri.learning.selection.base import Picks, Pool, SelectionStrategy, strategies


@strategies.register
class Random(SelectionStrategy):
    """A uniform draw without replacement; its probability is recorded."""

    name = "random"

    def select(self, pool: Pool, n: int, rng: np.random.Generator) -> Picks:
        n = min(n, len(pool))
        places = rng.permutation(len(pool))[:n]
        return Picks.of(self.name, places, np.zeros(n), n / max(len(pool), 1))
