"""How sure a number is: intervals for shares and for anything else."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import numpy.typing as npt

NORMAL_95 = 1.959963984540054
DRAWS = 300


def wilson(right: float, n: float, z: float = NORMAL_95) -> tuple[float, float]:
    """Wilson's interval (1927) for a share of `right` in `n`: honest near 0 and 1 and for small n; (0, 1) for n = 0."""
    if n <= 0:
        return 0.0, 1.0
    share = right / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(
    measure: Callable[[npt.NDArray[np.int64]], float], n: int, rng: np.random.Generator, draws: int = DRAWS
) -> tuple[float, float]:
    """The percentile interval of `measure` over `draws` resamples of n items (Efron 1979)."""
    values = [measure(rng.integers(0, n, n)) for _ in range(draws)]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
