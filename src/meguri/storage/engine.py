"""The one module that knows DBOS Transact: a durable queue beside the project's own database.

The table `job` is the truth about a job; the engine brings its id to a worker, at least once, and
brings it again when that worker died. On SQLite it keeps a file of its own, `jobs.db`; on PostgreSQL a
schema of its own, `meguri_jobs`. Only workers import this module. Why it is so: `docs/decisions/0003-durable-jobs.md`.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos import DBOSPortableJSONSerializer as JsonSerializer
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from meguri.storage.store import Store

# Pinned: by default it is a hash of the code, and after an upgrade jobs of the version before would wait for ever.
VERSION = "1"
SCHEMA = "meguri_jobs"
POLL_SECONDS = 0.2
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
CHUNK = 500

Do = Callable[[int, int], Any]

_running: "Engine | None" = None


@DBOS.workflow(name="job", max_recovery_attempts=None)
def _job(job_id: int, attempt: int, queue: str) -> None:
    if _running is None:
        raise RuntimeError("The engine is not started")
    _running.do(job_id, attempt, queue)


class Engine:
    """The engine of this process; there can be one at a time."""

    def __init__(self, store: Store, executor: str, queues: Sequence[str], do: Do) -> None:
        self._store = store
        self._executor = executor
        self._queues = tuple(queues)
        self._do = do
        self._slots = {name: threading.Semaphore(store.config.worker_slots) for name in queues}
        self._sql: SqlEngine | None = None

    def start(self) -> None:
        """Launch; jobs that this executor left behind when it died come back first."""
        global _running
        _running = self
        DBOS(config=self._config())
        DBOS.listen_queues(self._queues)
        DBOS.launch()
        for name in self._queues:
            DBOS.register_queue(
                name,
                worker_concurrency=self._store.config.worker_slots,
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )

    def do(self, job_id: int, attempt: int, queue: str) -> None:
        """Run a job when one of this machine's slots is free: the engine's own limit is the whole fleet's."""
        with self._slots[queue]:
            self._do(job_id, attempt)

    def hand(self, job_id: int, attempt: int, queue: str) -> None:
        """Give a job to the engine; giving it again changes nothing."""
        with SetWorkflowID(workflow_id(job_id, attempt)):
            DBOS.enqueue_workflow(queue, _job, job_id, attempt, queue)

    def executors(self) -> set[str]:
        """Who runs jobs, alive or dead."""
        running = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {one.executor_id for one in running if one.executor_id is not None}

    def take_over(self, executor: str) -> int:
        """Put what a dead executor was running back into its queue. The caller holds the dead one's lock."""
        return len(DBOS._recover_pending_workflows([executor]))

    def states(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
        """What the engine thinks of these jobs; one that it does not know is missing."""
        ids = {workflow_id(*one): one for one in wanted}
        found = DBOS.list_workflows(workflow_ids=list(ids), load_input=False, load_output=False)
        return {ids[one.workflow_id]: one.status for one in found}

    def prune(self, before: int) -> int:
        """Forget what ended before that moment, in milliseconds; returns how many."""
        moment = datetime.fromtimestamp(before / 1000, UTC).isoformat()
        count = 0
        while ids := [
            one.workflow_id
            for one in DBOS.list_workflows(
                status=list(ENDED), completed_before=moment, limit=CHUNK, load_input=False, load_output=False
            )
        ]:
            DBOS.delete_workflows(ids)
            count += len(ids)
        return count

    def stop(self, grace: int) -> None:
        """Start nothing more and wait up to `grace` seconds for what runs."""
        global _running
        DBOS.destroy(workflow_completion_timeout_sec=grace)
        if self._sql is not None:
            self._sql.dispose()
        _running = None

    def _config(self) -> DBOSConfig:
        config: DBOSConfig = {
            "name": "meguri",
            "application_version": VERSION,
            "executor_id": self._executor,
            "serializer": JsonSerializer(),
            "log_level": "WARNING",
            "enable_otlp": False,
        }
        if self._store.database.is_sqlite:
            path = self._store.folder / "jobs.db"
            self._sql = _sqlite_engine(f"sqlite:///{path}")
            config["system_database_url"] = f"sqlite:///{path}"
            config["system_database_engine"] = self._sql
        else:
            config["system_database_url"] = self._store.database.url
            config["dbos_system_schema"] = SCHEMA
            config["sys_db_pool_size"] = 10
        return config


def workflow_id(job_id: int, attempt: int) -> str:
    """The engine's name of one attempt at a job, the same whoever asks."""
    return f"job-{job_id}" if attempt == 0 else f"job-{job_id}-{attempt}"


def _sqlite_engine(url: str) -> SqlEngine:
    """The engine's own file: write-ahead log, flushed at every commit. DBOS by itself would set neither."""
    engine = sa.create_engine(url, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _: Any) -> None:
        raw.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    return engine
