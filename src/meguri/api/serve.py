"""The server's process."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from meguri.api.app import create_app
from meguri.api.hub import Hub
from meguri.kit import logs
from meguri.kit.config import Config
from meguri.storage import migrate
from meguri.storage.store import Store

LAST_WORDS = 5  # seconds that open requests get when the server leaves


class _Server(uvicorn.Server):
    """Ends the streams of events when it is asked to leave, and comes back to the caller after that."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._hub.close_soon()  # streams would never end by themselves
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, but without raising the signal anew: whoever called `serve` still has to tidy up."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(config: Config) -> None:
    """Bring the database up to date and serve until a signal: one process, as many threads as requests need."""
    logs.configure(config.log_level)
    store = Store.open(config)
    try:
        migrate.upgrade(store)
        app = create_app(config, store)
        settings = uvicorn.Config(
            app,
            host=config.host,
            port=config.port,
            loop="auto",
            http="httptools",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=LAST_WORDS,
        )
        _Server(settings, app.state.hub).run()
    finally:
        store.close()
