"""The ring over HTTP: who may see it, who may turn it, and that looking costs the same in a large project."""

import time
from typing import Any

import sqlalchemy as sa
from fastapi.testclient import TestClient
from tests.worlds import answer_all, import_texts, labelled_texts

from meguri.data import service as data
from meguri.data.model import Prepared
from meguri.labelling import service as labelling
from meguri.labelling.model import SELECTION
from meguri.storage import jobs
from meguri.storage.store import Store

API = "/api/v1"


def test_strangers_are_asked_to_sign_in_outsiders_see_nothing_and_annotators_may_not(
    client: TestClient, outsider: TestClient, annotator: TestClient, operator: TestClient, project: dict[str, Any]
) -> None:
    base = f"{API}/projects/{project['id']}"
    for path in ("ring", "curve", "report"):
        assert client.get(f"{base}/{path}").status_code == 401
        assert outsider.get(f"{base}/{path}").status_code == 404
        assert annotator.get(f"{base}/{path}").status_code == 403
        assert operator.get(f"{base}/{path}").status_code == 200
    start = {"action": "start"}
    assert client.post(f"{base}/loop", json=start).status_code == 401
    assert outsider.post(f"{base}/loop", json=start).status_code == 404
    for member in (annotator, operator):
        assert member.post(f"{base}/loop", json=start).status_code == 403


def test_the_ring_is_seen_to_turn(
    engineer: TestClient, operator: TestClient, project: dict[str, Any], store: Store
) -> None:
    base = f"{API}/projects/{project['id']}"
    ring = engineer.get(f"{base}/ring").json()
    assert (ring["running"], ring["step"]) == (False, None)
    assert ring["next_for_me"] == {"kind": "items", "count": 0}

    with store.database.read() as tx:
        found = labelling.project(tx, project["id"])
    import_texts(store, found, labelled_texts(80), labelled=False)
    engineer.patch(base, json={"settings": {"batch": 10, "min_test_labels": 5}})
    assert engineer.post(f"{base}/loop", json={"action": "start"}).json()["running"] is True
    jobs.run_pending(store)
    ring = operator.get(f"{base}/ring").json()
    assert ring["step"]["code"] == "loop.wait.answers"
    assert ring["step"]["text"] == "Waiting for 15 of 15 answers."
    assert ring["step"]["since"]
    assert ring["stations"]["relearn"] == {"round": 1, "pending_tasks": 15, "answers_given": 0, "answers_wanted": 15}
    assert ring["next_for_me"] == {"kind": "label", "count": 15}

    answer_all(store, found, operator.person_id, SELECTION)  # type: ignore[attr-defined]
    jobs.run_pending(store)
    ring = operator.get(f"{base}/ring").json()
    assert ring["stations"]["learn"]["labels"] == 10
    assert ring["stations"]["learn"]["models"] == 1
    assert ring["stations"]["verify"]["test_labels"] == 5
    assert ring["stations"]["relearn"]["round"] == 2
    (point,) = operator.get(f"{base}/curve").json()["points"]
    assert (point["round"], point["labels"], point["answers"], point["test_labels"]) == (1, 10, 10, 5)
    report = operator.get(f"{base}/report").json()
    assert report["curve"] == [point]
    assert report["ring"]["stations"] == ring["stations"]

    assert engineer.post(f"{base}/loop", json={"action": "pause"}).json()["running"] is False
    assert engineer.post(f"{base}/loop", json={"action": "dance"}).status_code == 422


def test_looking_at_the_ring_costs_the_same_with_fifty_times_the_items(
    engineer: TestClient, project: dict[str, Any], store: Store
) -> None:
    base = f"{API}/projects/{project['id']}"

    def grow(first: int, count: int) -> None:
        rows = [
            Prepared(
                n, None, f"{n:064x}", "test" if n % 5 == 0 else "train", False, f"t{n}", None, "text/plain", 5, {}, {}
            )
            for n in range(first, first + count)
        ]
        with store.database.begin() as tx:
            found = labelling.project(tx, project["id"])
            added = [one.item_id for part in data.add_prepared(tx, found.home, rows, "system") for one in part]
            labelling.request(tx, found, added[: count // 2], SELECTION, round=7, actor="system")
            tx.execute(sa.text("ANALYZE"))

    def cost() -> float:
        took = []
        for _ in range(15):
            started = time.perf_counter()
            assert engineer.get(f"{base}/ring").status_code == 200
            took.append(time.perf_counter() - started)
        return sorted(took)[2]

    grow(1, 400)
    small = cost()
    grow(1_000, 20_000)
    assert cost() < 1.5 * small + 0.01


def test_a_loop_whose_settings_name_nothing_that_exists_is_not_started(
    engineer: TestClient, project: dict[str, Any]
) -> None:
    home = f"/api/v1/projects/{project['id']}"
    changed = engineer.patch(home, json={"settings": {"strategy": "crystal-ball", "gates": {"heaven": {}}}})
    assert changed.status_code == 200
    refused = engineer.post(f"{home}/loop", json={"action": "start"})
    assert refused.status_code == 422
    assert [place["field"] for place in refused.json()["where"]] == ["strategy", "gates"]
    assert "auto" in refused.json()["where"][0]["problem"]
