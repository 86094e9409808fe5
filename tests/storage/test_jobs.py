"""Jobs without an engine: the outbox, the ledger and the inline runner."""

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from meguri.kit import clock
from meguri.kit.errors import Conflict, Invalid, NotFound
from meguri.storage import jobs
from meguri.storage.jobs import handlers as registered
from meguri.storage.jobs import ledger
from meguri.storage.jobs.model import LOG_LIMIT, MAX_DEATHS, backoff
from meguri.storage.jobs.run import execute
from meguri.storage.store import Store


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    before, ticks = dict(registered.handlers), dict(registered.ticks)
    yield
    for kept, now in ((before, registered.handlers), (ticks, registered.ticks)):
        now.clear()
        now.update(kept)


def ask(store: Store, name: str, args: dict[str, Any] | None = None, **options: Any) -> int:
    return store.database.run(lambda tx: jobs.enqueue(tx, name, args or {}, **options))


def job(store: Store, job_id: int) -> jobs.Job:
    with store.database.read() as tx:
        return jobs.get(tx, job_id)


def test_a_job_runs_with_its_arguments_and_keeps_its_result(store: Store) -> None:
    @jobs.handler("t.add")
    def add(run: jobs.Run) -> Any:
        run.progress(0.5, "adding")
        run.log("one and two")
        return {"sum": run.args["a"] + run.args["b"]}

    asked = ask(store, "t.add", {"a": 1, "b": 2}, project=7)
    assert job(store, asked).state == "queued"
    assert jobs.run_pending(store) == 1
    done = job(store, asked)
    assert (done.state, done.result, done.progress, done.project_id, done.tries) == ("done", {"sum": 3}, 1.0, 7, 1)
    assert "one and two" in (done.log or "")
    assert done.started_at is not None and done.ended_at is not None


def test_the_same_key_is_the_same_job_for_ever(store: Store) -> None:
    ran = []
    jobs.handler("t.once")(lambda run: ran.append(run.job_id))
    first, second = ask(store, "t.once", key="k"), ask(store, "t.once", key="k")
    jobs.run_pending(store)
    assert first == second == ask(store, "t.once", key="k")
    assert jobs.run_pending(store) == 0
    assert ran == [first]


def test_a_job_is_there_exactly_if_its_cause_is(store: Store) -> None:
    with pytest.raises(RuntimeError), store.database.begin() as tx:
        jobs.enqueue(tx, "t.never", {}, key="undone")
        raise RuntimeError
    with store.database.read() as tx:
        assert jobs.by_key(tx, "undone") is None


