"""HTTP face of production: predict, decide, review, and tell the client."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from meguri.accounts import service as accounts
from meguri.accounts.http import Door, DoorDep
from meguri.accounts.model import Actor, Right
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.formats import service as formats
from meguri.kit import clock
from meguri.kit.paging import clamp
from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW, Project
from meguri.serving import service, webhooks
from meguri.serving.model import Decision
from meguri.serving.outputs import OwnOutput
from meguri.serving.schemas import (
    DecisionOut,
    DecisionRows,
    DeliveryOut,
    DeliveryRows,
    ItemIn,
    Kind,
    OutcomeIn,
    OutputIn,
    OutputsIn,
    PredictIn,
    ReviewRow,
    ReviewRows,
    WebhookIn,
    WebhookOut,
    WebhookRows,
)

router = APIRouter(tags=["serving"])

Limit = Annotated[int | None, Query(ge=1, le=500)]
After = Annotated[int | None, Query(ge=0)]


def _enter(door: Door, project_id: int) -> tuple[Actor, Project]:
    """Who asks, and the project; predicting itself takes long and is done outside of a transaction."""
    return door.read(Right.PREDICT, project_id, lambda tx, actor: (actor, labelling.project(tx, project_id)))


def _items(door: Door, project: Project, rows: Mapping[int, ItemIn]) -> list[NewItem]:
    given = {row: one.model_dump(include=set(ItemIn.model_fields), exclude_none=True) for row, one in rows.items()}
    return formats.new_items(door.store.config, project, given)


def _moment(due_in: float | None) -> int | None:
    return None if due_in is None else clock.now() + round(due_in * clock.SECOND)


def _rows(found: Sequence[Decision]) -> DecisionRows:
    return DecisionRows(rows=[DecisionOut.of(one) for one in found])


@router.post("/projects/{project_id}/predict")
def predict(project_id: int, body: PredictIn, door: DoorDep) -> DecisionRows:
    """The answer of the model in production to each item, in order, and whether it may go out or a person must look.

    Without a model in production every decision is `abstain`.
    """
    actor, project = _enter(door, project_id)
    items = _items(door, project, dict(enumerate(body.items, start=1)))
    return _rows(service.predict(door.store, project_id, items, actor.label, due=_moment(body.due_in)))


@router.post("/projects/{project_id}/decisions")
def decide(project_id: int, body: OutputsIn, door: DoorDep) -> DecisionRows:
    """The same for outputs of a model of your own."""
    actor, project = _enter(door, project_id)
    numbered = dict(enumerate(body.items, start=1))
    brought = {row: one for row, one in numbered.items() if (one.text, one.url, one.data) != (None, None, None)}
    items = dict(zip(brought, _items(door, project, brought), strict=True))
    rows = [_own(one, items.get(row)) for row, one in numbered.items()]
    return _rows(service.decide_outputs(door.store, project_id, rows, actor.label, due=_moment(body.due_in)))


def _own(one: OutputIn, item: NewItem | None) -> OwnOutput:
    key = None if one.key is None else str(one.key)
    return OwnOutput(key, one.answer, one.score, one.probabilities, item)


@router.get("/projects/{project_id}/decisions")
def list_decisions(
    project_id: int, door: DoorDep, decision: Kind | None = None, after: After = None, limit: Limit = None
) -> DecisionRows:
    """What was decided, oldest first; of one kind, or everything."""

    def work(tx: Connection, actor: Actor) -> DecisionRows:
        page = service.decisions(tx, project_id, decision, after, limit)
        return DecisionRows(rows=[DecisionOut.of(one) for one in page.rows], after=page.after)

    return door.read(Right.PREDICT, project_id, work)


@router.get("/decisions/{decision_id}")
def get_decision(decision_id: int, door: DoorDep) -> DecisionOut:
    """One decision; `outcome` is there once a person has looked."""
    return door.read(Right.SIGNED_IN, None, lambda tx, actor: DecisionOut.of(_decision(tx, actor, decision_id)))


@router.post("/decisions/{decision_id}/outcome")
def tell_outcome(decision_id: int, body: OutcomeIn, door: DoorDep) -> DecisionOut:
    """Tell the truth that was learnt later, or have a person look once more."""

    def work(tx: Connection, actor: Actor) -> DecisionOut:
        _decision(tx, actor, decision_id)
        told = service.outcome(tx, decision_id, body.source, body.answers, actor.person_id, body.why)
        return DecisionOut.of(told)

    return door.write(Right.SIGNED_IN, None, work)


def _decision(tx: Connection, actor: Actor, decision_id: int) -> Decision:
    found = service.decision(tx, decision_id)
    accounts.entitle(tx, actor, Right.PREDICT, found.project_id)
    return found


@router.get("/projects/{project_id}/reviews")
def reviews(project_id: int, door: DoorDep, after: After = None, limit: Limit = None) -> ReviewRows:
    """What waits for a person, oldest first."""

    def work(tx: Connection, actor: Actor) -> ReviewRows:
        size = clamp(limit)
        tasks = labelling.task_page(tx, project_id, [REVIEW], pending=True, after=after or 0, limit=size + 1)
        shown = tasks[:size]
        items = {item.id: item for item in data.get_many(tx, [task.item_id for task in shown])}
        about = service.decisions_of_reviews(tx, [task.id for task in shown])
        rows = [ReviewRow.of(task, items[task.item_id], about.get(task.id)) for task in shown]
        return ReviewRows(rows=rows, after=shown[-1].id if len(tasks) > size else None)

    return door.read(Right.REVIEW, project_id, work)


@router.get("/projects/{project_id}/webhooks")
def list_webhooks(project_id: int, door: DoorDep) -> WebhookRows:
    """Where this project's outcomes are sent."""

    def work(tx: Connection, actor: Actor) -> WebhookRows:
        return WebhookRows(rows=[WebhookOut.of(one) for one in webhooks.webhooks(tx, project_id)])

    return door.read(Right.MANAGE, project_id, work)


