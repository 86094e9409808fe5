"""Learning curves as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

INK, PAPER, ACCENT = "#22262e", "#faf8f5", "#d6452c"
# Safe for deuteranopia, told apart by dashes as well.
LINES = ((ACCENT, "-"), (INK, "--"), ("#1f77a4", "-."), ("#8a6d1d", ":"), ("#5c5c8a", (0, (5, 1, 1, 1))))

Point = Mapping[str, Any]


def draw(
    target: Path,
    runs: Mapping[str, Sequence[Sequence[Point]]],
    *,
    title: str,
    measure: str = "accuracy",
    full: float | None = None,
) -> None:
    """Draw `measure` against labels as SVG.

    `runs`: for each strategy its curves, one a seed, each a list of points with `labels` and `measure`. The band is
    the 95 % interval of the mean over seeds or, with one seed, the interval of the measurement itself
    (`<measure>_low`, `<measure>_high`).
    """
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    with mpl.rc_context(
        {"svg.fonttype": "none", "font.family": "sans-serif", "text.color": INK, "axes.edgecolor": INK}
    ):
        figure, axes = plt.subplots(figsize=(8, 4.5), facecolor=PAPER)
        axes.set_facecolor(PAPER)
        for (name, curves), (colour, dash) in zip(runs.items(), LINES * len(runs), strict=False):
            labels, mean, low, high = _band(curves, measure)
            axes.plot(labels, mean, color=colour, linestyle=dash, linewidth=2, label=name)
            axes.fill_between(labels, low, high, color=colour, alpha=0.12, linewidth=0)
        if full is not None:
            axes.axhline(full, color=INK, linewidth=0.8, alpha=0.6)
            axes.annotate("all labels", (0.005, full), xycoords=("axes fraction", "data"), va="bottom", fontsize=9)
        axes.set(xlabel="labels", ylabel=measure.replace("_", " "), title=title)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.2)
        axes.legend(frameon=False, loc="lower right")
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target, format="svg", bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


def _band(curves: Sequence[Sequence[Point]], measure: str) -> tuple[list[float], list[float], list[float], list[float]]:
    """Mean and 95 % interval at each number of labels that every curve has."""
    if len(curves) == 1:
        only = curves[0]
        mean = [point[measure] for point in only]
        low = [point.get(f"{measure}_low", point[measure]) for point in only]
        high = [point.get(f"{measure}_high", point[measure]) for point in only]
        return [point["labels"] for point in only], mean, low, high
    shared = sorted(set.intersection(*({point["labels"] for point in curve} for curve in curves)))
    columns = [[point[measure] for curve in curves for point in curve if point["labels"] == at] for at in shared]
    middles, halves = zip(*(interval(column) for column in columns), strict=True) if columns else ((), ())
    low = [middle - half for middle, half in zip(middles, halves, strict=True)]
    high = [middle + half for middle, half in zip(middles, halves, strict=True)]
    return [float(at) for at in shared], list(middles), low, high


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Mean of some repetitions and half the width of its 95 % interval (Student's t)."""
    import numpy as np
    from scipy import stats

    n = len(values)
    mean = float(np.mean(values))
    if n < 2:
        return mean, 0.0
    return mean, float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
