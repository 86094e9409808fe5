"""One transaction a piece of work, one flush a group, and what was acknowledged is there."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, event

from meguri.kit.config import Config
from meguri.storage import journal
from meguri.storage.database import Database, normalised
from meguri.storage.store import Store
from meguri.storage.tables import journal as journal_table


def say(tx: Connection, kind: str) -> None:
    journal.write(tx, kind, "system")


def said(store: Store) -> list[str]:
    with store.database.read() as tx:
        return sorted(tx.execute(sa.select(journal_table.c.kind)).scalars())


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    """What is only so on SQLite."""
    opened = Store.open(Config(data=tmp_path / "data"))
    with opened.database.begin() as tx:
        journal_table.create(tx)
    yield opened
    opened.close()


class Held:
    """Keeps the writer busy, so that what is submitted meanwhile becomes one group."""

    def __init__(self, store: Store) -> None:
        self._go = threading.Event()
        self._pool = ThreadPoolExecutor(80)
        self._store = store
        entered = threading.Event()

        def wait(tx: Connection) -> None:
            entered.set()
            self._go.wait()

        self._first = self._pool.submit(store.database.run, wait)
        entered.wait()

    def submit(self, work: Callable[[Connection], Any]) -> "Future[Any]":
        return self._pool.submit(self._store.database.run, work)

    def release(self, submitted: int) -> None:
        writer = self._store.database._writer
        while writer is not None and writer._queue.qsize() < submitted:
            time.sleep(0.001)
        self._go.set()
        self._first.result()


def test_a_piece_that_fails_takes_nobody_of_its_group_with_it(store: Store) -> None:
    held = Held(store)

    def fail(tx: Connection) -> None:
        say(tx, "undone")
        raise ValueError("mine alone")

    pieces = [held.submit(lambda tx: say(tx, "a")), held.submit(fail), held.submit(lambda tx: say(tx, "b"))]
    held.release(3)
    with pytest.raises(ValueError, match="mine alone"):
        pieces[1].result()
    assert pieces[0].result() is None and pieces[2].result() is None
    assert said(store) == ["a", "b"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, sa.exc.IntegrityError("x", {}, Exception())])
def test_whatever_a_piece_raises_reaches_its_caller_and_the_writer_goes_on(
    store: Store, error: BaseException | type[BaseException]
) -> None:
    def fail(tx: Connection) -> None:
        say(tx, "undone")
        raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        store.database.run(fail)
    store.database.run(lambda tx: say(tx, "after"))
    assert said(store) == ["after"]


def test_sixty_four_threads_share_a_few_flushes(sqlite: Store) -> None:
    commits: list[int] = []
    event.listen(sqlite.database.engine, "commit", lambda connection: commits.append(1))
    held = Held(sqlite)
    pieces = [held.submit(lambda tx, n=n: say(tx, f"{n:02}")) for n in range(64)]
    held.release(64)
    for piece in pieces:
        piece.result()
    assert said(sqlite) == [f"{n:02}" for n in range(64)]
    assert len(commits) == 2, "the one that held the writer, and the group"


def test_sixty_four_threads_lose_nothing(store: Store) -> None:
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda n: store.database.run(lambda tx: say(tx, f"{n:03}")), range(256)))
    assert said(store) == [f"{n:03}" for n in range(256)]


def test_if_the_commit_fails_everyone_of_the_group_is_told_and_nothing_stays(sqlite: Store) -> None:
    with sqlite.database.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE owes (id INTEGER REFERENCES journal (id) DEFERRABLE INITIALLY DEFERRED)")
    held = Held(sqlite)

    def broken_promise(tx: Connection) -> None:
        tx.exec_driver_sql("INSERT INTO owes VALUES (4711)")  # is found out at the commit

    pieces = [held.submit(lambda tx: say(tx, "innocent")), held.submit(broken_promise)]
    held.release(2)
    for piece in pieces:
        with pytest.raises(sa.exc.IntegrityError):
            piece.result()
    assert said(sqlite) == []
    sqlite.database.run(lambda tx: say(tx, "after"))
    assert said(sqlite) == ["after"]


def test_a_transaction_inside_a_transaction_is_refused_at_once(store: Store) -> None:
    """It would wait for itself."""
    inner = [lambda: store.database.run(lambda tx: None), lambda: store.database.begin().__enter__()]
    for nested in inner:
        with pytest.raises(RuntimeError, match="in a transaction already"):
            store.database.run(lambda tx, nested=nested: nested())  # type: ignore[misc]
        with pytest.raises(RuntimeError, match="in a transaction already"), store.database.begin():
            nested()
    store.database.run(lambda tx: say(tx, "after"))
    assert said(store) == ["after"]


def test_a_closed_database_refuses_instead_of_waiting(sqlite: Store) -> None:
    sqlite.database.run(lambda tx: say(tx, "before"))
    sqlite.database.close()
    with pytest.raises(RuntimeError, match="closed"):
        sqlite.database.run(lambda tx: say(tx, "late"))
    sqlite.database.close()


def test_closing_waits_for_what_was_submitted(sqlite: Store) -> None:
    held = Held(sqlite)
    piece = held.submit(lambda tx: say(tx, "in time"))
    closing = threading.Thread(target=sqlite.database.close)
    held_queue = sqlite.database._writer._queue  # type: ignore[union-attr]
    while held_queue.qsize() < 1:
        time.sleep(0.001)
    closing.start()
    held._go.set()
    closing.join()
    assert piece.result() is None


def test_a_reader_sees_one_moment_and_never_waits_for_the_writer(store: Store) -> None:
    store.database.run(lambda tx: say(tx, "a"))
    count = sa.select(sa.func.count()).select_from(journal_table)
    with store.database.read() as view:
        assert view.execute(count).scalar() == 1
        with store.database.begin() as tx:
            say(tx, "b")
            start = time.monotonic()
            with store.database.read() as other:
                assert other.execute(count).scalar() == 1, "what is not committed is not there"
            assert time.monotonic() - start < 1
        assert view.execute(count).scalar() == 1, "the view stays as it was"
    with store.database.read() as later:
        assert later.execute(count).scalar() == 2


def test_a_long_reader_does_not_hold_up_writers(store: Store) -> None:
    with store.database.read() as view:
        view.execute(sa.select(journal_table)).all()
        start = time.monotonic()
        for _ in range(5):
            store.database.run(lambda tx: say(tx, "x"))
        assert time.monotonic() - start < 5
    assert len(said(store)) == 5


def test_nothing_can_be_written_through_a_view(store: Store) -> None:
    with pytest.raises(sa.exc.DBAPIError), store.database.read() as view:
        say(view, "never")
    store.database.run(lambda tx: say(tx, "but so"))
    assert said(store) == ["but so"]


def test_sqlite_flushes_each_commit_and_keeps_its_promises(sqlite: Store) -> None:
    def pragmas(tx: Connection) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "query_only")
        return {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    full = 2
    written = {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1, "query_only": 0}
    assert sqlite.database.run(pragmas) == written
    with sqlite.database.read() as tx:
        assert pragmas(tx) == {**written, "query_only": 1}


def test_postgres_does_a_piece_anew_that_it_undid_for_another(store: Store) -> None:
    if store.database.is_sqlite:  # one writer: there is nothing to be entangled with
        return
    store.database.run(lambda tx: (say(tx, "a"), say(tx, "b")))
    meet = threading.Barrier(2)
    runs: list[str] = []

    def entangle(tx: Connection, first: str, second: str) -> None:
        runs.append(first)
        for n, kind in enumerate((first, second)):
            touch = sa.update(journal_table).where(journal_table.c.kind == kind)
            tx.execute(touch.values(actor=journal_table.c.actor + first))
            if n == 0 and len(runs) <= 2:
                meet.wait(10)

    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(store.database.run, lambda tx, pair=pair: entangle(tx, *pair))  # type: ignore[misc]
            for pair in (("a", "b"), ("b", "a"))
        ]
        for one in both:
            one.result()
    assert len(runs) > 2, "one of the two was done anew"
    with store.database.read() as tx:
        assert {"a", "b"} <= set("".join(tx.execute(sa.select(journal_table.c.actor)).scalars()))


WRITER = """
import sys, threading
from pathlib import Path
from meguri.kit.config import Config
from meguri.storage import journal
from meguri.storage.store import Store
store = Store.open(Config(data=Path(sys.argv[1]), database_url=sys.argv[2]))
def write(name):
    n = 0
    while True:
        kind = f"{name}.{n}"
        store.database.run(lambda tx: journal.write(tx, kind, "system"))
        sys.stdout.write(kind + "\\n"); sys.stdout.flush()
        n += 1
