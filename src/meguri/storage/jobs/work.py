"""What a worker does all day.

It carries jobs from the outbox to the engine, runs what the engine brings, writes down how far they are,
takes over from workers that died, runs the ticks, and forgets what is old.
"""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from meguri.kit import clock
from meguri.storage import locks
from meguri.storage.jobs import ledger
from meguri.storage.jobs.handlers import handlers
from meguri.storage.jobs.model import KEEP_DONE_DAYS
from meguri.storage.jobs.process import allow_subprocesses, close_subprocesses, interrupt_subprocesses
from meguri.storage.jobs.run import execute, flush_live, live_jobs, run_ticks
from meguri.storage.store import Store

if TYPE_CHECKING:
    from meguri.storage.engine import Engine

log = structlog.get_logger(__name__)

RELAY_SECONDS = 0.2
SWEEP_SECONDS = 2.0
RECONCILE_SECONDS = 30.0
RETENTION_SECONDS = 3_600.0
TICK_SECONDS = 0.5
PAUSE_SECONDS = 1.0  # after an error
LOST_AFTER = clock.MINUTE  # a job handed over so long ago must be known to the engine
UNKNOWN_AFTER = 10 * clock.MINUTE  # a worker of a newer version may know the name
MAX_SLOTS = 1_000
ENGINE_KEEPS_DAYS = 1  # the table `job` is the memory; the engine need only finish


class LostLock(RuntimeError):
    """Another worker holds our name: it may run our jobs, so we must not."""


def work(store: Store, queues: Sequence[str], stop: threading.Event, *, grace: int = 20) -> bool:
    """Run the jobs of `queues` until `stop` is set, then wait `grace` seconds for those that run.

    Returns whether all had ended; those that had not are taken over by another worker, or by this one
    when it starts again.
    """
    from meguri.storage.engine import Engine

    held = locks.of(store)
    worker = _Worker(store, held, name_of_worker(held), queues, Engine)
    try:
        worker.start()
        worker.serve(stop)
    finally:
        ended = worker.finish(grace)
        held.close()
    return ended


def name_of_worker(held: locks.Locks) -> str:
    """The first free `host:number`: no other living worker has it, and a restart gets it back."""
    host = socket.gethostname()
    for number in range(MAX_SLOTS):
        name = f"{host}:{number}"
        if held.take(_lock_name(name)):
            return name
    raise RuntimeError(f"There are {MAX_SLOTS} workers on {host} already")


def _lock_name(worker: str) -> str:
    return f"worker {worker}"


