"""One look at the database for everybody who watches: what moved in which project.

However many pages are open, each process asks once every half second, once per project that
somebody watches. Pages are told that something moved, not what it is: they ask for that themselves.
"""

import asyncio
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection

from meguri.kit import clock
from meguri.storage import jobs, journal
from meguri.storage.store import Store

LOOK_EVERY = 0.5  # seconds
# PostgreSQL numbers facts before it commits them, so a lower number may appear after a higher one.
LATECOMERS = 5 * clock.SECOND
ROOM = 100  # changes that wait for a slow listener; then the oldest is dropped

log = structlog.get_logger("meguri.api")


@dataclass(frozen=True, slots=True)
class Change:
    """Facts of one kind came (`id` is the newest's), or a job moved (`kind` "job", no `id`)."""

    kind: str
    id: int | None = None
    count: int = 1

    def facts(self) -> dict[str, Any]:
        return asdict(self)


Listener = asyncio.Queue[Change | None]


@dataclass(slots=True)
class Watch:
    """What is known of one project: the facts counted since `floor`, which follows the newest at a distance."""

    project: int
    distance: int  # milliseconds within which latecomers may still appear; 0: none do
    floor: int
    listeners: set[Listener] = field(default_factory=set)
    counted: dict[str, int] = field(default_factory=dict)
    newest: int = 0
    next_floor: int = 0
    next_since: int = 0
    jobs_at: int = -1

    def __post_init__(self) -> None:
        self.newest = self.next_floor = self.floor

    def notice(self, found: list[journal.Tally], now: int) -> list[Change]:
        """The changes since the last look."""
        changes = [
            Change(tally.kind, tally.newest, fresh)
            for tally in found
            if (fresh := tally.count - self.counted.get(tally.kind, 0)) > 0
        ]
        self.counted = {tally.kind: tally.count for tally in found}
        self.newest = max((tally.newest for tally in found), default=self.newest)
        if now - self.next_since >= self.distance:
            self._follow(found, now)
        return changes

    def _follow(self, found: list[journal.Tally], now: int) -> None:
        if self.distance == 0:
            self.floor, self.counted = self.newest, {}
            return
        self.floor = self.next_floor
        self.counted = {tally.kind: tally.later for tally in found}
        self.next_floor, self.next_since = self.newest, now

    def notice_jobs(self, moved_at: int) -> list[Change]:
        """Whether a job moved since the last look."""
        before, self.jobs_at = self.jobs_at, moved_at
        return [Change("job")] if before not in (-1, moved_at) else []


class Hub:
    """The listeners of one process, and the one task that looks for them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._watches: dict[int, Watch] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closing = False

    def listen(self, project: int, since: int) -> Listener:
        """Hear of what happens in a project after the fact with the id `since`."""
        self._loop = asyncio.get_running_loop()
        listener: Listener = asyncio.Queue(ROOM)
        watch = self._watches.get(project)
        if watch is None:
            distance = 0 if self._store.database.is_sqlite else LATECOMERS
            watch = self._watches[project] = Watch(project, distance, since)
        watch.listeners.add(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return listener

    def leave(self, project: int, listener: Listener) -> None:
        """Hear no more; a project that nobody watches costs nothing."""
        watch = self._watches.get(project)
        if watch is None:
            return
        watch.listeners.discard(listener)
        if not watch.listeners:
            del self._watches[project]

    def close_soon(self) -> None:
        """End every stream; may be called from a signal handler."""
        self.closing = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._close)

    def _close(self) -> None:
        for watch in self._watches.values():
            for listener in watch.listeners:
                _put(listener, None)

    async def _run(self) -> None:
        try:
            while self._watches:
                await asyncio.sleep(LOOK_EVERY)
                watches = list(self._watches.values())
                try:
                    for watch, changes in await asyncio.to_thread(self._look, watches):
                        _tell(watch, changes)
                except Exception:  # the database may be away for a while; listeners stay
                    log.exception("look")
        finally:
            self._task = None

    def _look(self, watches: list[Watch]) -> list[tuple[Watch, list[Change]]]:
        with self._store.database.read() as tx:
            return [(watch, _changes(tx, watch)) for watch in watches]


def _changes(tx: Connection, watch: Watch) -> list[Change]:
    found = journal.tally(tx, watch.project, watch.floor, watch.next_floor)
    return watch.notice(found, clock.now()) + watch.notice_jobs(jobs.last_change(tx, watch.project))


def _tell(watch: Watch, changes: list[Change]) -> None:
    for listener in list(watch.listeners):
        for change in changes:
            _put(listener, change)


def _put(listener: Listener, change: Change | None) -> None:
    if listener.full():
        listener.get_nowait()
    listener.put_nowait(change)
