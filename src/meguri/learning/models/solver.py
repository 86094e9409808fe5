"""The optimisation behind the linear model: L-BFGS on dense rows, and cross-validation around it."""

from typing import Any, NamedTuple

import numpy as np

from meguri.learning.models.base import Bools, Reals

TRUSTS = (1.0, 10.0, 100.0)  # weight of the labels against the penalty, weak trust first
FOLDS = 3
TRIED = 1_500  # rows that cross-validation looks at, at most
SCALES = (float(np.log(0.1)), float(np.log(10.0)))  # logarithms of the least and the largest scale
SCALE_PRIOR, SHIFT_PRIOR = 2.0, 0.05  # how hard scale and shifts are held to one and zero, in units of log-loss
FEW = 5.0  # over the number of rows: how much harder the shifts are held where rows are few
FLOOR = 1e-12


class Head(NamedTuple):
    """A linear function: slopes (dimensions, classes) and offsets (classes,)."""

    slopes: Reals
    offsets: Reals


def probabilities_of(logits: Reals, multiple: bool) -> Reals:
    """Softmax over the classes, or a sigmoid for each."""
    if multiple:
        return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)))
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def solve(rows: Reals, targets: Bools, weights: Reals, multiple: bool, trust: float, start: Head | None = None) -> Head:
    """The head with the least loss: `trust` times the weighted log-loss plus half the squared slopes."""
    from scipy.optimize import minimize

    dimensions, classes = rows.shape[1], targets.shape[1]
    truth, weight = targets.astype(np.float64), (trust * weights)[:, None]

    def loss(flat: Reals) -> tuple[float, Reals]:
        slopes, offsets = flat[classes:].reshape(dimensions, classes), flat[:classes]
        found = probabilities_of(rows @ slopes + offsets, multiple)
        error = weight * (found - truth)
        slope = rows.T @ error + slopes
        value = 0.5 * float((slopes**2).sum()) - float((weight * _log_likelihood(found, truth, multiple)).sum())
        return value, np.concatenate([error.sum(axis=0), slope.ravel()])

    first = np.zeros(classes * (dimensions + 1))
    if start is not None:
        first = np.concatenate([start.offsets, start.slopes.ravel()])
    options = {"maxiter": 200, "ftol": 1e-6, "gtol": 1e-3, "maxcor": 10}
    best = minimize(loss, first, jac=True, method="L-BFGS-B", options=options).x
    return Head(best[classes:].reshape(dimensions, classes), best[:classes])


def _log_likelihood(found: Reals, truth: Reals, multiple: bool) -> Reals:
    likely = truth * np.log(found + FLOOR)
    return likely + (1 - truth) * np.log(1 - found + FLOOR) if multiple else likely


class Calibration(NamedTuple):
    """What makes raw logits honest: `scale` times the logit plus a `shift` for each class."""

    scale: float
    shift: Reals
    loss: float = np.inf

    def __call__(self, logits: Reals) -> Reals:
        return self.scale * logits + self.shift


def calibrate(logits: Reals, targets: Bools, weights: Reals, multiple: bool) -> Calibration:
    """Scale and shifts with the least log-loss on logits of rows the head never saw (Platt 1999, Guo et al. 2017).

    The shifts matter where features are many and sparse: there a head is sure of its own rows by what is peculiar to
    them, and falls back on its offsets everywhere else. Few labels leave both near one and zero.
    """
    from scipy.optimize import minimize

    truth, weight = targets.astype(np.float64), weights[:, None]
    hold = SHIFT_PRIOR + FEW / len(targets)

    def loss(flat: Reals) -> tuple[float, Reals]:
        scale, shift = np.exp(flat[0]), flat[1:]
        found = probabilities_of(scale * logits + shift, multiple)
        error = weight * (found - truth)
        value = SCALE_PRIOR * flat[0] ** 2 + hold * float(shift @ shift)
        value -= float((weight * _log_likelihood(found, truth, multiple)).sum())
        slope = np.concatenate([[2 * SCALE_PRIOR * flat[0] + scale * (error * logits).sum()], error.sum(axis=0)])
        slope[1:] += 2 * hold * shift
        return value, slope

    met = np.asarray(targets.any(axis=0))  # of a class that no judged row holds, the rest would only say "less"
    bounds = [SCALES, *((None, None) if one else (0.0, 0.0) for one in met.tolist())]
    best = minimize(loss, np.zeros(targets.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    return Calibration(float(np.exp(best.x[0])), best.x[1:], float(best.fun) / max(float(weights.sum()), FLOOR))


def choose(
    rows: Reals, targets: Bools, weights: Reals, multiple: bool, rng: np.random.Generator
) -> tuple[float, Calibration, dict[str, Any]]:
    """Trust and calibration by cross-validation, and what it found: log-loss and accuracy out of fold."""
    if len(rows) > TRIED:
        some = np.sort(rng.choice(len(rows), TRIED, replace=False))
        rows, targets, weights = rows[some], targets[some], weights[some]
    fold = _folds(targets, rng)
    judged = _judged(targets, fold)
    if not judged.any():
        return TRUSTS[len(TRUSTS) // 2], Calibration(1.0, np.zeros(targets.shape[1])), {}
    logits = _out_of_fold(rows, targets, weights, multiple, fold)
    fits = {
        trust: calibrate(found[judged], targets[judged], weights[judged], multiple) for trust, found in logits.items()
    }
    trust = min(fits, key=lambda one: fits[one].loss)
    accuracy = _exact(fits[trust](logits[trust][judged]), targets[judged], multiple)
    found_out = {"cv_loss": round(fits[trust].loss, 4), "cv_accuracy": round(accuracy, 4), "cv_rows": int(judged.sum())}
    return trust, fits[trust], found_out


def _folds(targets: Bools, rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.int64]]:
    """A fold for each row; rows with the same answer are spread evenly."""
    order = np.lexsort((rng.permutation(len(targets)), *targets.T))
    fold = np.empty(len(targets), np.int64)
    fold[order] = np.arange(len(targets)) % FOLDS
    return fold


def _judged(targets: Bools, fold: Any) -> Bools:
    """Rows whose classes the other folds have seen; of the rest nothing could be known."""
    judged = np.zeros(len(targets), bool)
    for number in range(FOLDS):
        seen = targets[fold != number].any(axis=0) if (fold != number).any() else np.zeros(targets.shape[1], bool)
        judged |= (fold == number) & ~(targets & ~seen).any(axis=1)
    return judged


def _out_of_fold(rows: Reals, targets: Bools, weights: Reals, multiple: bool, fold: Any) -> dict[float, Reals]:
    """Logits of every row from a head that never saw it, for each trust; each starts where the last one ended."""
    logits = {trust: np.zeros(targets.shape) for trust in TRUSTS}
    for number in range(FOLDS):
        rest, held, head = fold != number, fold == number, None
        if not rest.any() or not held.any():
            continue
        for trust in TRUSTS:
            head = solve(rows[rest], targets[rest], weights[rest], multiple, trust, head)
            logits[trust][held] = rows[held] @ head.slopes + head.offsets
    return logits


def _exact(logits: Reals, targets: Bools, multiple: bool) -> float:
    if multiple:
        return float(((logits > 0) == targets).all(axis=1).mean())
    return float(targets[np.arange(len(targets)), logits.argmax(axis=1)].mean())
