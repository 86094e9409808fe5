"""Locks that the operating system or the database drops the moment their holder dies.

They tell who is alive: a worker holds a lock under its name for as long as it lives, and whoever can
take that lock knows that the worker is dead. On SQLite everything is on one machine and a locked file
does; on PostgreSQL it is an advisory lock of a session, which works between machines.
"""

import contextlib
import hashlib
import sys
import threading
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from meguri.storage.store import Store

if sys.platform == "win32":
    import msvcrt

    def _lock_file(handle: IO[bytes]) -> None:
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock_file(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Locks(Protocol):
    """Names of which each is held by one process at most, among all that share an installation."""

    def take(self, name: str) -> bool:
        """Hold the name from now on; False when somebody holds it, be it we ourselves."""

    def free(self, name: str) -> None:
        """Let go of a name that is held."""

    def still_held(self) -> bool:
        """Whether everything that was taken is still ours. A lost connection is mended if that can be done."""

    def close(self) -> None:
        """Let go of everything."""


def of(store: Store) -> Locks:
    """The locks of an installation."""
    return FileLocks(store.folder / "locks") if store.database.is_sqlite else DatabaseLocks(store.database.url)


class FileLocks:
    """Locked files in a folder on a local disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, IO[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def take(self, name: str) -> bool:
        if name in self._held:
            return False
        handle = (self._folder / quote(name, safe="")).open("ab")
        try:
            _lock_file(handle)
        except OSError:
            handle.close()
            return False
        self._held[name] = handle
        return True

    def free(self, name: str) -> None:
        self._held.pop(name).close()

    def still_held(self) -> bool:
        return True

    def close(self) -> None:
        for name in list(self._held):
            self.free(name)


class DatabaseLocks:
    """Advisory locks of one PostgreSQL session, kept open as long as this lives.

    Should the machine vanish from the network, the server's side ends within some 20 seconds by keep-alive
    where the server checks it; the session of a killed process ends at once.
    """

    def __init__(self, url: str) -> None:
        keepalive = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
        self._engine = sa.create_engine(
            url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args=keepalive
        )
        self._guard = threading.RLock()
        self._connection = self._connect()
        self._held: set[str] = set()

    def _connect(self) -> Connection:
        connection = self._engine.connect()
        for setting in ("tcp_keepalives_idle = 5", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3"):
            connection.exec_driver_sql(f"SET {setting}")
        return connection

    def take(self, name: str) -> bool:
        with self._guard:
            if name in self._held or not self._ask(sa.func.pg_try_advisory_lock, name):
                return False
            self._held.add(name)
            return True

    def free(self, name: str) -> None:
        with self._guard:
            self._held.discard(name)
            self._ask(sa.func.pg_advisory_unlock, name)

    def still_held(self) -> bool:
        with self._guard:
            try:
                self._connection.exec_driver_sql("SELECT 1")
            except SQLAlchemyError:
                return self._take_again()
            return True

    def _take_again(self) -> bool:
        with contextlib.suppress(SQLAlchemyError):
            self._connection.close()
        self._connection = self._connect()
        return all(self._ask(sa.func.pg_try_advisory_lock, name) for name in sorted(self._held))

    def close(self) -> None:
        with self._guard, contextlib.suppress(SQLAlchemyError):
            self._held.clear()
            self._connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
            self._connection.close()
            self._engine.dispose()

    def _ask(self, function: "sa.sql.functions._FunctionGenerator", name: str) -> bool:
        number = int.from_bytes(hashlib.sha256(f"meguri:{name}".encode()).digest()[:8], "big", signed=True)
        return bool(self._connection.execute(sa.select(function(sa.cast(number, sa.BigInteger)))).scalar())
