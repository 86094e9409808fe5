"""What goes in and out of this room's routes."""

from typing import Any

from pydantic import BaseModel, Field

from meguri.evaluation.model import AliasMove, Report, Verdict
from meguri.kit import clock
from meguri.learning.model import ModelVersion

WHY = Field(default="", max_length=2_000, description="The reason, for the history.")


class Measured(BaseModel):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


class ReasonOut(BaseModel):
    """What one gate said; `code` and `params` are for the page, `text` says the same in English."""

    gate: str
    passed: bool
    code: str
    params: dict[str, Any]
    text: str


class VerdictOut(BaseModel):
    """What the gates said of a model beside the champion of that moment."""

    passed: bool
    champion: int | None
    reasons: list[ReasonOut]
    at: str


class ModelRow(BaseModel):
    """One model version; `metrics` and `verdict` are null until it was evaluated."""

    id: int
    number: int
    round: int
    created_at: str
    made_by: str
    labels: int
    dataset_version: int | None
    features: str
    test_labels: int | None
    metrics: dict[str, Measured] | None
    verdict: VerdictOut | None
    is_champion: bool
    card: dict[str, Any]


class ModelRows(BaseModel):
    """All models of a project, the newest first."""

    champion: int | None
    rows: list[ModelRow]


class Confusion(BaseModel):
    """Rows are the truth, columns the answers. With several options an answer, `options` counts each on its own."""

    classes: list[str]
    matrix: list[list[int]]
    options: list[dict[str, int]] = []


class ClassRow(BaseModel):
    """How well one class is found; null where there is nothing to divide by."""

    name: str
    items: int
    precision: float | None
    recall: float | None
    f1: float | None


class SliceRow(BaseModel):
    """Accuracy on some of the items: `field=value`, or `=class` of the truth."""

    slice: str
    items: int
    accuracy: float
    low: float
    high: float


class Band(BaseModel):
    """A band of scores: mean score, and the share that was right."""

    low: float
    high: float
    items: int
    score: float
    right: float


class Wrong(BaseModel):
    """An error; the surest ones come first."""

    item: int
    key: str | None
    text: str | None
    truth: Any
    answer: Any
    score: float


class QuestionReport(BaseModel):
    """What was measured of one question."""

    question: str
    items: int
    metrics: dict[str, Measured]
    confusion: Confusion
    per_class: list[ClassRow]
    slices: list[SliceRow]
    calibration: list[Band]
    worst: list[Wrong]


class ModelOut(ModelRow):
    """A model with its report: the headline question's, beside those of all other questions."""

    report: QuestionReport | None
    others: list[QuestionReport] = []


class Differing(BaseModel):
    """An item that two models answer differently."""

    item: int
    key: str | None
    text: str | None
    truth: Any
    a: Any
    b: Any


class Comparison(BaseModel):
    """Two models on the same locked items; `p_value` of McNemar's exact two-sided test."""

    a: int
    b: int
    question: str
    both_right: int
    only_a: int
    only_b: int
    both_wrong: int
    p_value: float
    items: list[Differing]


class PromoteIn(BaseModel):
    """`force` overrules the gates and needs a reason."""

    why: str = WHY
    force: bool = False


class RollbackIn(BaseModel):
    """Why the earlier champion comes back."""

    why: str = WHY


class MoveOut(BaseModel):
    """A promotion or a rollback: from now on this model was the champion."""

    id: int
    alias: str
    model: int | None
    number: int | None
    kind: str
    actor: str
    why: str
    at: str


class Moves(BaseModel):
    """Every promotion and rollback, the newest first."""

    rows: list[MoveOut]


def move_out(move: AliasMove, numbers: dict[int, int]) -> MoveOut:
    """A move as the page reads it; `numbers` are the models' numbers by id."""
    return MoveOut(
        id=move.id,
        alias=move.alias,
        model=move.model_version_id,
        number=None if move.model_version_id is None else numbers.get(move.model_version_id),
        kind=move.kind,
        actor=move.actor,
        why=move.why,
        at=clock.iso(move.at),
    )


def row_out(
    model: ModelVersion, report: Report | None, verdict: Verdict | None, champion: int | None
) -> dict[str, Any]:
    """A model version as a row."""
    return {
        "id": model.id,
        "number": model.number,
        "round": model.round,
        "created_at": clock.iso(model.created_at),
        "made_by": model.made_by,
        "labels": model.card.get("labels", 0),
        "dataset_version": model.dataset_version_id,
        "features": model.features,
        "test_labels": None if report is None else report.items,
        "metrics": None if report is None else metrics_out(report.metrics),
        "verdict": None if verdict is None else verdict_out(verdict),
        "is_champion": model.id == champion,
        "card": model.card,
    }


def metrics_out(metrics: dict[str, Any]) -> dict[str, Measured]:
    """The numbers among what a report keeps."""
    return {name: Measured(**one) for name, one in metrics.items() if isinstance(one, dict) and "value" in one}


def verdict_out(verdict: Verdict) -> VerdictOut:
    """A verdict as the page reads it."""
    return VerdictOut(
        passed=verdict.passed,
        champion=verdict.champion_id,
        reasons=[ReasonOut(**reason) for reason in verdict.reasons],
        at=clock.iso(verdict.created_at),
    )
