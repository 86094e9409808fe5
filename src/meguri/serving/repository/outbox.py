"""The only SQL about webhooks and deliveries. A delivery is written with its outcome and sent later."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from meguri.serving.model import Delivery, Webhook
from meguri.serving.tables import delivery, webhook

_WEBHOOK = sa.select(webhook.c.id, webhook.c.project_id, webhook.c.url, webhook.c.created_at)
_LIVE = webhook.c.disabled_at.is_(None)


def insert_webhook(tx: Connection, values: Mapping[str, Any]) -> int:
    """Write one webhook; its id."""
    return int(tx.execute(sa.insert(webhook).returning(webhook.c.id), dict(values)).scalar_one())


def webhooks(tx: Connection, project_id: int) -> list[Webhook]:
    """Where a project's outcomes go."""
    query = _WEBHOOK.where(webhook.c.project_id == project_id, _LIVE).order_by(webhook.c.id)
    return [Webhook(**row) for row in tx.execute(query).mappings()]


def get_webhook(tx: Connection, webhook_id: int) -> Webhook | None:
    """One webhook that was not taken away."""
    row = tx.execute(_WEBHOOK.where(webhook.c.id == webhook_id, _LIVE)).mappings().one_or_none()
    return None if row is None else Webhook(**row)


def secret(tx: Connection, webhook_id: int) -> str:
    """What signs a webhook's deliveries."""
    return str(tx.execute(sa.select(webhook.c.secret).where(webhook.c.id == webhook_id)).scalar_one())


def disable(tx: Connection, webhook_id: int, at: int) -> None:
    """Take a webhook away; what waits for it is given up."""
    tx.execute(sa.update(webhook).where(webhook.c.id == webhook_id).values(disabled_at=at))
    waiting = sa.update(delivery).where(delivery.c.webhook_id == webhook_id, delivery.c.next_at.is_not(None))
    tx.execute(waiting.values(next_at=None, last_error="The webhook was removed."))


def insert(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write deliveries that wait to be sent."""
    if rows:
        tx.execute(sa.insert(delivery), [dict(row) for row in rows])


def get(tx: Connection, delivery_id: int) -> Delivery | None:
    """One delivery."""
    row = tx.execute(sa.select(delivery).where(delivery.c.id == delivery_id)).mappings().one_or_none()
    return None if row is None else Delivery(**row)


def page(tx: Connection, webhook_id: int, after: int | None, limit: int) -> list[Delivery]:
    """A webhook's deliveries, newest first, with ids below `after`."""
    query = sa.select(delivery).where(delivery.c.webhook_id == webhook_id)
    if after is not None:
        query = query.where(delivery.c.id < after)
    rows = tx.execute(query.order_by(delivery.c.id.desc()).limit(limit)).mappings()
    return [Delivery(**row) for row in rows]


def due_webhooks(tx: Connection, now: int) -> list[int]:
    """Webhooks that something is due for."""
    query = sa.select(delivery.c.webhook_id).where(delivery.c.next_at <= now).distinct()
    return sorted(tx.execute(query).scalars())


def claim(tx: Connection, webhook_id: int, now: int, until: int, limit: int) -> list[Delivery]:
    """Take what is due for a webhook, so that nobody else sends it before `until`; oldest first."""
    due = (
        sa.select(delivery.c.id)
        .where(delivery.c.webhook_id == webhook_id, delivery.c.next_at <= now)
        .order_by(delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = tx.execute(due).scalars().all()
    tx.execute(sa.update(delivery).where(delivery.c.id.in_(ids)).values(next_at=until))
    query = sa.select(delivery).where(delivery.c.id.in_(ids)).order_by(delivery.c.id)
    return [Delivery(**row) for row in tx.execute(query).mappings()]


def change(tx: Connection, delivery_id: int, **values: Any) -> None:
    """Note how a try went, or when the next one is."""
    tx.execute(sa.update(delivery).where(delivery.c.id == delivery_id).values(**values))
