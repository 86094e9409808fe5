"""The worker's process: open the installation, bring it up to date, and work until told to stop."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType

from meguri.kit import logs
from meguri.kit.config import Config
from meguri.storage import jobs, migrate
from meguri.storage.store import Store
from meguri.worker import rooms

GRACE_SECONDS = 20


def run_worker(config: Config, queues: Sequence[str] = ("cpu", "gpu")) -> None:
    """Work until SIGTERM or Ctrl-C; a second signal ends the process at once.

    Jobs that do not end within 20 seconds are left to another worker, or to the next start.
    """
    stop = threading.Event()
    _stop_on_signals(stop)
    logs.configure(config.log_level)
    rooms.load("jobs")
    store = Store.open(config)
    try:
        migrate.upgrade(store)
        ended = jobs.work(store, queues, stop, grace=GRACE_SECONDS)
    finally:
        store.close()
    if not ended:  # a thread that still works would keep the process alive
        sys.stdout.flush()
        os._exit(0)


def _stop_on_signals(stop: threading.Event) -> None:
    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    handle: Callable[[int, FrameType | None], None] = ask
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