def test_many_threads_that_ask_for_one_key_get_one_job(store: Store) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(ask(store, "t.x", key="same"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16 and len(set(found)) == 1


def test_a_job_may_ask_for_the_next_one(store: Store) -> None:
    ran = []

    @jobs.handler("t.chain")
    def chain(run: jobs.Run) -> None:
        ran.append(run.args["n"])
        if run.args["n"] < 3:
            ask(run.store, "t.chain", {"n": run.args["n"] + 1}, key=f"chain:{run.args['n'] + 1}", serial="c")

    ask(store, "t.chain", {"n": 1}, serial="c")
    assert jobs.run_pending(store) == 3
    assert ran == [1, 2, 3]


def test_an_error_fails_the_job_with_its_text_and_its_trace(store: Store) -> None:
    @jobs.handler("t.bad")
    def bad(run: jobs.Run) -> None:
        raise ZeroDivisionError("by nothing")

    asked = ask(store, "t.bad")
    with pytest.raises(ZeroDivisionError):
        jobs.run_pending(store)
    failed = job(store, asked)
    assert (failed.state, failed.error, failed.can_retry) == ("failed", "ZeroDivisionError: by nothing", True)
    assert "Traceback" in (failed.log or "")


def test_an_error_for_people_is_told_in_its_own_words(store: Store) -> None:
    @jobs.handler("t.told")
    def told(run: jobs.Run) -> None:
        raise Invalid("Line 3 has no label; add one.")

    asked = ask(store, "t.told")
    assert jobs.run_pending(store, strict=False) == 1
    assert job(store, asked).error == "Line 3 has no label; add one."


def test_a_retry_is_a_fresh_attempt_that_keeps_the_log(store: Store) -> None:
    outcomes = iter([RuntimeError("first"), None])

    @jobs.handler("t.again")
    def again(run: jobs.Run) -> str:
        if error := next(outcomes):
            raise error
        return "well"

    asked = ask(store, "t.again")
    jobs.run_pending(store, strict=False)
    back = store.database.run(lambda tx: jobs.retry(tx, asked))
    assert (back.state, back.error, back.tries, back.attempt) == ("queued", None, 0, 1)
    jobs.run_pending(store)
    done = job(store, asked)
    assert (done.state, done.result, done.error) == ("done", "well", None)
    assert "first" in (done.log or "")


def test_only_a_failed_job_can_be_tried_again(store: Store) -> None:
    asked = ask(store, "t.waits")
    with pytest.raises(Conflict) as refused:
        store.database.run(lambda tx: jobs.retry(tx, asked))
    assert refused.value.code == "jobs.not_failed"
    with pytest.raises(NotFound):
        store.database.run(lambda tx: jobs.retry(tx, 10_000))


@pytest.mark.parametrize("error", [jobs.Transient("away"), OperationalError("select", {}, Exception("locked"))])
def test_passing_trouble_is_tried_again_later_and_not_for_ever(store: Store, error: Exception) -> None:
    @jobs.handler("t.flaky", tries=3)
    def flaky(run: jobs.Run) -> None:
        raise error

    asked = ask(store, "t.flaky")
    with clock.shifted(0):
        assert jobs.run_pending(store, strict=False) == 1
        assert jobs.run_pending(store, strict=False) == 0, "it must wait before it is tried again"
    waiting = job(store, asked)
    assert (waiting.state, waiting.tries, waiting.attempt) == ("queued", 1, 1)
    assert waiting.due_at > clock.now()
    with clock.shifted(clock.MINUTE):
        jobs.run_pending(store, strict=False)
    with clock.shifted(clock.HOUR):
        jobs.run_pending(store, strict=False)
    failed = job(store, asked)
    assert (failed.state, failed.tries) == ("failed", 3)


def test_waiting_times_double_up_to_five_minutes() -> None:
    assert [backoff(n) for n in (1, 2, 3, 30)] == [1_000, 2_000, 4_000, 300_000]


def test_a_job_that_kills_its_workers_each_time_is_given_up(store: Store) -> None:
    jobs.handler("t.killer")(lambda run: None)
    asked = ask(store, "t.killer")
    for _ in range(MAX_DEATHS + 1):  # so many workers claim it and die
        store.database.run(lambda tx: ledger.claim(tx, asked, 0, "dead"))
    assert execute(store, asked, 0, "alive") is not None
    failed = job(store, asked)
    assert failed.state == "failed" and f"died under it {MAX_DEATHS + 1} times" in (failed.error or "")


def test_dead_workers_do_not_count_as_failures_of_the_job(store: Store) -> None:
    jobs.handler("t.unlucky", tries=2)(lambda run: "done")
    asked = ask(store, "t.unlucky")
    for _ in range(10):
        store.database.run(lambda tx: ledger.claim(tx, asked, 0, "dead"))
    execute(store, asked, 0, "alive")
    done = job(store, asked)
    assert (done.state, done.tries, done.deaths) == ("done", 1, 10)


def test_a_run_given_up_for_dead_changes_nothing_any_more(store: Store) -> None:
    asked = ask(store, "t.zombie")
    old = store.database.run(lambda tx: ledger.claim(tx, asked, 0, "a"))
    new = store.database.run(lambda tx: ledger.claim(tx, asked, 0, "b"))
    assert old and new and new.dead_worker == "a"
    assert not store.database.run(lambda tx: ledger.finish(tx, old, "old"))
    assert store.database.run(lambda tx: ledger.finish(tx, new, "new"))
    assert job(store, asked).result == "new"


def test_a_job_brought_twice_runs_once(store: Store) -> None:
    ran = []
    jobs.handler("t.twice")(lambda run: ran.append(1))
    asked = ask(store, "t.twice")
    execute(store, asked, 0, "a")
    execute(store, asked, 0, "b")
    assert ran == [1]


def test_the_log_is_bounded_and_keeps_the_newest(store: Store) -> None:
    @jobs.handler("t.chatty")
    def chatty(run: jobs.Run) -> None:
        for n in range(3):
            run.log(f"{n}" * (LOG_LIMIT // 2))
            run.flush()
        run.log("the end")

    asked = ask(store, "t.chatty")
    jobs.run_pending(store)
    text = job(store, asked).log or ""
    assert len(text) <= LOG_LIMIT and text.endswith("the end\n")


def test_a_handler_may_log_while_it_holds_a_transaction(store: Store) -> None:
    @jobs.handler("t.holds")
    def holds(run: jobs.Run) -> None:
        with run.store.database.begin() as tx:
            jobs.enqueue(tx, "t.other", {}, delay=60)
            run.log("inside")
            run.progress(0.5)

    asked = ask(store, "t.holds")
    jobs.run_pending(store)
    assert "inside" in (job(store, asked).log or "")


def test_a_delayed_job_waits_until_it_is_due(store: Store) -> None:
    jobs.handler("t.later")(lambda run: None)
    ask(store, "t.later", delay=30)
    assert jobs.run_pending(store) == 0
    with clock.shifted(31 * clock.SECOND):
        assert jobs.run_pending(store) == 1


def test_jobs_of_one_serial_are_ready_one_at_a_time_in_order(store: Store) -> None:
    first, second = ask(store, "t.s", serial="p1"), ask(store, "t.s", serial="p1")
    other, free = ask(store, "t.s", serial="p2"), ask(store, "t.s")

    def ready() -> list[int]:
        with store.database.read() as tx:
            return [found.id for found in ledger.ready(tx)]

    assert ready() == [first, other, free]
    held = store.database.run(lambda tx: ledger.claim(tx, first, 0, "w"))
    assert held and second not in ready()
    store.database.run(lambda tx: ledger.finish(tx, held, None))
    assert second in ready()


def test_a_serial_job_that_is_not_due_lets_others_pass(store: Store) -> None:
    ask(store, "t.s", serial="p", delay=60)
    now = ask(store, "t.s", serial="p")
    with store.database.read() as tx:
        assert [found.id for found in ledger.ready(tx)] == [now]


def test_a_job_after_a_bundle_waits_for_every_shard(store: Store) -> None:
    order: list[str] = []
    jobs.handler("t.shard")(lambda run: order.append(f"shard {run.args['n']}"))
    jobs.handler("t.join")(lambda run: order.append("join"))
    ask(store, "t.join", after="b")
    for n in range(3):
        ask(store, "t.shard", {"n": n}, bundle="b")
    # The join was asked for first, and still comes last.
    jobs.run_pending(store)
    assert order == ["shard 0", "shard 1", "shard 2", "join"]


def test_a_failed_shard_holds_the_join_back_until_it_is_retried(store: Store) -> None:
    outcomes = iter([RuntimeError("no"), None])
    order: list[str] = []

    @jobs.handler("t.shard")
    def shard(run: jobs.Run) -> None:
        if error := next(outcomes):
            raise error
        order.append("shard")

    jobs.handler("t.join")(lambda run: order.append("join"))
    broken = ask(store, "t.shard", bundle="b")
    ask(store, "t.join", after="b")
    jobs.run_pending(store, strict=False)
    assert order == []
    store.database.run(lambda tx: jobs.retry(tx, broken))
    jobs.run_pending(store)
    assert order == ["shard", "join"]


def test_wakes_that_wait_together_are_one_job(store: Store) -> None:
    ran = []
    jobs.handler("t.look")(lambda run: ran.append(1))

    def wake() -> int:
        return store.database.run(lambda tx: jobs.wake(tx, "t.look", {"project": 1}, serial="loop:1", project=1))

    first = wake()
    assert wake() == first
    store.database.run(lambda tx: ledger.claim(tx, first, 0, "w"))
    assert wake() != first, "one that has started may have read already"


def test_the_look_that_runs_sees_all_that_its_wakes_committed(store: Store) -> None:
    """A worker that starts the job while a wake is not committed yet waits for it."""
    wake = {"name": "t.look", "args": {}, "serial": "loop:1"}
    first = store.database.run(lambda tx: jobs.wake(tx, **wake))  # type: ignore[arg-type]
    claimed = threading.Event()

    def start() -> None:
        store.database.run(lambda tx: ledger.claim(tx, first, 0, "w"))
        claimed.set()

    worker = threading.Thread(target=start)
    with store.database.begin() as tx:
        assert jobs.wake(tx, **wake) == first  # type: ignore[arg-type]
        worker.start()
        assert not claimed.wait(0.5)
    worker.join()
    assert claimed.is_set()


def test_two_functions_cannot_do_the_same_job() -> None:
    @jobs.handler("t.mine")
    def mine(run: jobs.Run) -> None: ...

    with pytest.raises(RuntimeError, match="Two functions"):

        @jobs.handler("t.mine")
        def yours(run: jobs.Run) -> None: ...


def test_a_job_nobody_knows_fails_with_words(store: Store) -> None:
    asked = ask(store, "t.unknown")
    jobs.run_pending(store, strict=False)
    assert "No room knows how" in (job(store, asked).error or "")


def test_pages_go_from_new_to_old_and_leave_logs_out(store: Store) -> None:
    ids = [ask(store, "t.p", project=1) for _ in range(5)]
    ask(store, "t.p", project=2)
    with store.database.read() as tx:
        first = jobs.page(tx, 1, limit=3)
        rest = jobs.page(tx, 1, after=first.after, limit=3)
    assert [row.id for row in (*first.rows, *rest.rows)] == ids[::-1]
    assert rest.after is None and first.rows[0].log is None


def test_the_last_change_of_a_projects_jobs_moves_with_each_step(store: Store) -> None:
    with store.database.read() as tx:
        assert jobs.last_change(tx, 1) == 0
    asked = ask(store, "t.c", project=1)
    with clock.shifted(clock.DAY):
        store.database.run(lambda tx: ledger.claim(tx, asked, 0, "w"))
    with store.database.read() as tx:
        assert jobs.last_change(tx, 1) > clock.now() + clock.HOUR


def test_one_of_many_workers_runs_a_tick_that_is_due(store: Store) -> None:
    ran = []
    jobs.tick("t.tick", 60)(lambda store: ran.append(1))
    threads = [threading.Thread(target=lambda: jobs.run_ticks(store, due_only=True)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran == [1]
    with clock.shifted(61 * clock.SECOND):
        jobs.run_ticks(store, due_only=True)
    assert ran == [1, 1]


def test_heavy_work_runs_in_another_process_that_is_kept() -> None:
    first = jobs.in_subprocess(os.getpid)
    assert first != os.getpid()
    assert jobs.in_subprocess(os.getpid) == first


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_subprocess_is_passing_trouble_and_the_next_call_works() -> None:
    with pytest.raises(jobs.Transient, match="killed"):
        jobs.in_subprocess(kill_self)
    assert jobs.in_subprocess(os.getpid) != os.getpid()


def test_an_error_in_the_subprocess_comes_back_as_it_is() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        jobs.in_subprocess(int, "x")
