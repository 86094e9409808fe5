"""Bring a database to the schema of this version. Safe when several processes start at once."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection

from meguri.storage.store import Store

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x6D656775  # "megu": every process that migrates asks PostgreSQL for this number


def upgrade(store: Store) -> None:
    """Run the migrations that this database has not seen, all of them in one transaction.

    Of several processes that start together one migrates and the others wait: on SQLite for the
    write lock, on PostgreSQL for an advisory lock. A migration that fails leaves nothing behind.
    """
    with store.database.begin() as tx:
        if not store.database.is_sqlite:
            tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        command.upgrade(alembic_config(tx), "head")


def alembic_config(tx: Connection) -> AlembicConfig:
    """Alembic, told where the scripts are and to work in the transaction `tx`."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = tx
    return config
