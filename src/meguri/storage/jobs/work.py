"""What a worker does all day."""

import threading
from collections.abc import Sequence

from meguri.storage.store import Store


def work(store: Store, queues: Sequence[str], stop: threading.Event) -> None:
    """Run the jobs of `queues` through the engine until `stop` is set."""
    from meguri.storage.engine import serve

    serve(store, queues, stop)
