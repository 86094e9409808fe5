"""Everything out and back in, and nothing half."""

import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from meguri.kit.config import Config
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.storage import backup, jobs, journal, migrate
from meguri.storage.store import Store
from meguri.storage.tables import journal as journal_table


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Store]:
    """An installation with a row and two blobs."""
    store = Store.open(Config(data=tmp_path / "full"))
    migrate.upgrade(store)
    store.blobs.put(b"one")
    store.blobs.put(b"two" * 100_000)
    store.database.run(lambda tx: journal.write(tx, "made", "system"))
    yield store
    store.close()


def kinds(store: Store) -> list[str]:
    with store.database.read() as tx:
        return list(tx.execute(sa.select(journal_table.c.kind)).scalars())


def test_what_was_backed_up_comes_back(full: Store, tmp_path: Path) -> None:
    made = backup.write(full, tmp_path / "b.zip")
    new = Config(data=tmp_path / "new")
    assert backup.restore(new, tmp_path / "b.zip") == made
    store = Store.open(new)
    assert kinds(store) == ["made"]
    assert sorted(store.blobs.names()) == sorted(full.blobs.names())
    assert store.blobs.get(full.blobs.put(b"one")) == b"one"
    assert new.data.stat().st_mode & 0o777 == 0o700
    store.database.run(lambda tx: journal.write(tx, "goes on", "system"))
    store.close()


def test_a_restored_job_that_was_under_way_can_go_on(full: Store, tmp_path: Path) -> None:
    asked = full.database.run(lambda tx: jobs.enqueue(tx, "t.x", {}))
    backup.write(full, tmp_path / "b.zip")
    backup.restore(Config(data=tmp_path / "new"), tmp_path / "b.zip")
    store = Store.open(Config(data=tmp_path / "new"))
    with store.database.read() as tx:
        assert jobs.get(tx, asked).state == "queued"
    store.close()


def test_a_backup_is_of_one_moment_while_others_write(full: Store, tmp_path: Path) -> None:
    stop = threading.Event()

    def pairs() -> None:
        while not stop.is_set():
            full.database.run(lambda tx: (journal.write(tx, "left", "system"), journal.write(tx, "right", "system")))

    threads = [threading.Thread(target=pairs) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        backup.write(full, tmp_path / "b.zip")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    backup.restore(Config(data=tmp_path / "new"), tmp_path / "b.zip")
    store = Store.open(Config(data=tmp_path / "new"))
    found = kinds(store)
    assert found.count("left") == found.count("right")
    store.close()


def test_blobs_kept_elsewhere_stay_there(full: Store, tmp_path: Path) -> None:
    elsewhere = Store(replace(full.config, blobs_url="memory://bucket"), full.database, full.blobs)
    assert backup.write(elsewhere, tmp_path / "b.zip").blobs is None
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert sorted(archive.namelist()) == ["backup.json", "meguri.db"]


def test_nothing_is_overwritten(full: Store, tmp_path: Path) -> None:
    backup.write(full, tmp_path / "b.zip")
    with pytest.raises(Conflict, match="exists"):
        backup.write(full, tmp_path / "b.zip")
    with pytest.raises(Conflict, match="not empty"):
        backup.restore(full.config, tmp_path / "b.zip")


def test_postgres_has_tools_of_its_own(store: Store, tmp_path: Path) -> None:
    if store.database.is_sqlite:
        return
    with pytest.raises(Conflict, match="pg_dump"):
        backup.write(store, tmp_path / "b.zip")
    with pytest.raises(Conflict, match="SQLite"):
        backup.restore(store.config, tmp_path / "b.zip")


def broken_backups(tmp_path: Path, good: Path) -> Iterator[Path]:
    """Every way to be no backup that we could think of."""
    (tmp_path / "text").write_text("hello")
    yield tmp_path / "text"
    (tmp_path / "cut").write_bytes(good.read_bytes()[:-500])
    yield tmp_path / "cut"
    with zipfile.ZipFile(good) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    blob = next(name for name in files if name.startswith("blobs/"))
    newer = json.dumps({**json.loads(files["backup.json"]), "format": 99}).encode()
    changed: list[dict[str, bytes | None]] = [
        {"backup.json": None},
        {"backup.json": b"{}"},
        {"backup.json": newer},
        {"meguri.db": None},
        {"meguri.db": b"not a database at all" * 1000},
        {blob: b"other content"},
        {"../escape": b"x"},
        {"blobs/../../escape": b"x"},
        {f"blobs/{'0' * 64}": b"x"},
    ]
    for n, change in enumerate(changed):
        path = tmp_path / f"broken{n}"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in {**files, **change}.items():
                if content is not None:
                    archive.writestr(name, content)
        yield path


def test_a_broken_backup_is_refused_and_nothing_stays(full: Store, tmp_path: Path) -> None:
    good = tmp_path / "good.zip"
    backup.write(full, good)
    for path in broken_backups(tmp_path, good):
        with pytest.raises(Invalid) as refused:
            backup.restore(Config(data=tmp_path / "into" / "data"), path)
        assert refused.value.code == "storage.backup_broken"
        assert list((tmp_path / "into").iterdir()) == [], path
    assert not (tmp_path / "escape").exists()


def test_a_backup_of_a_later_version_is_refused(full: Store, tmp_path: Path) -> None:
    with full.database.begin() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    backup.write(full, tmp_path / "b.zip")
    with pytest.raises(Invalid, match="later version"):
        backup.restore(Config(data=tmp_path / "new"), tmp_path / "b.zip")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        backup.restore(Config(data=tmp_path / "new"), tmp_path / "none.zip")


def test_a_backup_that_cannot_be_written_leaves_no_file(full: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        backup.write(full, tmp_path / "no" / "such" / "folder.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]
    assert not list(full.folder.glob(".*"))
