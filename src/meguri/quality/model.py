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


def votes_of(item_id: int, annotations: Sequence[Annotation], question: str) -> list[Vote]:
    """The answers to one question that count: where some settle the item, only those."""
    answered = [one for one in annotations if one.answers.get(question) is not None]
    for reason in SETTLING:
        settling = [one for one in answered if one.reason == reason]
        if settling:
            return [_vote(item_id, one, question, truth=True) for one in settling[-1:]]
    return [_vote(item_id, one, question, truth=False) for one in answered]


def _vote(item_id: int, one: Annotation, question: str, *, truth: bool) -> Vote:
    return Vote(item_id, one.id, one.person_id, one.answers[question], truth)
