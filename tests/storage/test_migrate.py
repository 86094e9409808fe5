"""The migrations make exactly the tables that the code is written for."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from meguri.kit.config import Config
from meguri.storage import migrate
from meguri.storage.schema import metadata
from meguri.storage.store import Store
from meguri.worker import rooms


@pytest.fixture
def empty(config: Config) -> Iterator[Store]:
    """An open store without a table."""
    rooms.load("tables")
    opened = Store.open(config)
    yield opened
    opened.close()


def differences(store: Store) -> list[object]:
    with store.database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "target_metadata": metadata})
        return list(compare_metadata(context, metadata))


def test_the_migrations_make_the_tables_of_every_room(empty: Store) -> None:
    migrate.upgrade(empty)
    assert differences(empty) == [], 'run `make migration` (python -m meguri.worker.migration "what changes")'


def test_partial_indexes_and_checks_are_the_same_too(tmp_path: Path) -> None:
    """What Alembic does not compare: SQLite keeps the text of every statement."""
    rooms.load("tables")
    migrated, direct = Store.open(Config(data=tmp_path / "a")), Store.open(Config(data=tmp_path / "b"))
    migrate.upgrade(migrated)
    with direct.database.begin() as tx:
        metadata.create_all(tx)
    assert _statements(direct, "index") == _statements(migrated, "index")
    assert _statements(direct, "table") == _statements(migrated, "table")
    migrated.close()
    direct.close()


def _statements(store: Store, kind: str) -> set[frozenset[str]]:
    """Each statement as the set of its clauses, for their order may differ."""
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = :kind AND sql IS NOT NULL")
    with store.database.read() as tx:
        texts = [" ".join(text.split()) for (text,) in tx.execute(query, {"kind": kind}) if "alembic" not in text]
    return {frozenset(clause.strip(" )") for clause in text.split(", ")) for text in texts}


def test_migrating_again_changes_nothing(empty: Store) -> None:
    migrate.upgrade(empty)
    migrate.upgrade(empty)
    assert differences(empty) == []


def test_processes_that_start_together_migrate_once(config: Config) -> None:
    stores = [Store.open(config) for _ in range(4)]
    errors: list[BaseException] = []

    def start(store: Store) -> None:
        try:
            migrate.upgrade(store)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=start, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert differences(stores[0]) == []
    for store in stores:
        store.close()


def test_a_migration_that_fails_leaves_nothing_behind(empty: Store) -> None:
    with empty.database.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE journal (id INTEGER)")  # in the way
    with pytest.raises(sa.exc.DatabaseError):
        migrate.upgrade(empty)
    with empty.database.read() as tx:
        assert sa.inspect(tx).get_table_names() == ["journal"]
