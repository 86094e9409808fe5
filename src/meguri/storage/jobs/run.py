"""One run of one job: claim it, do it, keep how it ended."""

import json
import threading
import traceback

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meguri.kit import clock
from meguri.kit.errors import MeguriError
from meguri.storage.jobs import ledger
from meguri.storage.jobs.handlers import Handler, Interrupted, Tick, Transient, handlers, ticks
from meguri.storage.jobs.ledger import Claim
from meguri.storage.jobs.model import MAX_DEATHS, shortened
from meguri.storage.store import Store

log = structlog.get_logger(__name__)


class Run:
    """What a handler holds: the store, its arguments, and a way to say how far it is.

    `progress` and `log` only remember; a reporter writes them in short transactions of its own, so that
    a handler may call them while it holds a transaction.
    """

    def __init__(self, store: Store, held: Claim) -> None:
        self.store = store
        self.job_id = held.id
        self.project_id = held.project_id
        self.args = held.args
        self.tries = held.tries
        self._held = held
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._progress: float | None = None
        self._note: str | None = None

    @property
    def actor(self) -> str:
        """How the journal names this job."""
        return f"job:{self.job_id}"

    def progress(self, share: float, note: str | None = None) -> None:
        """Say that `share` of the work (0 … 1) is done, and in words what is done now."""
        with self._lock:
            self._progress = min(1.0, max(0.0, share))
            self._note = note if note is not None else self._note

    def log(self, text: str) -> None:
        """Add a line to the job's log; of a very long log the newest part is kept."""
        with self._lock:
            self._lines.append(f"{clock.iso(clock.now())} {text}\n")

    def flush(self) -> None:
        """Write down what was said since the last time."""
        with self._lock:
            lines, self._lines = self._lines, []
            progress, self._progress = self._progress, None
            note, self._note = self._note, None
        if not lines and progress is None and note is None:
            return
        text = shortened("".join(lines))
        try:
            self.store.database.run(lambda tx: ledger.report(tx, self._held, progress, note, text))
        except DBAPIError:
            with self._lock:  # said again the next time
                self._lines[:0] = lines
            raise


_live: set[Run] = set()


def flush_live() -> None:
    """Write down what every running job of this process has said."""
    for run in tuple(_live):
        run.flush()


def live_jobs() -> list[int]:
    """The jobs that this process is running."""
    return sorted(run.job_id for run in tuple(_live))


def execute(store: Store, job_id: int, attempt: int, worker: str) -> BaseException | None:
    """Do a job that the engine brought; returns the error it failed with, if it did.

    Raises only when the database does not let itself be told; the engine then brings the job again.
    """
    held = store.database.run(lambda tx: ledger.claim(tx, job_id, attempt, worker))
    if held is None:
        return None  # brought twice: it has ended already
    run = Run(store, held)
    if held.dead_worker is not None:
        run.log(f"Taken over from {held.dead_worker}, which died or was stopped.")
    _live.add(run)
    try:
        return _do(run, held)
    finally:
        _live.discard(run)


def _do(run: Run, held: Claim) -> BaseException | None:
    found = handlers.get(held.name)
    try:
        if found is None:
            raise LookupError(f"No room knows how to do {held.name!r}; was a package removed?")
        if held.deaths > MAX_DEATHS:
            raise RuntimeError(f"Its workers died under it {held.deaths} times; it is not tried again.")
        result = found.work(run)
        json.dumps(result)  # what cannot be kept is the handler's fault, and told like any other
    except Exception as error:
        _ended_badly(run, held, found, error)
        return error
    run.flush()
    run.store.database.run(lambda tx: ledger.finish(tx, held, result))
    return None


def _ended_badly(run: Run, held: Claim, found: Handler | None, error: Exception) -> None:
    if isinstance(error, Interrupted):
        run.log("The worker is stopping; another will start it anew.")
        run.flush()
        run.store.database.run(lambda tx: ledger.put_back(tx, held, None, at_once=True))
        return
    words = error.detail if isinstance(error, MeguriError) else f"{type(error).__name__}: {error}"
    again = found is not None and held.tries < found.tries and is_transient(error)
    run.log(words if isinstance(error, MeguriError | Transient) else "".join(traceback.format_exception(error)))
    run.log("It will be tried again." if again else "It failed.")
    run.flush()
    log.warning("job.failed", job=held.id, name=held.name, again=again, error=words)
    end = ledger.put_back if again else ledger.fail
    run.store.database.run(lambda tx: end(tx, held, words[:2_000]))


def is_transient(error: BaseException) -> bool:
    """Whether trying again may help: the database was away or busy, or the handler said so."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, Transient | OperationalError | PoolTimeout)


def run_pending(store: Store, *, strict: bool = True, limit: int = 100_000) -> int:
    """Run every job that is due, and those they ask for, one by one in this process; returns how many.

    For tests and simulations, where there is no worker. The first error is raised once its job is marked as
    failed, unless `strict` is off.
    """
    count = 0
    while count < limit:
        with store.database.read() as tx:
            waiting = ledger.ready(tx, 1)
        if not waiting:
            break
        error = execute(store, waiting[0].id, waiting[0].attempt, "inline")
        count += 1
        if error is not None and strict:
            raise error
    return count


def run_ticks(store: Store, *, due_only: bool = False) -> list[str]:
    """Run the periodic checks now, or only those that are due in this fleet; returns their names.

    With `due_only` one that fails is told to the log and the others go on, as a worker needs it.
    """
    ran = []
    for one in sorted(ticks.values(), key=lambda tick: tick.name):
        if not due_only:
            one.work(store)
        elif not _is_due(store, one) or not _try(store, one):
            continue
        ran.append(one.name)
    return ran


def _is_due(store: Store, one: Tick) -> bool:
    """Most of the time nothing is due, and that is found out without a write."""
    with store.database.read() as tx:
        if not ledger.tick_is_due(tx, one.name, one.seconds):
            return False
    return store.database.run(lambda tx: ledger.take_tick(tx, one.name, one.seconds))


def _try(store: Store, one: Tick) -> bool:
    try:
        one.work(store)
    except Exception as error:
        log.exception("tick.failed", name=one.name, error=str(error))
        return False
    return True
