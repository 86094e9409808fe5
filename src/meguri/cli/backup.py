"""`meguri backup` and `meguri restore`: everything into one file, and back."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from meguri.cli.common import DataOption, opened
from meguri.kit.config import Config
from meguri.storage import backup as backups


def add(app: typer.Typer) -> None:
    """Hang the commands on the tree."""
    app.command()(backup)
    app.command()(restore)


def backup(file: Annotated[Path, typer.Argument(help="The file to write.")], data: DataOption = None) -> None:
    """Write everything, database and blobs, into one file; the server may go on running."""
    with opened(Config.from_env(data=data)) as store:
        made = backups.write(store, file)
    blobs = "its blobs are kept elsewhere" if made.blobs is None else f"{made.blobs} blobs"
    Console().print(f"{file}: the database; {blobs}.")


def restore(file: Annotated[Path, typer.Argument(help="What `meguri backup` wrote.")], data: DataOption = None) -> None:
    """Put a backup into an empty data folder."""
    config = Config.from_env(data=data)
    found = backups.restore(config, file)
    Console().print(f"{config.data}: as it was at {found.at}, written by version {found.version}.")
