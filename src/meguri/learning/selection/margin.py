"""The items on which the model hesitates most between two answers (Scheffer et al., IDA 2001)."""

import numpy as np

from meguri.learning.selection.base import Picks, Pool, SelectionStrategy, strategies


@strategies.register
class Margin(SelectionStrategy):
    """Smallest difference between the best and the second-best probability; at random without a model."""

    name = "margin"

    def select(self, pool: Pool, n: int, rng: np.random.Generator) -> Picks:
        margins = pool.margins
        order = np.lexsort((rng.permutation(len(pool)), margins))[:n]
        return Picks.of(self.name, order, 1 - margins[order])
