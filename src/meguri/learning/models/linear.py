"""Logistic regression, one answer or several, with calibrated probabilities.

The strength of the penalty and the calibration of the probabilities are chosen by cross-validation, so that twenty
labels and twenty thousand give usable probabilities alike. With fewer labels
than features everything happens in the space that the labelled rows span: the same optimum, many times faster.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from meguri.learning.models.base import (
    Bools,
    Fitted,
    Matrix,
    Model,
    Reals,
    Training,
    check_two_classes,
    models,
    pack,
    unpack,
)
from meguri.learning.models.solver import Head, choose, probabilities_of, solve
from meguri.learning.models.view import View, span

CHUNK = 8_192  # rows scored at a time


@models.register
class Linear(Model):
    """Multinomial logistic regression, or one sigmoid for each class where several may hold."""

    name = "linear"

    def fit(self, training: Training, rng: np.random.Generator) -> "FittedLinear":
        # The matrices are small: several threads of BLAS wait for each other, at up to sixty times the CPU time.
        with threadpool_limits(1, "blas"):
            return self._fit(training, rng)

    def _fit(self, training: Training, rng: np.random.Generator) -> "FittedLinear":
        check_two_classes(training)
        view = View.learn(training.features, training.background)
        rows = view(training.features)
        space = span(rows, rng)
        learnable = _learnable(training)
        targets = training.targets[:, learnable]
        inside = space.into(rows)
        trust, calibration, found = choose(inside, targets, training.weights, training.multiple, rng)
        head = solve(inside, targets, training.weights, training.multiple, trust)
        head = Head(calibration.scale * space.out(head.slopes), calibration(head.offsets))
        card = {"trust": trust, "scale": round(calibration.scale, 4), "labels": len(targets), **found}
        return FittedLinear(training.classes, training.multiple, view, head, learnable, _rest(training), card)

    def load(self, artefact: bytes) -> "FittedLinear":
        header, arrays = unpack(artefact)
        return FittedLinear(
            tuple(header["classes"]),
            header["multiple"],
            View.from_arrays(arrays),
            Head(arrays["slopes"], arrays["offsets"]),
            arrays["learnable"],
            arrays["rest"],
            header["card"],
        )


@dataclass(frozen=True)
class FittedLinear(Fitted):
    """Slopes (features, learnable classes) and offsets, with the calibration already in them."""

    classes: tuple[str, ...]
    multiple: bool
    view: View
    head: Head
    learnable: Bools  # (classes,) which classes the labels can tell apart
    rest: Reals  # (classes,) probability of each of the others
    card: dict[str, Any] = field(default_factory=dict)

    def predict(self, features: Matrix) -> Reals:
        parts = [self._predict(features[start : start + CHUNK]) for start in range(0, features.shape[0], CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.classes)))

    def _predict(self, features: Matrix) -> Reals:
        logits = np.asarray(self.view(features) @ self.head.slopes, np.float64) + self.head.offsets
        known = probabilities_of(logits, self.multiple)
        if not self.multiple:
            known *= 1 - self.rest.sum()
        everything = np.tile(self.rest, (len(known), 1))
        everything[:, self.learnable] = known
        return everything

    def save(self) -> bytes:
        header = {"model": "linear", "classes": self.classes, "multiple": self.multiple, "card": self.card}
        own = {
            "slopes": self.head.slopes.astype(np.float32),
            "offsets": self.head.offsets.astype(np.float32),
            "learnable": self.learnable,
            "rest": self.rest,
        }
        return pack(header, {**own, **self.view.arrays()})


def _learnable(training: Training) -> Bools:
    """Classes that some labels hold; where several may hold, also some labels that do not."""
    held: Bools = np.any(training.targets, axis=0)
    return held & ~np.all(training.targets, axis=0) if training.multiple else held


def _rest(training: Training) -> Reals:
    """Probabilities of the classes that cannot be learnt yet, by Laplace's rule of succession."""
    n, held = len(training.targets), training.targets.sum(axis=0)
    if training.multiple:
        return np.where(_learnable(training), 0.0, (held + 1) / (n + 2))
    return np.where(_learnable(training), 0.0, 1 / (n + len(training.classes)))
