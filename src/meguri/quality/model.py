"""What answers add up to, and the pure rules of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from meguri.annotation.model import IMPORT, Annotation, Question

SETTLING = (IMPORT, "adjudication")  # reasons whose answers are the truth, the first one first


@dataclass(frozen=True, slots=True)
class Label:
    """The agreed answer to one question about one item; `confidence` in [0, 1], `answers` behind it."""

    item_id: int
    value: Any
    confidence: float
    answers: int


@dataclass(frozen=True, slots=True)
class Consensus:
    """A label with everything that is known of its making; `disagreement` = 1 - mean similarity to the answers."""

    item_id: int
    split: str
    question: str
    value: Any
    label: str | None
    confidence: float
    answers: int
    disagreement: float
    aggregator: str
    updated_at: int


@dataclass(frozen=True, slots=True)
class Skill:
    """How often a person is right, with a 95 % interval, judged by `answers` answers that others answered too."""

    person_id: int
    question: str
    value: float
    low: float
    high: float
    answers: int


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer to one question."""

    item_id: int
    annotation_id: int
    person_id: int | None
    value: Any
    truth: bool


def exclusive(question: Question) -> bool:
    """Whether an answer is always exactly one of the question's classes."""
    if question.classes is None:
        return False
    example = question.kind.example()
    config = question.kind.Config.model_validate(example.config)
    return all(len(question.kind.indicator(config, value)) == 1 for value in example.values)


def votes_of(annotations: Sequence[Annotation], question: str) -> list[Vote]:
    """The answers to one question; of those that settle the item the newest of the highest kind is the truth."""
    answered = [one for one in annotations if one.answers.get(question) is not None]
    truth = next((one.id for reason in SETTLING for one in reversed(answered) if one.reason == reason), None)
    return [
        Vote(one.item_id, one.id, one.person_id, one.answers[question], one.id == truth)
        for one in answered
        if one.person_id is not None or one.id == truth
    ]