class _Worker:
    def __init__(self, store: Store, held: locks.Locks, name: str, queues: Sequence[str], make: "type[Engine]") -> None:
        self._store = store
        self._locks = held
        self._name = name
        self._more = threading.Event()
        self._ending = threading.Event()
        self._engine = make(store, name, queues, self._do)
        self._ticker = threading.Thread(target=self._tick, name="meguri-ticks", daemon=True)
        self._turns = [
            _Turn(0, self._relay),
            _Turn(0, flush_live),
            _Turn(SWEEP_SECONDS, self._sweep),
            _Turn(RECONCILE_SECONDS, self._reconcile),
            _Turn(RETENTION_SECONDS, self._forget),
        ]

    def start(self) -> None:
        allow_subprocesses()
        self._engine.start()
        self._ticker.start()
        log.info("worker.started", worker=self._name)

    def serve(self, stop: threading.Event) -> None:
        """Take turns until `stop`; a database that is away is waited for."""
        threading.Thread(target=self._on, args=(stop,), daemon=True).start()
        while not stop.is_set():
            for turn in self._turns:
                turn.take()
            self._more.wait(RELAY_SECONDS)
            self._more.clear()

    def _on(self, stop: threading.Event) -> None:
        """Let the main loop notice a stop at once."""
        stop.wait()
        self._more.set()

    def finish(self, grace: int) -> bool:
        self._ending.set()
        interrupt_subprocesses()
        self._engine.stop(grace)
        close_subprocesses()
        if self._ticker.is_alive():
            self._ticker.join(PAUSE_SECONDS)
        left = live_jobs()
        log.info("worker.stopped", worker=self._name, left=left)
        return not left

    def _do(self, job_id: int, attempt: int) -> None:
        execute(self._store, job_id, attempt, self._name)
        self._more.set()  # the next of its serial, or what it asked for, need not wait

    def _relay(self) -> None:
        """Give the engine what is ready; one worker at a time, or two might start one serial twice."""
        with self._store.database.read() as tx:
            waiting = bool(ledger.ready(tx, 1))
        if not waiting or not self._locks.take("relay"):
            return
        try:
            with self._store.database.read() as tx:
                found = ledger.ready(tx)
            for one in found:
                self._hand(one)
        finally:
            self._locks.free("relay")

    def _hand(self, found: ledger.Ready) -> None:
        known = handlers.get(found.name)
        if known is not None:
            self._engine.hand(found.id, found.attempt, found.queue or known.queue)
            self._store.database.run(lambda tx: ledger.mark_handed(tx, found))
        elif found.due_at < clock.now() - UNKNOWN_AFTER:
            words = f"No room knows how to do {found.name!r}; was a package removed?"
            self._store.database.run(lambda tx: ledger.refuse(tx, found, words))

    def _sweep(self) -> None:
        """Take over from every worker whose lock is free: it is dead."""
        if not self._locks.still_held():
            raise LostLock(f"Another process took the name {self._name}; this worker stops")
        for other in self._engine.executors() - {self._name}:
            if self._locks.take(_lock_name(other)):
                try:
                    log.warning("worker.took_over", worker=self._name, dead=other, jobs=self._engine.take_over(other))
                finally:
                    self._locks.free(_lock_name(other))

    def _reconcile(self) -> None:
        """Give the engine again what it has lost, as after a restore, and put back what it gave up."""
        if not self._turn_of_fleet("jobs.reconcile", RECONCILE_SECONDS):
            return
        with self._store.database.read() as tx:
            handed = ledger.handed_before(tx, clock.now() - LOST_AFTER)
        states = self._engine.states((one.id, one.attempt) for one in handed) if handed else {}
        for one in handed:
            state = states.get((one.id, one.attempt))
            if state not in ("ENQUEUED", "PENDING", "DELAYED"):
                log.warning("job.lost", job=one.id, engine=state)
                self._store.database.run(lambda tx, one=one: ledger.hand_anew(tx, one))  # type: ignore[misc]

    def _forget(self) -> None:
        """Retention: done jobs after a month, what the engine knows of ended ones after a day."""
        if self._turn_of_fleet("jobs.retention", RETENTION_SECONDS):
            before = clock.now() - KEEP_DONE_DAYS * clock.DAY
            while self._store.database.run(lambda tx: ledger.prune(tx, before)):
                pass
            self._engine.prune(clock.now() - ENGINE_KEEPS_DAYS * clock.DAY)

    def _turn_of_fleet(self, name: str, seconds: float) -> bool:
        return self._store.database.run(lambda tx: ledger.take_tick(tx, name, seconds))

    def _tick(self) -> None:
        while not self._ending.wait(TICK_SECONDS):
            try:
                run_ticks(self._store, due_only=True)
            except Exception as error:
                _told(error, "ticks")
                self._ending.wait(PAUSE_SECONDS)


class _Turn:
    """Something the main loop does every so many seconds, and again after an error."""

    def __init__(self, seconds: float, do: Callable[[], object]) -> None:
        self._seconds = seconds
        self._do = do
        self._next = 0.0

    def take(self) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        try:
            self._do()
            self._next = now + self._seconds
        except LostLock:
            raise
        except Exception as error:
            self._next = now + max(PAUSE_SECONDS, self._seconds)
            _told(error, getattr(self._do, "__name__", ""))


def _told(error: Exception, doing: str) -> None:
    """A database that is away is news; anything else is a fault of ours, with its trace."""
    if isinstance(error, SQLAlchemyError):
        log.warning("worker.database_away", doing=doing, error=str(error))
    else:
        log.exception("worker.fault", doing=doing)
