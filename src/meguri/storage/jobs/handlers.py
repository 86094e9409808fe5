"""Which functions do which jobs, and which checks every fleet of workers runs now and then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meguri.storage.jobs.model import MAX_TRIES
from meguri.storage.store import Store

if TYPE_CHECKING:
    from meguri.storage.jobs.run import Run

QUEUES = ("cpu", "gpu")


class Transient(Exception):
    """Raised by a handler whose trouble will pass: the job is put back and tried again a little later."""


class Interrupted(Exception):
    """The worker is stopping: the job is put back as if it had not been started."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that does one kind of job."""

    name: str
    work: "Callable[[Run], Any]"
    queue: str
    tries: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A short idempotent check that the whole fleet runs about every `seconds`."""

    name: str
    work: Callable[[Store], Any]
    seconds: float


handlers: dict[str, Handler] = {}
ticks: dict[str, Tick] = {}


def handler(
    name: str, *, queue: str = "cpu", tries: int = MAX_TRIES
) -> "Callable[[Callable[[Run], Any]], Callable[[Run], Any]]":
    """Register the function that does the jobs called `name`, once, at module level.

    It gets a `Run` and may return what JSON can hold. It runs at least once: killed in the middle it is run
    again, perhaps on another machine, so what it writes must be the same the second time. It is tried
    `tries` times at most while its trouble is transient; any other error fails it at once.
    """
    if queue not in QUEUES:
        raise RuntimeError(f"There is no queue {queue!r}; there are: {', '.join(QUEUES)}")

    def keep(work: "Callable[[Run], Any]") -> "Callable[[Run], Any]":
        known = handlers.get(name)
        if known is not None and known.work.__qualname__ != work.__qualname__:
            raise RuntimeError(f"Two functions want to do the jobs named {name!r}")
        handlers[name] = Handler(name, work, queue, tries)
        return work

    return keep


def tick(name: str, seconds: float) -> Callable[[Callable[[Store], Any]], Callable[[Store], Any]]:
    """Register a short, idempotent check that one worker of the fleet runs about every `seconds`.

    It leaves no row behind; what takes longer than a moment it enqueues.
    """

    def keep(work: Callable[[Store], Any]) -> Callable[[Store], Any]:
        ticks[name] = Tick(name, work, seconds)
        return work

    return keep
