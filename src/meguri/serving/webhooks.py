"""Tell clients what people decided: an outbox, signed requests, patience, and a shelf for what never arrived."""

import time
from collections.abc import Sequence

from sqlalchemy import Connection

from meguri.kit import clock, ids
from meguri.kit.errors import Conflict, NotFound
from meguri.kit.paging import Page, clamp, page_of
from meguri.serving.model import (
    CLAIMED_FOR,
    DELIVER,
    Decision,
    Delivery,
    Outcome,
    Reply,
    Webhook,
    outcome_body,
    pause_before_try,
    signed,
)
from meguri.serving.repository import outbox
from meguri.serving.sending import check_url, resolved, send
from meguri.storage import jobs, journal
from meguri.storage.store import Store

AT_A_TIME = 5  # deliveries claimed together: all of them can time out before the claim ends
TURN_SECONDS = 20.0  # how long one job goes on sending


def check(store: Store, url: str) -> None:
    """Raise `Invalid` unless outcomes may be sent to this address. Looks its name up, so not in a transaction."""
    check_url(url)
    resolved(url, private=bool(store.config.private_webhooks))


def add(tx: Connection, project_id: int, url: str, actor: str) -> tuple[Webhook, str]:
    """Keep an address that `check` let pass; returns the webhook and the secret that signs, shown only now."""
    secret = ids.secret("whs_")
    values = {"project_id": project_id, "url": url, "secret": secret, "created_at": clock.now()}
    webhook = Webhook(outbox.insert_webhook(tx, values), project_id, url, values["created_at"])  # type: ignore[arg-type]
    journal.write(tx, "serving.webhook_added", actor, project=project_id, webhook=webhook.id, url=url)
    return webhook, secret


def webhooks(tx: Connection, project_id: int) -> list[Webhook]:
    """A project's webhooks."""
    return outbox.webhooks(tx, project_id)


def webhook(tx: Connection, webhook_id: int) -> Webhook:
    """One webhook, or `NotFound`."""
    found = outbox.get_webhook(tx, webhook_id)
    if found is None:
        raise NotFound(f"There is no webhook {webhook_id}.", code="serving.no_webhook")
    return found


def remove(tx: Connection, webhook_id: int, actor: str) -> None:
    """Send nothing more there."""
    gone = webhook(tx, webhook_id)
    outbox.disable(tx, webhook_id, clock.now())
    journal.write(tx, "serving.webhook_removed", actor, project=gone.project_id, webhook=webhook_id, url=gone.url)


def deliveries(tx: Connection, webhook_id: int, after: int | None = None, limit: int | None = None) -> Page[Delivery]:
    """The log of a webhook, newest first."""
    size = clamp(limit)
    return page_of(outbox.page(tx, webhook_id, after, size + 1), size, lambda one: one.id)


def delivery(tx: Connection, delivery_id: int) -> Delivery:
    """One delivery, or `NotFound`."""
    found = outbox.get(tx, delivery_id)
    if found is None:
        raise NotFound(f"There is no delivery {delivery_id}.", code="serving.no_delivery")
    return found


def retry(tx: Connection, delivery_id: int) -> Delivery:
    """Send once more what was given up, or at once what waits. What has arrived stays arrived."""
    found = delivery(tx, delivery_id)
    if found.delivered:
        raise Conflict("This delivery has arrived already.", code="serving.delivered")
    target = webhook(tx, found.webhook_id)
    outbox.change(tx, delivery_id, next_at=clock.now())
    _wake(tx, target)
    return delivery(tx, delivery_id)


def put_out(tx: Connection, told: Sequence[tuple[Decision, Outcome]]) -> None:
    """Write a delivery of each outcome to each webhook of its project, in the caller's transaction."""
    now = clock.now()
    for project_id in sorted({decision.project_id for decision, _ in told}):
        for target in outbox.webhooks(tx, project_id):
            rows = [_row(target, one, out, now) for one, out in told if one.project_id == project_id]
            outbox.insert(tx, rows)
            _wake(tx, target)


def _row(target: Webhook, decision: Decision, outcome: Outcome, now: int) -> dict[str, object]:
    return {
        "webhook_id": target.id,
        "outcome_id": outcome.id,
        "body": outcome_body(decision, outcome),
        "tries": 0,
        "delivered": False,
        "next_at": now,
        "created_at": now,
    }


def _wake(tx: Connection, target: Webhook) -> None:
    jobs.wake(tx, DELIVER, {"webhook": target.id}, serial=f"webhook:{target.id}", project=target.project_id)


def wake_due(store: Store) -> int:
    """Have everything sent whose time has come; returns for how many webhooks."""
    with store.database.read() as tx:
        due = outbox.due_webhooks(tx, clock.now())
    if due:
        store.database.run(lambda tx: _wake_all(tx, due))
    return len(due)


def _wake_all(tx: Connection, webhook_ids: Sequence[int]) -> None:
    for one in webhook_ids:
        _wake(tx, webhook(tx, one))


def deliver(store: Store, webhook_id: int) -> dict[str, int]:
    """Send what is due for one webhook, oldest first, until nothing is due or the receiver fails."""
    sent = failed = 0
    with store.database.read() as tx:
        target = outbox.get_webhook(tx, webhook_id)
        if target is None:
            return {"sent": sent, "failed": failed}  # removed in the meantime
        secret = outbox.secret(tx, webhook_id)
    until = time.monotonic() + TURN_SECONDS
    while not failed and time.monotonic() < until:
        claimed = _claim(store, webhook_id)
        if not claimed:
            break
        arrived = [_send_one(store, target, secret, one) for one in claimed]
        sent += sum(arrived)
        failed += len(arrived) - sum(arrived)
    return {"sent": sent, "failed": failed}


def _claim(store: Store, webhook_id: int) -> list[Delivery]:
    now = clock.now()
    return store.database.run(lambda tx: outbox.claim(tx, webhook_id, now, now + CLAIMED_FOR, AT_A_TIME))


def _send_one(store: Store, target: Webhook, secret: str, one: Delivery) -> bool:
    """At least once: a sender that dies after the request and before this note sends it again, with the same id."""
    body = ids.canonical(one.body).encode()
    headers = {
        "Meguri-Event": str(one.body["event"]),
        "Meguri-Delivery": str(one.id),
        "Meguri-Signature": signed(secret, body, clock.now()),
        "User-Agent": "Meguri",
    }
    reply = send(target.url, body, headers, private=bool(store.config.private_webhooks))
    store.database.run(lambda tx: _note(tx, target, one, reply))
    return reply.arrived


def _note(tx: Connection, target: Webhook, one: Delivery, reply: Reply) -> None:
    tries = one.tries + 1
    pause = None if reply.arrived else pause_before_try(tries)
    outbox.change(
        tx,
        one.id,
        tries=tries,
        delivered=reply.arrived,
        last_status=reply.status,
        last_error=reply.error,
        next_at=None if pause is None else clock.now() + pause,
    )
    if not reply.arrived and pause is None:
        kind = "serving.delivery_given_up"
        journal.write(tx, kind, "system", project=target.project_id, delivery=one.id, webhook=target.id, url=target.url)
