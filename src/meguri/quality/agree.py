"""From votes to a consensus, pure: one way for answers that are one class, one for all others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from meguri.annotation.model import Question
from meguri.quality.aggregators.base import Aggregator, Votes
from meguri.quality.model import Vote

KNOWN_FROM = 2  # people whose answers it takes for one to be judged by the others


@dataclass(frozen=True, slots=True)
class Found:
    """The consensus on one item, and how far it supports each of its votes (None: nothing to judge by)."""

    value: Any
    confidence: float
    answers: int
    disagreement: float
    supports: dict[int, float | None]  # by annotation


def agree(question: Question, votes: Mapping[int, Sequence[Vote]], aggregator: Aggregator | None) -> dict[int, Found]:
    """What is agreed about each item that has votes; without an aggregator by the type's own merging."""
    answered = {item: given for item, given in votes.items() if given}
    if aggregator is None:
        return {item: _merged(question, given) for item, given in answered.items()}
    return _aggregated(question, answered, aggregator)


def agreement_of(question: Question, votes: Sequence[Vote]) -> list[float | None]:
    """Each vote's mean similarity to the votes of other people; None where nobody else answered."""
    shared: list[float | None] = []
    for one in votes:
        alike = [
            question.similarity(one.value, other.value)
            for other in votes
            if other.person_id is not None and other.person_id != one.person_id
        ]
        shared.append(sum(alike) / len(alike) if alike and one.person_id is not None else None)
    return shared


def _merged(question: Question, votes: Sequence[Vote]) -> Found:
    truth = [vote.value for vote in votes if vote.truth]
    value, confidence = (truth[0], 1.0) if truth else question.merge([vote.value for vote in votes], [1.0] * len(votes))
    return _found(question, votes, value, confidence, [question.similarity(vote.value, value) for vote in votes])


def _found(
    question: Question, votes: Sequence[Vote], value: Any, confidence: float, supports: Sequence[float]
) -> Found:
    judged = len(votes) >= KNOWN_FROM
    alike = [question.similarity(vote.value, value) for vote in votes]
    return Found(
        value,
        confidence,
        len(votes),
        1 - sum(alike) / len(alike),
        {
            vote.annotation_id: support if judged and not vote.truth else None
            for vote, support in zip(votes, supports, strict=True)
        },
    )


def _aggregated(question: Question, votes: Mapping[int, Sequence[Vote]], aggregator: Aggregator) -> dict[int, Found]:
    classes = question.classes or ()
    number = {name: place for place, name in enumerate(classes)}
    coded = {
        item: [(vote, class_number(question, vote.value, number)) for vote in given] for item, given in votes.items()
    }
    coded = {item: kept for item, given in coded.items() if (kept := [(one, at) for one, at in given if at >= 0])}
    items = sorted(coded)
    agreed = aggregator.aggregate(_arrays(coded, items, len(classes)))
    chosen = agreed.labels(np.array(items, np.int64))
    found = {}
    for place, item in enumerate(items):
        label, shares = int(chosen[place]), agreed.probabilities[place]
        supports = [float(shares[at]) for _, at in coded[item]]
        value = value_of(question, classes[label])
        found[item] = _found(question, [vote for vote, _ in coded[item]], value, float(shares[label]), supports)
    return found


def class_number(question: Question, value: Any, number: Mapping[str, int]) -> int:
    """The place of the one class that a value is; -1 where it is no longer one of the options."""
    return next((number.get(name, -1) for name in question.kind.indicator(question.parsed, value)), -1)


def value_of(question: Question, name: str) -> Any:
    """The value that stands for one class."""
    made = question.kind.from_scores(question.parsed, {name: 1.0})
    return name if made is None else made[0]


def _arrays(coded: Mapping[int, Sequence[tuple[Vote, int]]], items: Sequence[int], classes: int) -> Votes:
    """The votes as arrays; what settles an item is known and nobody's vote."""
    known = np.full(len(items), -1, np.int64)
    people: dict[int, int] = {}
    rows: list[tuple[int, int, int]] = []
    for place, item in enumerate(items):
        for vote, at in coded[item]:
            if vote.truth:
                known[place] = at
            elif vote.person_id is not None:
                rows.append((place, people.setdefault(vote.person_id, len(people)), at))
    task, worker, label = np.array(rows, np.int64).reshape(-1, 3).T
    return Votes(task, worker, label, len(items), max(len(people), 1), classes, known)
