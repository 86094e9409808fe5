"""Write the next migration: `python -m meguri.worker.migration "what changes"`.

It compares the tables of every room with what the migrations so far make of an empty SQLite
database, and writes the difference as a new script into `storage/migrations/versions`.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from alembic import command

from meguri.kit.config import Config
from meguri.storage import migrate
from meguri.storage.store import Store
from meguri.worker import rooms


def write(message: str) -> Path:
    """Write the script; returns where it is."""
    rooms.load("tables")
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Config(data=Path(folder)))
        migrate.upgrade(store)
        number = f"{len(list((migrate.SCRIPTS / 'versions').glob('*.py'))) + 1:04}"
        with store.database.begin() as tx:
            config = migrate.alembic_config(tx)
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            made = command.revision(config, message, autogenerate=True, rev_id=number)
        store.close()
    return Path(made.path)  # type: ignore[union-attr]


if __name__ == "__main__":
    print(f"{datetime.now(UTC):%H:%M} wrote {write(sys.argv[1])}")
