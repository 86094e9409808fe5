"""`meguri backup` and `meguri restore`: everything in one file, and back."""

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


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    data: DataOption = None,
) -> None:
    """Write the database and all blobs into one file, while the server may go on running."""
    with opened(Config.from_env(data=data)) as store:
        backups.write(store, file)
    Console().print(f"{file}: {file.stat().st_size / 1e6:,.1f} MB", highlight=False)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, help="A backup.")],
    data: DataOption = None,
) -> None:
    """Put a backup into an empty data folder."""
    config = Config.from_env(data=data)
    backups.restore(config, file)
    Console().print(f"Restored into {config.data}.", highlight=False)
