"""Background work: reviews are settled, outcomes are sent."""

from typing import Any

from meguri.serving import service, webhooks
from meguri.serving.model import DELIVER, SETTLE
from meguri.storage import jobs
from meguri.storage.store import Store


@jobs.handler(SETTLE)
def settle(run: jobs.Run) -> Any:
    """A review was answered: write its outcome and put it out for the webhooks."""
    task = int(run.args["task"])
    return {"settled": run.store.database.run(lambda tx: service.settle(tx, task))}


@jobs.handler(DELIVER)
def deliver(run: jobs.Run) -> Any:
    """Send what is due for one webhook. A receiver that fails does not fail the job: it is tried again later."""
    return webhooks.deliver(run.store, int(run.args["webhook"]))


@jobs.tick(DELIVER, 2.0)
def wake_due(store: Store) -> None:
    """Deliveries whose pause has ended are sent, also those whose sender died."""
    webhooks.wake_due(store)
