"""Projects and work over HTTP: first the stranger, then the outsider, then members."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from meguri.accounts import service as accounts
from meguri.data import service as data
from meguri.data.model import NewItem
from meguri.labelling import service as labelling
from meguri.storage.store import Store

API = "/api/v1"
QUESTIONS = [{"name": "animal", "type": "choice", "options": ["cat", {"name": "dog", "title": "A dog"}]}]
NEW = {"name": "Animals", "modality": "text", "questions": QUESTIONS}


class Office:
    """A project of an engineer, with an annotator in it and some items."""

    def __init__(self, store: Store, engineer: TestClient, annotator: TestClient, items: int = 3, **settings: Any):
        self.store = store
        made = engineer.post(f"{API}/projects", json={**NEW, "settings": settings})
        assert made.status_code == 201, made.text
        self.id = made.json()["id"]
        self.url = f"{API}/projects/{self.id}"
        self.items = store.database.run(lambda tx: self._fill(tx, annotator.person_id, items))  # type: ignore[attr-defined]

    def _fill(self, tx: Any, annotator: int, items: int) -> list[int]:
        accounts.add_member(tx, self.id, annotator, "annotator")
        home = labelling.project(tx, self.id).home
        new = [NewItem(text=f"Text {n}", meta={"n": n}) for n in range(items)]
        return [added.item_id for added in data.add(tx, self.store.blobs, home, new, "system")]


@pytest.fixture
def office(store: Store, engineer: TestClient, annotator: TestClient) -> Office:
    return Office(store, engineer, annotator)


def test_a_stranger_gets_nowhere(client: TestClient, office: Office) -> None:
    calls = [
        ("get", "/projects"),
        ("post", "/projects"),
        ("get", f"/projects/{office.id}"),
        ("post", f"/projects/{office.id}/assignments"),
        ("post", "/assignments/1/skip"),
        ("post", f"/projects/{office.id}/undo"),
        ("get", f"/projects/{office.id}/progress"),
        ("get", f"/projects/{office.id}/mine"),
        ("delete", f"/projects/{office.id}"),
    ]
    for verb, path in calls:
        answer = client.request(verb, API + path, json=NEW if path == "/projects" and verb == "post" else None)
        assert answer.status_code == 401, (verb, path)
    assert client.post(f"{API}/assignments/1/answer", json={"answers": {}}).status_code == 401
    assert client.post(f"{office.url}/tasks", json={"all": True}).status_code == 401


def test_an_outsider_sees_no_project_and_answers_nothing(
    outsider: TestClient, engineer: TestClient, annotator: TestClient, office: Office
) -> None:
    assert outsider.get(office.url).status_code == 404
    assert outsider.post(f"{office.url}/assignments").status_code == 404
    assert outsider.get(f"{API}/projects").json()["rows"] == []
    engineer.post(f"{office.url}/tasks", json={"all": True})
    lent = annotator.post(f"{office.url}/assignments").json()
    answer = outsider.post(f"{API}/assignments/{lent['id']}/answer", json={"answers": {"animal": "cat"}})
    assert answer.status_code == 404


def test_an_annotator_labels_but_manages_nothing(annotator: TestClient, office: Office) -> None:
    assert annotator.get(office.url).json()["role"] == "annotator"
    assert annotator.patch(office.url, json={"name": "Mine"}).status_code == 403
    assert annotator.post(f"{office.url}/tasks", json={"all": True}).status_code == 403
    assert annotator.post(f"{API}/projects", json=NEW).status_code == 403


def test_a_project_comes_back_as_it_was_made(engineer: TestClient, office: Office) -> None:
    found = engineer.get(office.url).json()
    assert found["questions"][0]["options"] == [{"name": "cat"}, {"name": "dog", "title": "A dog"}]
    assert (found["name"], found["role"], found["settings"]["overlap"]) == ("Animals", "engineer", 1)
    (card,) = engineer.get(f"{API}/projects").json()["rows"]
    assert (card["id"], card["pending_tasks"]) == (office.id, 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"settings": {"overlap": 0}}, "settings.overlap"),
        ({"settings": {"assignment": "nobody"}}, "settings.assignment"),
        ({"settings": {"colour": "red"}}, "settings.colour"),
    ],
)
def test_what_is_wrong_with_a_project_is_named(
    engineer: TestClient, office: Office, change: dict[str, Any], field: str
) -> None:
    for answer in (engineer.post(f"{API}/projects", json={**NEW, **change}), engineer.patch(office.url, json=change)):
        assert answer.status_code == 422
        assert [place["field"] for place in answer.json()["where"]] == [field]
    assert engineer.post(f"{API}/projects", json={**NEW, "modality": "smell"}).json()["code"] == "registry.unknown"


def test_settings_change_one_by_one_while_people_work(engineer: TestClient, office: Office) -> None:
    engineer.patch(office.url, json={"settings": {"overlap": 2}})
    changed = engineer.patch(office.url, json={"settings": {"batch": 7}, "guidelines": "Look twice."}).json()
    assert (changed["settings"]["overlap"], changed["settings"]["batch"]) == (2, 7)
    assert changed["guidelines"] == "Look twice."


def test_work_from_asking_to_the_last_answer(engineer: TestClient, annotator: TestClient, office: Office) -> None:
    assert engineer.post(f"{office.url}/tasks", json={"all": True}).json() == {"created": 3}
    assert engineer.post(f"{office.url}/tasks", json={"all": True}).json() == {"created": 0}
    for number in range(3):
        lent = annotator.post(f"{office.url}/assignments")
        assert lent.status_code == 201
        task = lent.json()
        assert task["item"]["text"] == f"Text {number}"
        assert task["item"]["meta"] == {"n": number}
        assert task["suggestion"] is None
        assert task["questions"][0]["name"] == "animal"
        body = {"answers": {"animal": "cat"}, "seconds": 2.5}
        done = annotator.post(f"{API}/assignments/{task['id']}/answer", json=body)
        assert (done.status_code, done.json()["done"], done.json()["undo"]) == (200, True, True)
        assert annotator.post(f"{API}/assignments/{task['id']}/answer", json=body).json() == done.json()
    assert annotator.post(f"{office.url}/assignments").status_code == 204
    progress = annotator.get(f"{office.url}/progress").json()
    assert progress["mine"] == {"today": 3, "total": 3, "seconds_median": 2.5}
    assert progress["tasks"]["selection"] == {"tasks": 3, "pending": 0, "answers_given": 3, "answers_wanted": 3}
    rows = annotator.get(f"{office.url}/mine").json()["rows"]
    assert [row["item"] for row in rows] == office.items[::-1]


def test_a_refused_answer_says_why(engineer: TestClient, annotator: TestClient, office: Office) -> None:
    engineer.post(f"{office.url}/tasks", json={"items": office.items[:1]})
    lent = annotator.post(f"{office.url}/assignments").json()
    url = f"{API}/assignments/{lent['id']}/answer"
    wrong = annotator.post(url, json={"answers": {"animal": "horse", "age": 3}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "annotation.invalid")
    assert {place["question"] for place in wrong.json()["where"]} == {"animal", "age"}
    assert engineer.post(url, json={"answers": {"animal": "cat"}}).json()["code"] == "labelling.lease_lost"
    assert annotator.post(url, json={"answers": {"animal": "cat"}}).status_code == 200
    again = annotator.post(url, json={"answers": {"animal": "dog"}})
    assert (again.status_code, again.json()["code"]) == (409, "labelling.answered")


def test_skip_undo_and_what_was_said_before(engineer: TestClient, annotator: TestClient, office: Office) -> None:
    engineer.post(f"{office.url}/tasks", json={"all": True})
    engineer.post(f"{office.url}/assignments")
    lent = annotator.post(f"{office.url}/assignments").json()
    assert annotator.post(f"{API}/assignments/{lent['id']}/skip", json={"why": "blurred"}).status_code == 204
    lent = annotator.post(f"{office.url}/assignments").json()
    annotator.post(f"{API}/assignments/{lent['id']}/answer", json={"answers": {"animal": "cat"}})
    again = annotator.post(f"{office.url}/undo")
    assert (again.status_code, again.json()["id"], again.json()["answers"]) == (200, lent["id"], {"animal": "cat"})
    assert annotator.post(f"{office.url}/undo").json()["code"] == "labelling.nothing_to_undo"


def test_prefetch_holds_what_was_asked_for_and_a_reload_gets_it_back(
    engineer: TestClient, annotator: TestClient, office: Office
) -> None:
    engineer.post(f"{office.url}/tasks", json={"all": True})
    first = annotator.post(f"{office.url}/assignments?hold=2").json()["id"]
    second = annotator.post(f"{office.url}/assignments?hold=2", json={"exclude": [first]}).json()["id"]
    assert second != first
    assert annotator.post(f"{office.url}/assignments?hold=2", json={"exclude": [first, second]}).status_code == 204
    assert annotator.post(f"{office.url}/assignments", json={"exclude": []}).json()["id"] == first
    assert annotator.post(f"{office.url}/assignments").json()["id"] not in (first, second)
    assert annotator.post(f"{office.url}/assignments?hold=99").status_code == 422


def test_reviews_are_for_those_who_may_review(engineer: TestClient, annotator: TestClient, office: Office) -> None:
    engineer.post(f"{office.url}/tasks", json={"items": office.items[:1], "reason": "review"})
    assert annotator.post(f"{office.url}/assignments").json()["reason"] == "selection"
    assert annotator.post(f"{office.url}/assignments", json={"reasons": ["review"]}).status_code == 403
    assert engineer.post(f"{office.url}/assignments", json={"reasons": ["review"]}).json()["reason"] == "review"


def test_tasks_can_be_asked_for_and_cancelled_by_hand(engineer: TestClient, office: Office) -> None:
    assert engineer.post(f"{office.url}/tasks", json={}).status_code == 422
    strange = engineer.post(f"{office.url}/tasks", json={"items": [office.items[0], 10**6]})
    assert (strange.status_code, strange.json()["where"][0]["item"]) == (404, 10**6)
    assert engineer.post(f"{office.url}/tasks", json={"items": office.items, "overlap": 2}).json() == {"created": 3}
    assert engineer.delete(f"{office.url}/tasks?reason=selection").status_code == 204
    assert engineer.post(f"{office.url}/assignments").status_code == 204


def test_questions_change_as_long_as_every_answer_still_fits(
    engineer: TestClient, annotator: TestClient, office: Office
) -> None:
    engineer.post(f"{office.url}/tasks", json={"all": True})
    lent = annotator.post(f"{office.url}/assignments").json()
    annotator.post(f"{API}/assignments/{lent['id']}/answer", json={"answers": {"animal": "cat"}})
    wider = [{"name": "animal", "type": "choice", "options": ["cat", "cow"]}, {**QUESTIONS[0], "name": "second"}]
    assert engineer.patch(office.url, json={"questions": wider}).status_code == 200
    narrower = [{"name": "animal", "type": "choice", "options": ["dog", "cow"]}]
    refused = engineer.patch(office.url, json={"questions": narrower})
    assert (refused.status_code, refused.json()["code"]) == (409, "labelling.schema_in_use")


def test_an_archived_project_leaves_the_list_and_lends_nothing(
    engineer: TestClient, annotator: TestClient, office: Office
) -> None:
    engineer.post(f"{office.url}/tasks", json={"all": True})
    assert engineer.delete(office.url).status_code == 204
    assert engineer.get(f"{API}/projects").json()["rows"] == []
    assert annotator.post(f"{office.url}/assignments").json()["code"] == "labelling.archived"


def test_suggestions_are_shown_where_people_do_not_label_blind(
    store: Store, engineer: TestClient, annotator: TestClient
) -> None:
    from meguri.annotation import service as annotations
    from meguri.annotation.model import Suggestion

    office = Office(store, engineer, annotator, blind=False)
    engineer.post(f"{office.url}/tasks", json={"all": True})
    said = [Suggestion(office.items[0], "animal", "dog", 0.75, version) for version in (1, 2)]
    store.database.run(lambda tx: annotations.suggest_many(tx, office.id, said))
    lent = annotator.post(f"{office.url}/assignments").json()
    assert lent["suggestion"] == {"animal": {"value": "dog", "score": 0.75}}
