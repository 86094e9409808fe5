"""Hesitation and variety together: Cluster-Margin (after Citovsky et al., NeurIPS 2021)."""

import numpy as np

from meguri.learning.selection.base import Picks, Places, Pool, Reals, SelectionStrategy, Vectors, strategies
from meguri.learning.selection.margin import Margin
from meguri.learning.selection.typical import unit

CANDIDATES = 10  # for each pick
ROUNDS = 10  # of k-means


@strategies.register
class ClusterMargin(SelectionStrategy):
    """The items with the smallest margins are clustered; the smallest margin of each cluster is picked."""

    name = "cluster_margin"

    def select(self, pool: Pool, n: int, rng: np.random.Generator) -> Picks:
        n = min(n, len(pool))
        if pool.probabilities is None or n == 0:
            return Margin().select(pool, n, rng)
        margins = pool.margins
        near = np.lexsort((rng.permutation(len(pool)), margins))[: CANDIDATES * n]
        doubt = 1 - margins[near] + 1e-3
        cluster = k_means(unit(pool.vectors[near]), n, doubt, rng)
        firsts = np.unique(cluster[cluster >= 0], return_index=True)[1]  # near is in order of margin
        rest = np.setdiff1d(np.arange(len(near)), firsts)[: n - len(firsts)]
        places = near[np.sort(np.concatenate([firsts, rest]))]
        return Picks.of(self.name, places, 1 - margins[places])


def k_means(points: Vectors, k: int, weights: Reals, rng: np.random.Generator) -> Places:
    """The cluster of each point, by Lloyd's rounds from k-means++ seeds (Arthur & Vassilvitskii 2007)."""
    centres = points[_seeds(points, k, weights, rng)]
    cluster = np.zeros(len(points), np.int64)
    for _ in range(ROUNDS):
        nearest = (points @ centres.T - 0.5 * (centres**2).sum(axis=1)).argmax(axis=1)
        if (nearest == cluster).all():
            break
        cluster = nearest
        total = np.bincount(cluster, weights, minlength=k)
        share = np.zeros((k, len(points)), np.float32)
        share[cluster, np.arange(len(points))] = weights / np.maximum(total, 1e-9)[cluster]
        centres = np.where(total[:, None] > 0, share @ points, centres)
    return cluster


def _seeds(points: Vectors, k: int, weights: Reals, rng: np.random.Generator) -> Places:
    seeds = [int(rng.choice(len(points), p=weights / weights.sum()))]
    far = np.full(len(points), np.inf)
    for _ in range(k - 1):
        gap = points - points[seeds[-1]]
        far = np.minimum(far, np.einsum("ij,ij->i", gap, gap))
        chance = weights * far
        total = chance.sum()
        seeds.append(int(rng.choice(len(points), p=chance / total)) if total > 0 else int(rng.integers(len(points))))
    return np.array(seeds)
