"""What an installation keeps: its database and its blobs, opened together."""

from dataclasses import dataclass
from pathlib import Path

from meguri.kit.config import Config
from meguri.storage.blobs import Blobs
from meguri.storage.database import Database, normalised


@dataclass(frozen=True, slots=True)
class Store:
    """An open installation. `database` for rows, `blobs` for content, `folder` for caches on this machine."""

    config: Config
    database: Database
    blobs: Blobs

    @property
    def folder(self) -> Path:
        return self.config.data

    @classmethod
    def open(cls, config: Config) -> "Store":
        """Open what `config` names; the tables must be there (see `storage.migrate`)."""
        _private(config.data)
        return cls(config, Database(normalised(config.database)), Blobs(config.blobs))

    def close(self) -> None:
        self.database.close()


def _private(folder: Path) -> None:
    """Make the data folder for its owner alone: it holds people's data and the hashes of their passwords.

    A folder that is in use already keeps the rights that somebody gave it.
    """
    if folder.is_dir() and any(folder.iterdir()):
        return
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
