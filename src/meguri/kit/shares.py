"""How sure a share is."""

from math import sqrt

NORMAL_95 = 1.959963984540054


def wilson(part: float, whole: float, z: float = NORMAL_95) -> tuple[float, float]:
    """Wilson's interval (1927) for a share of `part` in `whole`: honest near 0 and 1 and for few; (0, 1) for none."""
    if whole <= 0:
        return 0.0, 1.0
    share = part / whole
    centre = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
