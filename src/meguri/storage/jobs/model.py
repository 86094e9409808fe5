"""What a job is, and what follows when it fails. No input or output."""

from dataclasses import dataclass
from typing import Any, Literal

State = Literal["queued", "running", "done", "failed"]

MAX_TRIES = 5  # of a job whose trouble is transient
MAX_DEATHS = 100  # of workers under one job: machines may restart often, but not each time because of it
KEEP_DONE_DAYS = 30  # jobs that failed are kept for ever
LOG_LIMIT = 64_000  # characters kept of a job's log; the oldest go first
LONGEST_BACKOFF = 300_000


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of background work. `log` is None where a list leaves it out."""

    id: int
    name: str
    key: str
    queue: str
    project_id: int | None
    serial: str | None
    args: dict[str, Any]
    state: State
    progress: float
    note: str
    log: str | None
    error: str | None
    result: Any
    tries: int
    attempt: int
    deaths: int
    worker: str | None
    created_at: int
    due_at: int
    started_at: int | None
    ended_at: int | None

    @property
    def can_retry(self) -> bool:
        return self.state == "failed"


def backoff(tries: int) -> int:
    """Milliseconds to wait after the `tries`-th failure: 1, 2, 4 … seconds, five minutes at most."""
    return min(1_000 << (tries - 1), LONGEST_BACKOFF)


def shortened(log: str) -> str:
    """The newest LOG_LIMIT characters, from the start of a line."""
    if len(log) <= LOG_LIMIT:
        return log
    kept = log[-LOG_LIMIT:]
    return "…\n" + kept[kept.find("\n") + 1 :]
