"""The server's process."""

import uvicorn

from meguri.api.app import create_app
from meguri.kit import logs
from meguri.kit.config import Config
from meguri.storage import migrate
from meguri.storage.store import Store

LAST_WORDS = 5  # seconds that open requests get when the server leaves


class _Server(uvicorn.Server):
    """Ends the streams of events when it is asked to leave; they would never end by themselves."""

    def handle_exit(self, sig: int, frame: object) -> None:
        self.config.loaded_app.state.hub.close_soon()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]


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
        _Server(settings).run()
    finally:
        store.close()
