"""One door to SQLite and PostgreSQL.

`Database.run(work)` is one transaction: `work` gets a connection, and when `run` returns, what it
wrote is on disk. On SQLite all `run` calls of a process go through one writer thread that commits them in
groups, so that one flush of the disk serves everyone who waits for it (group commit); each piece
of work has its own savepoint, and one that fails takes nobody with it. On PostgreSQL the server does this.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event

T = TypeVar("T")

GROUP_LIMIT = 64
BUSY_SECONDS = 60


class Database:
    """Connections to one database, whichever kind it is."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._writer = _GroupWriter(self.engine) if self.is_sqlite else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; nothing may be written through it."""
        with self.engine.connect() as connection:
            yield connection.execution_options(meguri_read=True) if self.is_sqlite else connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction on a connection of its own, for jobs and long imports."""
        with self.engine.begin() as connection:
            yield connection

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction; on return it is on disk. Errors of `work` undo it alone."""
        if self._writer is not None:
            return self._writer.submit(work).result()
        with self.engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        """End the writer thread and every connection."""
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()


def normalised(url: str) -> str:
    """The URL with the driver that this project ships: `postgres://…` and a bare path are understood."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url if "://" in url else f"sqlite:///{Path(url)}"


def _sqlite_engine(url: str) -> Engine:
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, pool_size=32)

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _: Any) -> None:
        raw.isolation_level = None  # the driver starts no transaction of its own: we say BEGIN
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged answer is on disk, also after a power cut
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-65536",
            "mmap_size=268435456",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("meguri_read")
        # A writer takes the lock at once: two that first read and then write would deadlock.
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: str) -> Engine:
    return sa.create_engine(url, pool_size=16, max_overflow=32, pool_pre_ping=True)


class _GroupWriter:
    """The one thread of a process that writes to SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, work: Callable[[Connection], T]) -> "Future[T]":
        done: Future[T] = Future()
        if self._thread is None:
            self._start()
        self._queue.put((work, done))
        return done

    def close(self) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="meguri-writer", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            last = False
            while len(group) < GROUP_LIMIT and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    last = True
                    break
                group.append(more)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[tuple[Callable[[Connection], Any], "Future[Any]"]]) -> None:
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self._engine.begin() as connection:
                for work, done in group:
                    outcomes.append((done, *_attempt(connection, work)))
        except BaseException as error:  # the commit itself failed: nobody's work is on disk
            for _, done in group:
                done.set_exception(error)
            return
        for done, result, failure in outcomes:
            if failure is None:
                done.set_result(result)
            else:
                done.set_exception(failure)


def _attempt(connection: Connection, work: Callable[[Connection], T]) -> tuple[T | None, BaseException | None]:
    connection.exec_driver_sql("SAVEPOINT piece")
    try:
        result = work(connection)
    except BaseException as failure:
        connection.exec_driver_sql("ROLLBACK TO piece")
        connection.exec_driver_sql("RELEASE piece")
        return None, failure
    connection.exec_driver_sql("RELEASE piece")
    return result, None
