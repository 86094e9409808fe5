"""A trained artefact: one head for each question that can be learnt, with the questions themselves.

It needs nothing but its own bytes and the galleries to predict, and holds no code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from meguri.annotation.model import Question
from meguri.kit.errors import Conflict, Invalid
from meguri.learning.features.base import FeatureExtractor, Matrix, extractors
from meguri.learning.model import Predicted
from meguri.learning.models.base import Fitted, Reals, Training, models, pack, unpack
from meguri.quality.model import exclusive


@dataclass(frozen=True)
class Lesson:
    """What one head is to learn: the question, which rows of the features have labels, and these labels."""

    question: dict[str, Any]
    rows: Any  # (labels,) places in the features
    targets: Any  # (labels, classes)
    weights: Any  # (labels,)
    multiple: bool


@dataclass(frozen=True)
class Head:
    """One question and what answers it."""

    question: Question
    model: str
    fitted: Fitted


@dataclass(frozen=True)
class Artefact:
    """All heads, the first one being the headline."""

    features: str  # name and version of the extractor
    heads: tuple[Head, ...]

    @property
    def headline(self) -> Head:
        """The head whose score decides what happens with an output."""
        return self.heads[0]

    @property
    def extractor(self) -> FeatureExtractor:
        """The extractor it was trained with, if that still makes the same numbers."""
        extractor = extractors[self.features.rsplit("-", 1)[0]]
        if extractor.tag != self.features:
            raise Conflict(
                f"The model was trained on {self.features}, but features are now made by {extractor.tag}; train again.",
                code="learning.features_changed",
                trained=self.features,
                now=extractor.tag,
            )
        return extractor

    def probabilities(self, features: Matrix) -> dict[str, Reals]:
        """`{question: (items, classes)}`."""
        return {head.question.name: head.fitted.predict(features) for head in self.heads}

    def predict(self, features: Matrix) -> list[Predicted]:
        """An answer to every question for each row."""
        found = self.probabilities(features)
        return [self._predicted({name: rows[i] for name, rows in found.items()}) for i in range(features.shape[0])]

    def _predicted(self, shares: dict[str, Any]) -> Predicted:
        answers, scores, named = {}, {}, {}
        for head in self.heads:
            name = head.question.name
            named[name] = dict(zip(head.fitted.classes, (float(p) for p in shares[name]), strict=True))
            answers[name], sure = answer_of(head.question, named[name])
            if head.fitted.multiple:
                held = head.question.kind.indicator(head.question.parsed, answers[name])
                sure = float(np.prod([p if one in held else 1 - p for one, p in named[name].items()]))
            scores[name] = sure
        return Predicted(answers, scores[self.headline.question.name], named, scores)

    def save(self) -> bytes:
        """All heads in one archive; the same model gives the same bytes."""
        header = {
            "features": self.features,
            "heads": [{"question": head.question.to_json(), "model": head.model} for head in self.heads],
        }
        return pack(
            header, {f"head{i}": np.frombuffer(head.fitted.save(), np.uint8) for i, head in enumerate(self.heads)}
        )

    @classmethod
    def load(cls, content: bytes) -> "Artefact":
        """What `save` wrote."""
        header, arrays = unpack(content)
        heads = [
            Head(
                Question.from_json(given["question"]),
                given["model"],
                models[given["model"]].load(arrays[f"head{i}"].tobytes()),
            )
            for i, given in enumerate(header["heads"])
        ]
        return cls(header["features"], tuple(heads))


def answer_of(question: Question, shares: dict[str, float]) -> tuple[Any, float]:
    """The answer that class probabilities stand for, and how sure it is."""
    made = question.kind.from_scores(question.parsed, shares)
    if made is None:
        raise Invalid(f"Answers of type {question.type} cannot be made from probabilities.", code="learning.no_classes")
    return made


def targets_of(question: Question, values: Sequence[Any]) -> Any:
    """(values, classes): which classes each value holds."""
    classes = question.classes or ()
    held = [question.kind.indicator(question.parsed, value) for value in values]
    return np.array([[name in one for name in classes] for one in held], bool).reshape(len(held), len(classes))


def lesson_of(question: Question, rows: Sequence[int], values: Sequence[Any], weights: Sequence[float]) -> Lesson:
    """A lesson from values, less those that are no longer among the options."""
    targets = targets_of(question, values)
    kept = targets.any(axis=1) if exclusive(question) else np.ones(len(targets), bool)
    return Lesson(
        question.to_json(),
        np.array(rows, np.int64)[kept],
        targets[kept],
        np.array(weights, np.float64)[kept],
        not exclusive(question),
    )


def fit(tag: str, model: str, features: Matrix, background: Matrix, lessons: Sequence[Lesson], seed: int) -> bytes:
    """Train a head for each lesson; pure, so that it can run in a process of its own.

    A lesson that has nothing to tell apart is left out, unless it is the headline: then `Invalid` is raised.
    """
    heads = []
    for place, lesson in enumerate(lessons):
        question = Question.from_json(lesson.question)
        training = Training(
            features[lesson.rows], lesson.targets, question.classes or (), lesson.multiple, lesson.weights, background
        )
        try:
            fitted = models[model].fit(training, np.random.default_rng([seed, place]))
        except Invalid:
            if not place:
                raise
            continue
        heads.append(Head(question, model, fitted))
    return Artefact(tag, tuple(heads)).save()
