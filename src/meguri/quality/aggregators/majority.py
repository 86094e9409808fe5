"""The answer that most people gave."""

import numpy as np

from meguri.quality.aggregators.base import Aggregator, Agreed, Votes, aggregators, skills_of


@aggregators.register
class Majority(Aggregator):
    """Every answer weighs the same; its share of the answers is its probability, so that ties are shared."""

    name = "majority"
    local = True

    def aggregate(self, votes: Votes) -> Agreed:
        counts = votes.counts()
        given = counts.sum(axis=1, keepdims=True)
        shares = np.where(given > 0, counts / np.maximum(given, 1), 1 / votes.classes)
        probabilities = votes.with_known(shares)
        return Agreed(probabilities, skills_of(votes, probabilities))
