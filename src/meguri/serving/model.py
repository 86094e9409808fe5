"""Decisions, their outcomes, and the pure rules of telling a client: signature and pace."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from meguri.kit import clock

SOURCES = ("review", "report", "appeal", "return")  # where an outcome comes from
SETTLE = "serving.settle"
DELIVER = "serving.deliver"

FIRST_PAUSE = 5 * clock.SECOND
LONGEST_PAUSE = 6 * clock.HOUR
MAX_TRIES = 14  # the last one about a day after the first
CLAIMED_FOR = 60 * clock.SECOND  # a sender that dies lets go of its deliveries after this
SEND_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What turned out to be right."""

    id: int
    decision_id: int
    answers: dict[str, Any]
    source: str
    actor: str
    annotation_id: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What was done with one output. `model_version_id` None: the client's own model made it."""

    id: int
    project_id: int
    item_id: int | None
    key: str | None
    answer: dict[str, Any]
    score: float
    probabilities: dict[str, Any] | None
    decision: str
    policy: str
    threshold: float | None
    model_version_id: int | None
    review_id: int | None
    created_at: int
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a model, ours or the client's. `answer` empty: it has none."""

    answer: dict[str, Any]
    score: float
    probabilities: dict[str, Any] | None = None
    item_id: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a project's outcomes are sent."""

    id: int
    project_id: int
    url: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outcome on its way to one webhook. `next_at` None: it arrived, or was given up."""

    id: int
    webhook_id: int
    outcome_id: int
    body: dict[str, Any]
    tries: int
    delivered: bool
    last_status: int | None
    last_error: str | None
    next_at: int | None
    created_at: int

    @property
    def state(self) -> str:
        """In one word: delivered, waiting or dead."""
        if self.delivered:
            return "delivered"
        return "dead" if self.next_at is None else "waiting"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the receiver said: an HTTP status, or why there was none."""

    status: int | None
    error: str | None = None

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def pause_before_try(tries: int) -> int | None:
    """How long to wait after `tries` failed ones, in milliseconds, doubling; None: give up."""
    if tries >= MAX_TRIES:
        return None
    return int(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1)))


def signed(secret: str, body: bytes, at: int) -> str:
    """The header `Meguri-Signature`: `t=<seconds>,v1=<HMAC-SHA256 of "t.body" in hexadecimal>`."""
    seconds = at // clock.SECOND
    return f"t={seconds},v1={_mac(secret, seconds, body)}"


def signature_is_good(secret: str, body: bytes, header: str, now: int, tolerance: int = 300) -> bool:
    """What a receiver checks: the signature is ours and at most `tolerance` seconds old, so it is no replay."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    seconds = parts.get("t", "")
    if not seconds.isdigit() or abs(now // clock.SECOND - int(seconds)) > tolerance:
        return False
    return hmac.compare_digest(parts.get("v1", ""), _mac(secret, int(seconds), body))


def _mac(secret: str, seconds: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256).hexdigest()


def outcome_body(decision: Decision, outcome: Outcome) -> dict[str, Any]:
    """What a webhook is told."""
    return {
        "event": "decision.outcome",
        "project": decision.project_id,
        "decision": decision.id,
        "item": decision.item_id,
        "key": decision.key,
        "answer": decision.answer,
        "score": decision.score,
        "model_version": decision.model_version_id,
        "outcome": {
            "id": outcome.id,
            "answers": outcome.answers,
            "source": outcome.source,
            "agrees": agrees(decision.answer, outcome.answers),
            "at": clock.iso(outcome.created_at),
        },
    }


def agrees(answer: Mapping[str, Any], outcome: Mapping[str, Any]) -> bool:
    """Whether the model was right in everything that the outcome speaks of."""
    return all(answer.get(question) == value for question, value in outcome.items())
