"""Housekeeping: ended sessions and old sign-in attempts are forgotten."""

from meguri.accounts import service
from meguri.storage import jobs
from meguri.storage.store import Store


@jobs.tick("accounts.tidy", 3_600)
def tidy(store: Store) -> None:
    """Forget what no longer counts, once an hour."""
    store.database.run(service.tidy)
