"""The page of items: filters, order, the work for a page, and one item's whole life."""

import json
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from meguri.annotation import service as annotation
from meguri.annotation.model import Suggestion
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.evaluation import browse
from meguri.evaluation import service as evaluation
from meguri.evaluation.browse import Filters
from meguri.labelling import service as labelling
from meguri.quality import service as quality
from meguri.storage.store import Store

CHAMPION = 42


def at(project: dict[str, Any]) -> str:
    return f"/api/v1/projects/{project['id']}/items"


def listed(who: TestClient, project: dict[str, Any], **params: Any) -> list[str]:
    """The keys of all items that fit, page by page."""
    keys: list[str] = []
    after = None
    while True:
        answer = who.get(at(project), params={**params, "limit": 2, **({"after": after} if after else {})})
        assert answer.status_code == 200, answer.text
        keys += [row["key"] for row in answer.json()["rows"]]
        after = answer.json()["after"]
        if after is None:
            return keys


@pytest.fixture
def stocked(project: dict[str, Any], engineer: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Eight items: 0–2 agreed by import, 3 disputed, 4 waiting, 5–7 new; the champion said something of 0, 3 and 5."""
    labels = {0: "sport", 1: "politics", 2: "sport"}
    rows = [
        {
            "text": f"Text {i} {'Ünïque' if i == 6 else ''}",
            "key": f"k{i}",
            **({"label": labels[i]} if i in labels else {}),
        }
        for i in range(8)
    ]
    engineer.post(at(project), content=json.dumps(rows), headers={"Content-Type": "application/json"})
    monkeypatch.setattr(evaluation, "alias", lambda tx, project_id, name: CHAMPION)
    with store.database.begin() as tx:
        made = labelling.project(tx, project["id"])
        ids = data.ids(tx, made.id)
        for person, answer in ((engineer, "sport"), (engineer, "sport"), (engineer, "politics")):
            annotation.add(
                tx,
                made.schema,
                project_id=made.id,
                item_id=ids[3],
                person_id=person.person_id,
                answers={"topic": answer},
            )
        labelling.request(tx, made, [ids[4]], "selection")
        said = [(0, "sport"), (3, "politics"), (5, "sport")]
        annotation.suggest_many(tx, made.id, [Suggestion(ids[i], "topic", value, 0.8, CHAMPION) for i, value in said])
        quality.aggregate(tx, made)
    return ids


def test_only_members_who_may_look_see_items(
    client: TestClient, outsider: TestClient, annotator: TestClient, operator: TestClient, project: dict[str, Any]
) -> None:
    for path in (at(project), f"{at(project)}/1"):
        assert [who.get(path).status_code for who in (client, outsider, annotator)] == [401, 404, 403]
    assert operator.get(at(project)).json() == {"rows": [], "after": None, "total_about": 0}
    assert operator.get(f"{at(project)}/1").status_code == 404


def test_items_are_filtered_by_what_is_known_of_them(
    operator: TestClient, project: dict[str, Any], stocked: list[int], store: Store
) -> None:
    everything = [f"k{i}" for i in range(8)]
    assert listed(operator, project) == everything
    assert listed(operator, project, state="labelled") == ["k0", "k1", "k2", "k3"]
    assert listed(operator, project, state="waiting") == ["k4"]
    assert listed(operator, project, state="new") == ["k5", "k6", "k7"]
    assert listed(operator, project, label="sport") == ["k0", "k2", "k3"]
    assert listed(operator, project, label="politics", question="topic") == ["k1"]
    assert listed(operator, project, model_answer="sport") == ["k0", "k5"]
    assert listed(operator, project, model_answer="sport", state="new") == ["k5"]
    assert listed(operator, project, min_disagreement=0.2) == ["k3"]
    assert listed(operator, project, q="text 5") == ["k5"]
    assert listed(operator, project, q="ïQUE" if not store.database.is_sqlite else "ïque") == ["k6"]
    assert listed(operator, project, q="k7") == ["k7"]
    assert listed(operator, project, q="%") == []
    assert listed(operator, project, order="disagreement") == ["k3", "k2", "k1", "k0"]
    by_split = {split: listed(operator, project, split=split) for split in ("train", "test", "validation")}
    assert sorted(by_split["train"] + by_split["test"]) == everything
    for split, keys in by_split.items():
        assert listed(operator, project, split=split, state="labelled") == [k for k in keys if k in everything[:4]]
    assert operator.get(at(project), params={"question": "nothing"}).status_code == 422


def test_a_row_says_what_people_and_the_champion_say(
    operator: TestClient, project: dict[str, Any], stocked: list[int]
) -> None:
    row = operator.get(at(project), params={"q": "Text 3"}).json()["rows"][0]
    assert row["consensus"]["topic"]["value"] == "sport"
    assert 0 < row["consensus"]["topic"]["disagreement"] < 1
    assert row["suggestion"] == {"topic": {"value": "politics", "score": 0.8}}
    assert (row["state"], row["thumbnail"], row["mime"]) == ("labelled", None, "text/plain")


def test_one_items_whole_life_is_told(
    operator: TestClient, engineer: TestClient, project: dict[str, Any], stocked: list[int]
) -> None:
    body = operator.get(f"{at(project)}/{stocked[3]}").json()
    assert body["text"].startswith("Text 3")
    assert body["life"][-1]["kind"] == "data.entered"
    assert body["life"][-1]["actor_name"] == "Engineer"
    assert [one["answers"]["topic"] for one in body["annotations"]] == ["sport", "sport", "politics"]
    assert {one["person"] for one in body["annotations"]} == {engineer.person_id}
    assert body["suggestions"] == [{"question": "topic", "value": "politics", "score": 0.8, "model_version": CHAMPION}]
    assert body["decisions"] == []


def test_a_page_of_many_items_costs_what_a_page_of_few_costs(project: dict[str, Any], store: Store) -> None:
    def add(start: int, end: int) -> None:
        new = (NewItem(text=f"text number {i}") for i in range(start, end))
        with store.database.begin() as tx:
            made = labelling.project(tx, project["id"])
            ids = [one.item_id for one in data.add(tx, store.blobs, made.home, new, "system")]
            rows = [(item, {"topic": "sport" if i % 2 else "politics"}) for i, item in enumerate(ids[: len(ids) // 2])]
            annotation.add_imported(tx, made.schema, made.id, rows)
            quality.aggregate(tx, made, item_ids=[item for item, _ in rows])
            labelling.request(tx, made, ids[len(ids) // 2 :], "selection")

    kinds = [
        Filters(),
        Filters(state="labelled"),
        Filters(state="waiting"),
        Filters(state="new"),
        Filters(label="sport"),
        Filters(model_answer="sport"),
        Filters(q="nowhere to be found"),
        Filters(order="disagreement"),
        Filters(split="test", state="labelled"),
    ]

    def seconds() -> list[float]:
        """The best of some pages from the middle."""
        spent = []
        with store.database.read() as tx:
            made = labelling.project(tx, project["id"])
            middle = data.ids(tx, made.id)[len(data.ids(tx, made.id)) // 2 - 300]
            for filters in kinds:
                runs = []
                for _ in range(3):
                    start = time.process_time()
                    browse.page(tx, made, filters, middle, 50)
                    runs.append(time.process_time() - start)
                spent.append(min(runs))
        return spent

    add(0, 2_000)
    few = seconds()
    add(2_000, 12_000)
    many = seconds()
    for filters, one, other in zip(kinds, few, many, strict=True):
        assert other < 3 * one + 0.03, (filters, one, other)
