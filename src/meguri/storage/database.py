"""One door to SQLite and PostgreSQL.

`Database.run(work)` is one transaction: `work` gets a connection, and when `run` returns, what it
wrote is on disk. On SQLite all `run` calls of a process go through one writer thread that commits them in
groups, so that one flush of the disk serves everyone who waits for it (group commit); each piece
of work has its own savepoint, and one that fails takes nobody with it. On PostgreSQL the server does this.

`Database.read()` is a consistent view that never waits for a writer and through which nothing can be
written; `Database.begin()` is a transaction on a connection of its own, for long imports.
Why it is so: `docs/decisions/0002-acknowledged-means-on-disk.md`.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")
Piece = tuple[Callable[[Connection], Any], "Future[Any]"]

GROUP_LIMIT = 64
BUSY_SECONDS = 60
TRIES = 3
CREW = 40  # transactions that one process has under way on PostgreSQL through `submit`
# PostgreSQL undid the transaction for the sake of another: doing it again is what it asks for.
UNDONE_FOR_ANOTHER = ("40001", "40P01")


class Database:
    """Connections to one database, whichever kind it is."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._reader = _sqlite_reader(url) if self.is_sqlite else _postgres_reader(self.engine)
        self._writer = _GroupWriter(self.engine) if self.is_sqlite else None
        self._crew = ThreadPoolExecutor(CREW, "meguri-database")  # threads start when they are needed
        self._here = threading.local()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view, as of its first statement; nothing can be written through it."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction on a connection of its own, for jobs and long imports.

        On SQLite it holds the one write lock from its first moment: while it lasts, everyone else who writes
        waits. Prepare first, write then.
        """
        self._check_alone()
        with self.engine.begin() as connection:
            self._here.writing = True
            try:
                yield connection
            finally:
                self._here.writing = False

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction; on return it is on disk. Errors of `work` undo it alone.

        `work` should only read, decide and write: on PostgreSQL it is done anew, twice at most, when the server
        undid it because it was entangled with another transaction.
        """
        self._check_alone()
        if self._writer is not None:
            return self._writer.submit(work).result()
        for _ in range(TRIES - 1):
            try:
                with self.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in UNDONE_FOR_ANOTHER:
                    raise
        with self.begin() as connection:
            return work(connection)

    def submit(self, work: "Callable[[Connection], T]") -> "Future[T]":
        """As `run`, for callers that wait without a thread of their own; what was begun cannot be cancelled."""
        if self._writer is not None:
            return self._writer.submit(work)
        return self._crew.submit(self.run, work)

    def close(self) -> None:
        """End the writer thread, once it has written what it was given, and every connection."""
        self._crew.shutdown()
        if self._writer is not None:
            self._writer.close()
            self._reader.dispose()
        self.engine.dispose()

    def _check_alone(self) -> None:
        """A transaction inside another would wait for itself for ever."""
        if getattr(self._here, "writing", False) or (self._writer is not None and self._writer.is_here()):
            raise RuntimeError("This thread is in a transaction already; pass its connection on instead")


def normalised(url: str) -> str:
    """The URL with the driver that this project ships: `postgres://…` and a bare path are understood."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url if "://" in url else f"sqlite:///{Path(url)}"


def _sqlite_engine(url: str) -> Engine:
    """For writing. A transaction takes the lock at once: two that first read and then write would deadlock."""
    return _sqlite(url, "BEGIN IMMEDIATE", "cache_size=-65536", pool_size=8)


def _sqlite_reader(url: str) -> Engine:
    """For reading. In the write-ahead log each reader has its own view, and neither waits for the other."""
    return _sqlite(url, "BEGIN", "cache_size=-8192", "query_only=ON", pool_size=48)


def _sqlite(url: str, begin: str, *more: str, pool_size: int) -> Engine:
    connect_args = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = sa.create_engine(
        url, connect_args=connect_args, pool_size=pool_size, max_overflow=64, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _: Any) -> None:
        raw.isolation_level = None  # the driver starts no transaction of its own: we say BEGIN
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged answer is on disk, also after a power cut
            "journal_size_limit=67108864",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "mmap_size=268435456",
            *more,
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres_engine(url: str) -> Engine:
    return sa.create_engine(url, pool_size=16, max_overflow=48, pool_pre_ping=True, hide_parameters=True)


def _postgres_reader(engine: Engine) -> Engine:
    """The same connections, in transactions that see one moment and cannot write."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


class _GroupWriter:
    """The one thread of a process that writes to SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._lock = threading.Lock()

    def submit(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Have `work` done in the next group; the future is done when the group is on disk."""
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()  # who waits may go away; the work is done all the same
        with self._lock:  # so that nothing is put behind the word to end
            if self._closed:
                raise RuntimeError("The database is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="meguri-writer", daemon=True)
                self._thread.start()
            self._queue.put((work, done))
        return done

    def is_here(self) -> bool:
        """Whether the writer asks itself."""
        return threading.current_thread() is self._thread

    def close(self) -> None:
        """Write what was submitted, then end."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
            self._queue.put(None)
        if thread is not None:
            thread.join()

    def _serve(self) -> None:
        last = False
        while not last and (first := self._queue.get()) is not None:
            group = [first]
            while len(group) < GROUP_LIMIT and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    last = True
                    break
                group.append(more)
            self._commit(group)

    def _commit(self, group: list[Piece]) -> None:
        try:
            outcomes = _alone(self._engine, *group[0]) if len(group) == 1 else _together(self._engine, group)
        except BaseException as error:  # the transaction itself failed: nobody's work is on disk
            for _, done in group:
                done.set_exception(error)
            return
        for done, result, failure in outcomes:
            if failure is None:
                done.set_result(result)
            else:
                done.set_exception(failure)


Outcome = tuple["Future[Any]", Any, BaseException | None]


def _alone(engine: Engine, work: Callable[[Connection], Any], done: "Future[Any]") -> list[Outcome]:
    with engine.begin() as connection:
        result = work(connection)
    return [(done, result, None)]


def _together(engine: Engine, group: list[Piece]) -> list[Outcome]:
    with engine.begin() as connection:
        return [(done, *_attempt(connection, work)) for work, done in group]


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