for name in sys.argv[3:]:
    threading.Thread(target=write, args=(name,)).start()
"""


def writer(store: Store, *names: str) -> "subprocess.Popen[str]":
    """A process that writes one row after another, and prints each once it is acknowledged."""
    config = store.config
    command = [sys.executable, "-c", WRITER, str(config.data), config.database_url, *names]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_after_kill_9_every_acknowledged_row_is_there(store: Store) -> None:
    for round_ in range(3):
        names = [f"r{round_}t{n}" for n in range(8)]
        with writer(store, *names) as process:
            assert process.stdout
            acknowledged = [process.stdout.readline().strip() for _ in range(100)]
            process.kill()
            # A line cut in two by the kill was not read by anyone.
            acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
        assert len(acknowledged) >= 100
        found = said(store)
        assert set(acknowledged) <= set(found)
        assert len(found) == len(set(found)), "each once"


def test_two_processes_write_and_neither_starves(store: Store) -> None:
    """As the API and a worker do."""
    slowest = 0.0
    with writer(store, *(f"api{n}" for n in range(8))) as busy:
        assert busy.stdout
        busy.stdout.readline()
        drain = threading.Thread(target=busy.stdout.read)
        drain.start()
        for n in range(30):
            start = time.monotonic()
            with store.database.begin() as tx:
                say(tx, f"worker.{n}")
            slowest = max(slowest, time.monotonic() - start)
        busy.kill()
        drain.join()
    mine = [kind for kind in said(store) if kind.startswith("worker")]
    assert len(mine) == 30
    assert slowest < 10


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:///x.db", "sqlite:///x.db"),
        ("x.db", "sqlite:///x.db"),
    ],
)
def test_urls_are_understood_as_people_write_them(given: str, url: str) -> None:
    assert normalised(given) == url


def test_the_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    for folder in (tmp_path / "new" / "data", tmp_path / "empty"):
        if folder.name == "empty":
            folder.mkdir(mode=0o755)
        Store.open(Config(data=folder)).close()
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_in_use_keeps_the_rights_somebody_gave_it(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    tmp_path.chmod(0o750)
    Store.open(Config(data=tmp_path)).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o750


def test_what_is_submitted_is_done_even_if_the_one_who_waited_went_away(store: Store) -> None:
    begun = threading.Event()
    gone = store.database.submit(lambda tx: (begun.set(), say(tx, "test.gone")))
    begun.wait(10)
    assert not gone.cancel()
    waiting = [store.database.submit(lambda tx, n=n: say(tx, f"test.{n}")) for n in range(20)]
    for one in waiting:
        one.result()
    store.database.close()
    assert len(said(store)) == 21


def test_what_fails_after_it_was_submitted_tells_the_one_who_waits(store: Store) -> None:
    def fail(tx: Connection) -> None:
        say(tx, "test.undone")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.database.submit(fail).result()
    assert said(store) == []


def test_a_database_that_was_never_used_closes(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'x.db'}").close()
