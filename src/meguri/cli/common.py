"""What the commands share: where the data is, and an open store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from meguri.kit.config import Config
from meguri.storage import migrate
from meguri.storage.store import Store

DataOption = Annotated[
    Path | None, typer.Option("--data", help="The folder that holds everything. Default: ./meguri-data or MEGURI_DATA.")
]


@contextmanager
def opened(config: Config) -> Iterator[Store]:
    """The installation's store with its tables up to date."""
    store = Store.open(config)
    try:
        migrate.upgrade(store)
        yield store
    finally:
        store.close()
