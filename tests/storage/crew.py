"""A worker process for the tests: `python crew.py DATA DATABASE_URL [QUEUES]`."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from meguri.kit.config import Config
from meguri.storage import jobs
from meguri.storage.store import Store


def write(path: str, text: str) -> None:
    """One line, whole, also when many write."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{text}\n".encode())
    os.close(handle)


@jobs.handler("crew.note")
def note(run: jobs.Run) -> dict[str, Any]:
    """Say when it started and ended, and how long it is to take."""
    started = time.monotonic()
    write(run.args["file"], f"start {run.job_id} {os.getpid()}")
    run.log("noting")
    while time.monotonic() < started + run.args.get("seconds", 0):
        run.progress(0.5, "in the middle")
        time.sleep(0.02)
    write(run.args["file"], f"end {run.job_id} {os.getpid()}")
    return {"pid": os.getpid(), "version": os.environ.get("CREW_VERSION", "1")}


@jobs.handler("crew.gpu", queue="gpu")
def gpu(run: jobs.Run) -> int:
    return os.getpid()


def die_once(marker: str) -> int:
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


@jobs.handler("crew.dies_once")
def dies_once(run: jobs.Run) -> int:
    return jobs.in_subprocess(die_once, run.args["marker"])


def dwell(path: str) -> None:
    write(path, str(os.getpid()))
    time.sleep(60)


@jobs.handler("crew.dwells")
def dwells(run: jobs.Run) -> None:
    jobs.in_subprocess(dwell, run.args["file"])


@jobs.handler("crew.stumbles")
def stumbles(run: jobs.Run) -> int:
    """The first time the database is away."""
    if run.tries == 1:
        raise OperationalError("SELECT 1", {}, Exception("the connection was lost"))
    return run.tries


@jobs.tick("crew.tick", 0.5)
def tick(store: Store) -> None:
    write(str(store.folder / "ticks"), str(os.getpid()))


def main() -> None:
    data, url, *queues = sys.argv[1:]
    if os.environ.get("CREW_VERSION") == "2":
        from dbos import DBOS

        DBOS.workflow(name="new in version 2")(lambda: None)
    if os.environ.get("CREW_IMPATIENT"):
        day = sys.modules["meguri.storage.jobs.work"]
        day.LOST_AFTER, day.RECONCILE_SECONDS = 0, 1.0  # type: ignore[attr-defined]
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = Store.open(Config(data=Path(data), database_url=url))
    ended = jobs.work(store, queues or ["cpu", "gpu"], stop, grace=10)
    store.close()
    os._exit(0 if ended else 3)


if __name__ == "__main__":
    main()
