"""What moves in a project reaches those who watch it, and costs one look however many they are."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from meguri.api import hub as hubs
from meguri.api import routes
from meguri.api.hub import Change, Hub, Watch
from meguri.storage import jobs, journal
from meguri.storage.journal import Tally
from meguri.storage.store import Store


@pytest.fixture
def server(app: FastAPI) -> Iterator[str]:
    """The application behind a real socket, because streams need one."""
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/api/v1"
    app.state.hub.close_soon()
    running.should_exit = True
    thread.join()


def happen(store: Store, project: int, kind: str = "data.added") -> None:
    store.database.run(lambda tx: journal.write(tx, kind, "system", project=project))


def read(lines: Iterator[str], wanted: int) -> list[tuple[str, Any]]:
    """The next `wanted` events as (name, data)."""
    found: list[tuple[str, Any]] = []
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        if line.startswith("data: "):
            found.append((name, json.loads(line[6:])))
        if len(found) == wanted:
            break
    return found


def headers(client: TestClient, **more: str) -> dict[str, str]:
    return {"Authorization": client.headers["Authorization"], **more}


def test_watchers_hear_of_facts_and_jobs_of_their_project_alone(
    server: str, operator: TestClient, project: dict[str, Any], store: Store
) -> None:
    where = f"{server}/projects/{project['id']}/events"
    with httpx.stream("GET", where, headers=headers(operator), timeout=10) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert read(lines, 1)[0][0] == "ready"
        happen(store, project["id"] + 1, "elsewhere")
        happen(store, project["id"])
        name, change = read(lines, 1)[0]
        assert (name, change["kind"], change["count"]) == ("change", "data.added", 1)
        store.database.run(lambda tx: jobs.enqueue(tx, "loop.advance", {}, project=project["id"]))
        assert read(lines, 1)[0][1]["kind"] == "job"


def test_who_comes_again_hears_what_they_missed(
    server: str, operator: TestClient, project: dict[str, Any], store: Store
) -> None:
    where = f"{server}/projects/{project['id']}/events"
    with httpx.stream("GET", where, headers=headers(operator), timeout=10) as stream:
        heard = read(stream.iter_lines(), 1)[0][1]["id"]
    for _ in range(3):
        happen(store, project["id"], "labelling.answered")
    again = headers(operator, **{"Last-Event-ID": str(heard)})
    with httpx.stream("GET", where, headers=again, timeout=10) as stream:
        (name, change), (after, _) = read(stream.iter_lines(), 2)
    assert after == "ready"
    assert (name, change["kind"], change["count"]) == ("change", "labelling.answered", 3)


def test_a_stream_ends_soon_after_its_key(
    server: str, operator: TestClient, project: dict[str, Any], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "HEARTBEAT", 0.2)
    where = f"{server}/projects/{project['id']}/events"
    with httpx.stream("GET", where, headers=headers(operator), timeout=10) as stream:
        lines = stream.iter_lines()
        read(lines, 1)
        assert any(line.startswith(":") for line in lines)
        operator.request("GET", "/api/v1/me")
        store.database.run(lambda tx: routes.accounts.remove_member(tx, project["id"], operator.person_id, "system"))
        assert not [line for line in lines if line.startswith("data")]


def test_an_annotator_does_not_watch_the_whole_project(annotator: TestClient, project: dict[str, Any]) -> None:
    assert annotator.get(f"/api/v1/projects/{project['id']}/events").status_code == 403


def test_many_watchers_cost_one_look(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "LOOK_EVERY", 0.05)
    looks = 0
    tally = journal.tally

    def counting(*args: Any) -> list[Tally]:
        nonlocal looks
        looks += 1
        return tally(*args)

    monkeypatch.setattr(journal, "tally", counting)

    async def watch() -> list[Change]:
        hub = Hub(store)
        listeners = [hub.listen(1, 0) for _ in range(50)]
        await asyncio.to_thread(happen, store, 1)
        heard = [await asyncio.wait_for(listener.get(), 5) for listener in listeners]
        before = looks
        for listener in listeners:
            hub.leave(1, listener)
        await asyncio.sleep(0.3)
        assert looks <= before + 1
        return heard

    heard = asyncio.run(watch())
    assert len(heard) == 50
    assert {change.kind for change in heard if change} == {"data.added"}
    assert looks < 20


def test_a_fact_that_is_committed_late_with_a_lower_number_is_not_missed() -> None:
    watch = Watch(project=1, distance=5_000, floor=10)
    assert [change.id for change in watch.notice([Tally("a", 1, 1, 12)], 100_000)] == [12]
    assert watch.notice([Tally("a", 1, 0, 12)], 100_500) == []
    late = watch.notice([Tally("a", 2, 0, 12)], 101_000)  # number 11 appears after number 12
    assert [(change.kind, change.count) for change in late] == [("a", 1)]
    assert watch.notice([Tally("a", 2, 0, 12)], 106_000) == []
    assert watch.floor == 12
    assert [change.count for change in watch.notice([Tally("a", 3, 3, 15)], 106_500)] == [3]


def test_a_slow_listener_loses_the_oldest_and_holds_up_nobody() -> None:
    listener: hubs.Listener = asyncio.Queue(hubs.ROOM)
    for number in range(hubs.ROOM + 5):
        hubs._put(listener, Change("a", number))
    first = listener.get_nowait()
    assert first is not None
    assert first.id == 5


def test_the_journal_names_people_and_pages_backwards(
    operator: TestClient, owner: TestClient, project: dict[str, Any], store: Store
) -> None:
    for _ in range(3):
        happen(store, project["id"])
    where = f"/api/v1/projects/{project['id']}/journal"
    first = operator.get(where, params={"limit": 2}).json()
    assert [row["kind"] for row in first["rows"]] == ["data.added"] * 2
    rest = operator.get(where, params={"before": first["after"]}).json()["rows"]
    named = {row["actor"]: row["actor_name"] for row in rest}
    assert named[f"person:{owner.person_id}"] == "Owner"
    assert [row["id"] for row in rest] == sorted((row["id"] for row in rest), reverse=True)
