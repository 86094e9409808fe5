"""What the routes of this room take and give."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from meguri.data.model import Item
from meguri.kit import clock
from meguri.labelling.model import Task
from meguri.serving.model import Decision, Delivery, Outcome, Webhook

MAX_ITEMS = 1_000
EXCERPT = 300

Kind = Literal["automate", "review", "abstain"]


class ItemIn(BaseModel):
    """An item to be predicted: exactly one of `text`, `url` and `data` (Base64)."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = None
    url: str | None = None
    data: str | None = None
    key: str | int | None = Field(None, description="Your own name for it.")
    meta: dict[str, Any] | None = None


class OutputIn(ItemIn):
    """An output of your own model. Content is needed where a person may have to look and the key is not known here."""

    answer: Any = Field(description="`{question: value}`, or the value alone where the project asks one question.")
    score: float | None = Field(None, ge=0, le=1, description="How far the model trusts its answer.")
    probabilities: dict[str, Any] | None = Field(None, description="`{class: p}` or `{question: {class: p}}`.")


class PredictIn(BaseModel):
    """Items for the model in production."""

    items: list[ItemIn] = Field(min_length=1, max_length=MAX_ITEMS)
    due_in: float | None = Field(None, gt=0, description="Seconds until you need people's answers.")


class OutputsIn(BaseModel):
    """Outputs made elsewhere."""

    items: list[OutputIn] = Field(min_length=1, max_length=MAX_ITEMS)
    due_in: float | None = Field(None, gt=0, description="Seconds until you need people's answers.")


class OutcomeIn(BaseModel):
    """What became known later. Without `answers` a person looks."""

    answers: dict[str, Any] | None = None
    source: Literal["report", "appeal", "return"] = "report"
    why: str = Field("", max_length=2_000)


class OutcomeOut(BaseModel):
    """What turned out to be right."""

    answers: dict[str, Any]
    source: str
    by: str
    at: str

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(answers=outcome.answers, source=outcome.source, by=outcome.actor, at=clock.iso(outcome.created_at))


class DecisionOut(BaseModel):
    """What was done with an output. `outcome` comes once a person has looked or the truth was told."""

    id: int
    item: int | None
    key: str | None
    answer: dict[str, Any]
    score: float
    decision: Kind
    policy: str
    threshold: float | None
    model_version: int | None
    review_id: int | None
    created_at: str
    outcome: OutcomeOut | None

    @classmethod
    def of(cls, one: Decision) -> Self:
        return cls(
            id=one.id,
            item=one.item_id,
            key=one.key,
            answer=one.answer,
            score=one.score,
            decision=one.decision,  # type: ignore[arg-type]
            policy=one.policy,
            threshold=one.threshold,
            model_version=one.model_version_id,
            review_id=one.review_id,
            created_at=clock.iso(one.created_at),
            outcome=None if one.outcome is None else OutcomeOut.of(one.outcome),
        )


class DecisionRows(BaseModel):
    """Some decisions."""

    rows: list[DecisionOut]
    after: int | None = None


class ReviewItem(BaseModel):
    """The item of a review, as far as a list shows it."""

    id: int
    key: str | None
    text: str | None
    mime: str | None
    thumbnail: str | None

    @classmethod
    def of(cls, item: Item) -> Self:
        picture = (item.mime or "").startswith("image/")
        address = f"/api/v1/projects/{item.project_id}/items/{item.id}/thumbnail"
        text = None if item.text is None else item.text[:EXCERPT]
        return cls(id=item.id, key=item.key, text=text, mime=item.mime, thumbnail=address if picture else None)


class ReviewRow(BaseModel):
    """One case in the queue. `answer` and `score` are the model's."""

    task: int
    item: ReviewItem
    answer: dict[str, Any] | None
    score: float | None
    decision_id: int | None
    created_at: str
    due: str | None

    @classmethod
    def of(cls, task: Task, item: Item, decision: Decision | None) -> Self:
        due = task.details.get("due")
        return cls(
            task=task.id,
            item=ReviewItem.of(item),
            answer=None if decision is None else decision.answer,
            score=None if decision is None else decision.score,
            decision_id=None if decision is None else decision.id,
            created_at=clock.iso(task.created_at),
            due=None if due is None else clock.iso(int(due)),
        )


class ReviewRows(BaseModel):
    """The queue of reviews, oldest first."""

    rows: list[ReviewRow]
    after: int | None


class WebhookIn(BaseModel):
    """Where outcomes are sent."""

    url: str = Field(max_length=2_000)


class WebhookOut(BaseModel):
    """A webhook. `secret` signs its deliveries and is shown only when it is made."""

    id: int
    url: str
    created_at: str
    secret: str | None = None

    @classmethod
    def of(cls, webhook: Webhook, secret: str | None = None) -> Self:
        return cls(id=webhook.id, url=webhook.url, created_at=clock.iso(webhook.created_at), secret=secret)


class WebhookRows(BaseModel):
    """A project's webhooks."""

    rows: list[WebhookOut]
    after: int | None = None


class DeliveryOut(BaseModel):
    """One outcome on its way: waiting, delivered, or dead after too many tries."""

    id: int
    state: Literal["waiting", "delivered", "dead"]
    tries: int
    last_status: int | None
    last_error: str | None
    next_at: str | None
    created_at: str
    body: dict[str, Any]

    @classmethod
    def of(cls, one: Delivery) -> Self:
        return cls(
            id=one.id,
            state=one.state,  # type: ignore[arg-type]
            tries=one.tries,
            last_status=one.last_status,
            last_error=one.last_error,
            next_at=None if one.next_at is None else clock.iso(one.next_at),
            created_at=clock.iso(one.created_at),
            body=one.body,
        )


class DeliveryRows(BaseModel):
    """A webhook's log, newest first."""

    rows: list[DeliveryOut]
    after: int | None
