"""How sure a number is that is not a plain share."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

DRAWS = 300


def bootstrap(
    measure: Callable[[npt.NDArray[np.int64]], float], n: int, rng: np.random.Generator, draws: int = DRAWS
) -> tuple[float, float]:
    """The percentile interval of `measure` over `draws` resamples of n items (Efron 1979)."""
    values = [measure(rng.integers(0, n, n)) for _ in range(draws)]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
