"""The cold start: the most typical items of what no label covers yet.

Greedy coverage of a Gaussian kernel (MaxHerding: Bae et al., 2407.12212) on samples of at most a few thousand
candidates and targets, so that a pool of a million costs what a pool of thousands costs.
"""

import numpy as np

from meguri.learning.selection.base import Picks, Pool, Reals, SelectionStrategy, Vectors, strategies

SAMPLE = 3_000  # candidates, and targets to be covered
PAIRS = 500  # for the bandwidth


@strategies.register
class Typical(SelectionStrategy):
    """Each pick covers as much as possible of what labelled items and earlier picks leave uncovered."""

    name = "typical"

    def select(self, pool: Pool, n: int, rng: np.random.Generator) -> Picks:
        n = min(n, len(pool))
        candidates = np.sort(rng.permutation(len(pool))[: max(SAMPLE, n)])
        targets = np.sort(rng.permutation(len(pool))[:SAMPLE])
        points, goals, known = (unit(rows) for rows in (pool.vectors[candidates], pool.vectors[targets], pool.labelled))
        width = _bandwidth(goals)
        kernel = _kernel(points, goals, width)
        covered = np.zeros(len(goals), np.float32)
        for start in range(0, len(known), SAMPLE):
            covered = np.maximum(covered, _kernel(known[start : start + SAMPLE], goals, width).max(axis=0))
        picked, gains = _greedy(kernel, covered, n)
        return Picks.of(self.name, candidates[picked], gains)


def unit(vectors: Vectors) -> Vectors:
    """Rows of length one."""
    rows: Vectors = np.asarray(vectors, np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def _bandwidth(goals: Vectors) -> float:
    """Half the median of 1 - cosine between some pairs."""
    half = min(PAIRS, len(goals) // 2)
    if half == 0:
        return 1.0
    return (
        max(float(np.median(1 - goals[:: len(goals) // half][:half] @ goals[1 :: len(goals) // half][:half].T)), 1e-3)
        / 2
    )


def _kernel(rows: Vectors, goals: Vectors, width: float) -> Vectors:
    similar: Vectors = np.exp((rows @ goals.T - 1) / np.float32(width))
    return similar


def _greedy(kernel: Vectors, covered: Vectors, n: int) -> tuple[list[int], Reals]:
    """Rows of the kernel in the order of what each adds; gains are shares of the targets, falling.

    What a row adds can only shrink (submodularity), so that most rows need not be looked at again (Minoux 1978).
    """
    gain = np.maximum(kernel - covered, 0).sum(axis=1).astype(np.float64)
    picked: list[int] = []
    gains = []
    for _ in range(n):
        best = _best(kernel, covered, gain)
        picked.append(best)
        gains.append(gain[best] / len(covered))
        covered = np.maximum(covered, kernel[best])
        gain[best] = -np.inf
    return picked, np.array(gains)


def _best(kernel: Vectors, covered: Vectors, bound: Reals) -> int:
    """The row that adds most; `bound` holds gains that may be out of date and is brought up to date on the way."""
    best, most, step = -1, -np.inf, 16
    order = np.argsort(-bound, kind="stable")
    for start in range(0, len(order), step):
        some = order[start : start + step]
        if bound[some[0]] <= most:
            break
        live = some[bound[some] > -np.inf]
        if not len(live):
            break
        bound[live] = np.maximum(kernel[live] - covered, 0).sum(axis=1)
        top = int(live[bound[live].argmax()])
        if bound[top] > most:
            best, most = top, float(bound[top])
    return best
