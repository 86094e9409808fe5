"""What the routes of this room take and give."""

from typing import Any, Literal, Self

from pydantic import BaseModel

from meguri.kit import clock
from meguri.loop.repository import Point

StepName = Literal["collect", "select", "wait", "aggregate", "train", "evaluate", "promote", "recalibrate", "stop"]


class StepOut(BaseModel):
    """What the loop does now, or why it rests: `code` names the reason, `text` says it in English."""

    name: StepName
    code: str
    params: dict[str, Any]
    text: str
    since: str | None


class Learn(BaseModel):
    """Labels to learn from, items left to choose from, models trained."""

    labels: int
    pool: int
    models: int


class Verify(BaseModel):
    """How good the model in production is, or the newest where there is none; what the gate said of the newest."""

    accuracy: float | None
    low: float | None
    high: float | None
    test_labels: int
    verdict: bool | None
    model_version: int | None


class Watch(BaseModel):
    """What was decided in production."""

    decisions: int
    automated: int
    automated_share: float | None


class Decide(BaseModel):
    """What waits for an operator."""

    reviews_pending: int


class Relearn(BaseModel):
    """The turn of the loop that people work on."""

    round: int
    pending_tasks: int
    answers_given: int
    answers_wanted: int


class Stations(BaseModel):
    """The five stations of the ring in numbers."""

    learn: Learn
    verify: Verify
    watch: Watch
    decide: Decide
    relearn: Relearn


class NextForMe(BaseModel):
    """What needs the one who asks: to confirm a promotion, to review, to label, or to bring items."""

    kind: Literal["promote", "review", "label", "items"]
    count: int


class Ring(BaseModel):
    """A project's ring. `step` is null where the loop was never started."""

    running: bool
    step: StepOut | None
    stations: Stations
    next_for_me: NextForMe | None


class PointOut(BaseModel):
    """One point of the learning curve; `automated_…` is what routing would do with the locked split."""

    round: int
    labels: int
    answers: int
    accuracy: float | None
    low: float | None
    high: float | None
    macro_f1: float | None
    automated_share: float | None
    automated_error: float | None
    threshold: float | None
    test_labels: int
    model_version: int
    created_at: str

    @classmethod
    def of(cls, point: Point) -> Self:
        told = {name: value for name, value in point.metrics.items() if name in cls.model_fields}
        return cls(
            round=point.round,
            labels=point.labels,
            answers=point.answers,
            model_version=point.model_version_id,
            created_at=clock.iso(point.created_at),
            **told,
        )


class Curve(BaseModel):
    """The learning curve, oldest turn first."""

    points: list[PointOut]


class Champion(BaseModel):
    """The model in production, and what routing does with it."""

    id: int
    number: int
    round: int
    created_at: str
    metrics: dict[str, Any] | None
    operating_point: dict[str, Any] | None


class ProjectReport(BaseModel):
    """The ring in numbers."""

    ring: Ring
    curve: list[PointOut]
    champion: Champion | None


class LoopIn(BaseModel):
    """What the loop shall do: go on by itself, rest after its present step, or do one step."""

    action: Literal["start", "pause", "step"]