@router.post("/projects/{project_id}/webhooks", status_code=201)
def add_webhook(project_id: int, body: WebhookIn, door: DoorDep) -> WebhookOut:
    """Have outcomes sent to an address. The answer holds the secret that signs them, once."""
    door.read(Right.MANAGE, project_id, lambda tx, actor: None)
    webhooks.check(door.store, body.url)

    def work(tx: Connection, actor: Actor) -> WebhookOut:
        return WebhookOut.of(*webhooks.add(tx, project_id, body.url, actor.label))

    return door.write(Right.MANAGE, project_id, work)


@router.delete("/webhooks/{webhook_id}", status_code=204)
def remove_webhook(webhook_id: int, door: DoorDep) -> Response:
    """Send nothing more there."""

    def work(tx: Connection, actor: Actor) -> Response:
        _manage(tx, actor, webhook_id)
        webhooks.remove(tx, webhook_id, actor.label)
        return Response(status_code=204)

    return door.write(Right.SIGNED_IN, None, work)


@router.get("/webhooks/{webhook_id}/deliveries")
def deliveries(webhook_id: int, door: DoorDep, after: After = None, limit: Limit = None) -> DeliveryRows:
    """What was sent, what waits and what was given up, newest first."""

    def work(tx: Connection, actor: Actor) -> DeliveryRows:
        _manage(tx, actor, webhook_id)
        page = webhooks.deliveries(tx, webhook_id, after, limit)
        return DeliveryRows(rows=[DeliveryOut.of(one) for one in page.rows], after=page.after)

    return door.read(Right.SIGNED_IN, None, work)


@router.post("/deliveries/{delivery_id}/retry")
def retry_delivery(delivery_id: int, door: DoorDep) -> DeliveryOut:
    """Send once more what was given up, or at once what waits."""

    def work(tx: Connection, actor: Actor) -> DeliveryOut:
        _manage(tx, actor, webhooks.delivery(tx, delivery_id).webhook_id)
        return DeliveryOut.of(webhooks.retry(tx, delivery_id))

    return door.write(Right.SIGNED_IN, None, work)


def _manage(tx: Connection, actor: Actor, webhook_id: int) -> Any:
    return accounts.entitle(tx, actor, Right.MANAGE, webhooks.webhook(tx, webhook_id).project_id)
