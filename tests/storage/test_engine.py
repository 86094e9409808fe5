"""Durable jobs with real worker processes, killed as workers are killed; on both databases."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from meguri.kit import clock
from meguri.storage import jobs, locks
from meguri.storage.jobs import ledger
from meguri.storage.jobs.model import KEEP_DONE_DAYS
from meguri.storage.store import Store

CREW = Path(__file__).with_name("crew.py")
PATIENCE = 120  # a machine may be busy with other things


class Crew:
    """Worker processes of one installation."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.file = str(store.folder / "notes")
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *queues: str, **environment: str) -> "subprocess.Popen[bytes]":
        config = self.store.config
        command = [sys.executable, str(CREW), str(config.data), config.database_url, *queues]
        process = subprocess.Popen(command, env={**os.environ, **environment})
        self._processes.append(process)
        return process

    def ask(self, name: str = "crew.note", args: dict[str, Any] | None = None, **options: Any) -> int:
        args = {"file": self.file, **(args or {})}
        return self.store.database.run(lambda tx: jobs.enqueue(tx, name, args, **options))

    def job(self, job_id: int) -> jobs.Job:
        with self.store.database.read() as tx:
            return jobs.get(tx, job_id)

    def page(self) -> Sequence[jobs.Job]:
        with self.store.database.read() as tx:
            return jobs.page(tx).rows

    def notes(self) -> list[list[str]]:
        path = Path(self.file)
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def until(self, true: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"waited {PATIENCE} s for: {what}"
            time.sleep(0.05)

    def until_state(self, job_id: int, state: str) -> jobs.Job:
        self.until(lambda: self.job(job_id).state == state, f"job {job_id} {state}, is {self.job(job_id)}")
        return self.job(job_id)

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def crew(store: Store) -> Iterator[Crew]:
    made = Crew(store)
    yield made
    made.end()


def test_a_job_asked_for_while_no_worker_lives_is_done_when_one_comes(crew: Crew) -> None:
    asked = crew.ask()
    time.sleep(0.3)
    assert crew.job(asked).state == "queued"
    worker = crew.start()
    done = crew.until_state(asked, "done")
    assert done.result["pid"] == worker.pid
    assert "noting" in (done.log or "")
    assert done.worker and done.worker.endswith(":0")


def test_who_asks_for_jobs_never_loads_the_engine() -> None:
    code = "import sys, meguri.storage.jobs, meguri.storage.migrate; sys.exit('dbos' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_two_workers_share_the_jobs_and_none_runs_twice(crew: Crew) -> None:
    first, second = crew.start(), crew.start()
    asked = [crew.ask(args={"seconds": 0.3}) for _ in range(30)]
    for job_id in asked:
        crew.until_state(job_id, "done")
    starts = [note[1] for note in crew.notes() if note[0] == "start"]
    assert sorted(map(int, starts)) == sorted(asked)
    assert {int(note[2]) for note in crew.notes()} == {first.pid, second.pid}
    assert {crew.job(job_id).worker.rpartition(":")[2] for job_id in asked} == {"0", "1"}  # type: ignore[union-attr]


def test_a_job_of_a_killed_worker_is_taken_over_by_the_living_one(crew: Crew) -> None:
    victim = crew.start()
    asked = crew.ask(args={"seconds": 3})
    crew.until(crew.notes, "the job has started")
    other = crew.start()
    victim.kill()
    done = crew.until_state(asked, "done")
    assert done.result["pid"] == other.pid
    assert (done.tries, done.deaths) == (1, 1)
    assert "Taken over from" in (done.log or "")
    assert [note[0] for note in crew.notes()] == ["start", "start", "end"]


def test_a_killed_worker_that_comes_back_has_its_old_name_and_its_jobs(crew: Crew) -> None:
    victim = crew.start()
    asked = crew.ask(args={"seconds": 2})
    crew.until(lambda: crew.job(asked).state == "running", "the job runs")
    name = crew.job(asked).worker
    victim.kill()
    victim.wait()
    crew.start()
    done = crew.until_state(asked, "done")
    assert done.worker == name


def test_an_upgrade_goes_on_with_the_jobs_of_the_version_before(crew: Crew) -> None:
    old = crew.start(CREW_VERSION="1")
    running = crew.ask(args={"seconds": 2}, serial="one by one")
    waiting = crew.ask(serial="one by one")
    crew.until(lambda: crew.job(running).state == "running", "the first job runs")
    old.kill()
    old.wait()
    crew.start(CREW_VERSION="2")
    assert crew.until_state(running, "done").result["version"] == "2"
    assert crew.until_state(waiting, "done").result["version"] == "2"


def test_jobs_of_one_serial_never_run_together_on_two_workers(crew: Crew) -> None:
    crew.start(), crew.start()
    asked = [crew.ask(args={"seconds": 0.2}, serial="project:1") for _ in range(8)]
    for job_id in asked:
        crew.until_state(job_id, "done")
    kinds = [note[0] for note in crew.notes()]
    assert kinds == ["start", "end"] * len(asked)
    assert [int(note[1]) for note in crew.notes() if note[0] == "start"] == asked


def test_a_worker_serves_only_its_queues(crew: Crew) -> None:
    crew.start("cpu")
    heavy, light = crew.ask("crew.gpu"), crew.ask()
    crew.until_state(light, "done")
    assert crew.job(heavy).state == "queued"
    graphics = crew.start("gpu")
    assert crew.until_state(heavy, "done").result == graphics.pid


def test_a_killed_subprocess_fails_the_try_and_not_the_worker(crew: Crew, tmp_path: Path) -> None:
    worker = crew.start()
    done = crew.until_state(crew.ask("crew.dies_once", {"marker": str(tmp_path / "marker")}), "done")
    assert (done.tries, done.attempt) == (2, 1)
    assert "killed" in (done.log or "")
    assert worker.poll() is None


def test_told_to_stop_a_worker_ends_its_job_and_leaves_with_zero(crew: Crew) -> None:
    worker = crew.start()
    asked = crew.ask(args={"seconds": 2})
    crew.until(lambda: crew.job(asked).state == "running", "the job runs")
    worker.terminate()
    assert worker.wait(timeout=PATIENCE) == 0
    assert crew.job(asked).state == "done"


def test_told_to_stop_a_worker_puts_heavy_work_back_and_no_process_stays(crew: Crew) -> None:
    worker = crew.start()
    asked = crew.ask("crew.dwells")
    crew.until(crew.notes, "the subprocess runs")
    child = int(crew.notes()[0][0])
    worker.terminate()
    assert worker.wait(timeout=PATIENCE) == 0
    back = crew.job(asked)
    assert (back.state, back.tries, back.error) == ("queued", 0, None)
    crew.until(lambda: not alive(child), "the subprocess ends")


def test_no_subprocess_outlives_a_killed_worker(crew: Crew) -> None:
    worker = crew.start()
    crew.ask("crew.dwells")
    crew.until(crew.notes, "the subprocess runs")
    worker.kill()
    worker.wait()
    crew.until(lambda: not alive(int(crew.notes()[0][0])), "the subprocess ends")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"


def test_ticks_run_about_once_in_their_time_in_the_whole_fleet(crew: Crew) -> None:
    crew.start(), crew.start()
    ticks = crew.store.folder / "ticks"
    crew.until(ticks.exists, "the first tick")
    before, start = len(ticks.read_text().split()), time.monotonic()
    time.sleep(4)
    ran = len(ticks.read_text().split()) - before
    assert 1 <= ran <= (time.monotonic() - start) / 0.5 + 1


def test_what_the_engine_has_forgotten_is_given_to_it_again(crew: Crew) -> None:
    """As after a restore from a backup, which leaves the engine's own file out."""
    worker = crew.start()
    asked = crew.ask(args={"seconds": 1.5})
    crew.until(lambda: crew.job(asked).state == "running", "the job runs")
    worker.kill()
    worker.wait()
    forget_everything(crew.store)
    crew.start(CREW_IMPATIENT="1")
    assert crew.until_state(asked, "done").attempt >= 1


def forget_everything(store: Store) -> None:
    if store.database.is_sqlite:
        for path in store.folder.glob("jobs.db*"):
            path.unlink()
        return
    with store.database.begin() as tx:
        tx.exec_driver_sql("DROP SCHEMA meguri_jobs CASCADE")


def test_passing_trouble_is_tried_again_after_a_while(crew: Crew) -> None:
    crew.start()
    done = crew.until_state(crew.ask("crew.stumbles"), "done")
    assert (done.result, done.tries, done.attempt, done.error) == (2, 2, 1, None)
    assert "It will be tried again" in (done.log or "")


def test_a_job_given_to_the_engine_twice_is_brought_once_and_can_be_forgotten(store: Store) -> None:
    """Twice, as by a relay that was killed before it could write down that it had given it."""
    from meguri.storage.engine import Engine

    brought: list[tuple[int, int]] = []
    engine = Engine(store, "tester:0", ["cpu"], lambda job_id, attempt: brought.append((job_id, attempt)))
    engine.start()
    try:
        for job_id, attempt in ((1, 0), (1, 0), (1, 1), (2, 0)):
            engine.hand(job_id, attempt, "cpu")
        wanted = [(1, 0), (1, 1), (2, 0)]
        end = time.monotonic() + PATIENCE
        while set(engine.states(wanted).values()) != {"SUCCESS"}:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert sorted(brought) == wanted
        assert engine.prune(clock.now() - clock.DAY) == 0
        assert engine.prune(clock.now() + clock.DAY) == 3
        assert engine.states(wanted) == {}
    finally:
        engine.stop(1)


def test_a_worker_forgets_old_jobs_that_are_done_and_keeps_those_that_failed(crew: Crew) -> None:
    month = KEEP_DONE_DAYS * clock.DAY
    with clock.shifted(-month - clock.DAY):
        old, failed = crew.ask("t.old"), crew.ask("t.failed")
        for job_id, end in ((old, ledger.finish), (failed, ledger.fail)):
            held = crew.store.database.run(lambda tx, job_id=job_id: ledger.claim(tx, job_id, 0, "w"))
            crew.store.database.run(lambda tx, end=end, held=held: end(tx, held, ""))
    young = crew.ask()
    crew.start()
    crew.until_state(young, "done")
    crew.until(lambda: {row.id for row in crew.page()} == {failed, young}, "the old one is gone")


def test_a_worker_outlives_a_database_that_went_away(crew: Crew) -> None:
    if crew.store.database.is_sqlite:  # a file does not go away
        return
    worker = crew.start()
    crew.until_state(crew.ask(), "done")
    for _ in range(3):
        with crew.store.database.begin() as tx:
            tx.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        time.sleep(0.5)
    crew.until_state(crew.ask(), "done")
    assert worker.poll() is None


def test_the_engine_keeps_json_in_its_own_place_and_nothing_that_runs_when_read(crew: Crew) -> None:
    crew.start()
    crew.until_state(crew.ask(), "done")
    with rows_of_engine(crew.store) as connection:
        schema = "" if crew.store.database.is_sqlite else "meguri_jobs."
        row = connection.execute(
            sa.text(f"SELECT workflow_uuid, serialization, application_version FROM {schema}workflow_status")
        ).one()
        given = connection.execute(sa.text(f"SELECT inputs FROM {schema}workflow_input")).scalar_one()
        if crew.store.database.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert row.workflow_uuid == "job-1"
    assert row.serialization == "portable_json"
    assert json.loads(given)["positionalArgs"] == [1, 0, "cpu"]
    assert row.application_version == "1"
    with crew.store.database.read() as tx:
        assert "workflow_status" not in sa.inspect(tx).get_table_names()


def rows_of_engine(store: Store) -> Any:
    url = f"sqlite:///{store.folder / 'jobs.db'}" if store.database.is_sqlite else store.database.url
    return sa.create_engine(url, poolclass=sa.NullPool).connect()


def test_the_engines_own_file_is_flushed_at_every_commit(tmp_path: Path) -> None:
    from meguri.storage.engine import _sqlite_engine

    engine = _sqlite_engine(f"sqlite:///{tmp_path / 'jobs.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()


def test_a_name_is_held_by_one_worker_at_a_time(store: Store) -> None:
    mine, yours = locks.of(store), locks.of(store)
    assert mine.take("worker a")
    assert not mine.take("worker a"), "not even by its holder twice"
    assert not yours.take("worker a")
    mine.free("worker a")
    assert yours.take("worker a")
    yours.close()
    assert mine.take("worker a")
    mine.close()


def test_a_lock_dies_with_its_process(store: Store) -> None:
    code = """
import sys, time
from pathlib import Path
from meguri.kit.config import Config
from meguri.storage import locks
from meguri.storage.store import Store
held = locks.of(Store.open(Config(data=Path(sys.argv[1]), database_url=sys.argv[2])))
print(held.take("worker b"), flush=True)
time.sleep(60)
"""
    config = store.config
    command = [sys.executable, "-c", code, str(config.data), config.database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"True\n"
        mine = locks.of(store)
        assert not mine.take("worker b")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    end = time.monotonic() + 10
    while not mine.take("worker b"):
        assert time.monotonic() < end
        time.sleep(0.05)
    mine.close()


def test_a_worker_whose_session_ended_knows_whether_it_still_has_its_name(store: Store) -> None:
    if store.database.is_sqlite:
        assert locks.of(store).still_held()
        return
    mine = locks.DatabaseLocks(store.database.url)
    mine.take("worker c")
    cut(store)
    assert mine.still_held(), "nobody took it meanwhile"
    cut(store)
    yours = locks.DatabaseLocks(store.database.url)
    assert yours.take("worker c")
    assert not mine.still_held()
    mine.close()
    yours.close()


def cut(store: Store) -> None:
    """Let the server end every session that holds an advisory lock."""
    with store.database.begin() as tx:
        tx.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
    time.sleep(0.2)
