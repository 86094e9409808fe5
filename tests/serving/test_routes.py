"""Production over HTTP: the stranger, the outsider, the members; then the client's whole way."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.worlds import answer_all, import_texts, labelled_texts

from meguri.labelling import service as labelling
from meguri.labelling.model import REVIEW
from meguri.loop import service as loop
from meguri.storage import jobs
from meguri.storage.store import Store

API = "/api/v1"
SURE = {"key": "sure", "text": "goal match team win league coach stadium player"}
TORN = {"key": "torn", "text": "goal vote"}

CLOSED = [
    ("POST", "/projects/{project}/predict", {"items": [SURE]}),
    ("POST", "/projects/{project}/decisions", {"items": [{**SURE, "answer": "sport", "score": 0.5}]}),
    ("GET", "/projects/{project}/decisions", None),
    ("GET", "/decisions/{decision}", None),
    ("POST", "/decisions/{decision}/outcome", {"answers": {"topic": "sport"}}),
    ("GET", "/projects/{project}/reviews", None),
    ("GET", "/projects/{project}/webhooks", None),
    ("POST", "/projects/{project}/webhooks", {"url": "https://example.org/hook"}),
    ("DELETE", "/webhooks/{webhook}", None),
    ("GET", "/webhooks/{webhook}/deliveries", None),
]


@pytest.fixture
def served(project: dict[str, Any], store: Store) -> int:
    """The project of the fixtures with a model in production."""

    def settle(tx: Any) -> Any:
        from meguri.accounts.model import Actor

        settings = {"min_test_labels": 15, "batch": 10, "threshold": 0.9}
        return labelling.change_project(tx, Actor(1, "Owner", "owner"), project["id"], settings=settings)

    made = store.database.run(settle)
    import_texts(store, made, labelled_texts(160))
    store.database.run(lambda tx: loop.start(tx, made.id, "person:1"))
    jobs.run_pending(store)
    return made.id


def call(client: TestClient, method: str, path: str, body: Any, **ids: int) -> Any:
    return client.request(method, API + path.format(**ids), json=body)


def test_strangers_are_asked_to_sign_in_outsiders_see_nothing_and_annotators_may_not(
    client: TestClient, outsider: TestClient, annotator: TestClient, engineer: TestClient,
    project: dict[str, Any], store: Store,
) -> None:  # fmt: skip
    from meguri.serving import webhooks

    row = {"items": [{"key": "a", "answer": "sport", "score": 0.95}]}
    decision = engineer.post(f"{API}/projects/{project['id']}/decisions", json=row).json()["rows"][0]["id"]
    webhook = store.database.run(lambda tx: webhooks.add(tx, project["id"], "https://example.org/x", "person:1"))[0].id
    ids = {"project": project["id"], "decision": decision, "webhook": webhook}
    for method, path, body in CLOSED:
        assert call(client, method, path, body, **ids).status_code == 401, path
        assert call(outsider, method, path, body, **ids).status_code == 404, path
        assert call(annotator, method, path, body, **ids).status_code == 403, path


def test_a_client_predicts_polls_and_hears_what_people_decided(
    operator: TestClient, engineer: TestClient, served: int, store: Store
) -> None:
    answer = operator.post(f"{API}/projects/{served}/predict", json={"items": [SURE, TORN], "due_in": 3600})
    assert answer.status_code == 200, answer.text
    sure, torn = answer.json()["rows"]
    assert (sure["decision"], sure["answer"], sure["key"]) == ("automate", {"topic": "sport"}, "sure")
    assert (torn["decision"], torn["outcome"]) == ("review", None)
    assert torn["review_id"]
    assert sure["model_version"]

    (waiting,) = operator.get(f"{API}/projects/{served}/reviews").json()["rows"]
    assert (waiting["task"], waiting["decision_id"]) == (torn["review_id"], torn["id"])
    assert waiting["item"]["text"] == TORN["text"]
    assert waiting["due"] > waiting["created_at"]
    assert waiting["answer"] == torn["answer"]

    with store.database.read() as tx:
        project = labelling.project(tx, served)
    answer_all(store, project, operator.person_id, REVIEW)  # type: ignore[attr-defined]
    jobs.run_pending(store)
    polled = operator.get(f"{API}/decisions/{torn['id']}").json()
    assert polled["outcome"]["source"] == "review"
    assert operator.get(f"{API}/projects/{served}/reviews").json()["rows"] == []

    listed = operator.get(f"{API}/projects/{served}/decisions", params={"decision": "review"}).json()["rows"]
    assert [one["id"] for one in listed] == [torn["id"]]
    paged = operator.get(f"{API}/projects/{served}/decisions", params={"limit": 1}).json()
    assert paged["after"] == paged["rows"][0]["id"]


def test_an_outcome_is_told_over_http(operator: TestClient, served: int) -> None:
    sure = operator.post(f"{API}/projects/{served}/predict", json={"items": [SURE]}).json()["rows"][0]
    body = {"answers": {"topic": "politics"}, "source": "report", "why": "A reader wrote in."}
    told = operator.post(f"{API}/decisions/{sure['id']}/outcome", json=body)
    assert told.status_code == 200, told.text
    assert told.json()["outcome"]["answers"] == {"topic": "politics"}
    wrong = operator.post(f"{API}/decisions/{sure['id']}/outcome", json={"answers": {"topic": "cooking"}})
    assert wrong.status_code == 422
    assert operator.get(f"{API}/decisions/999999").status_code == 404


@pytest.mark.parametrize(
    ("items", "row"),
    [
        ([SURE, {"text": ""}], 2),
        ([SURE, {"key": "x"}], 2),
        ([SURE, SURE, {"text": "a", "data": "YQ=="}], 3),
        ([{**SURE, "key": "taken"}, {"key": "taken", "text": "other"}], 2),
    ],
)
def test_a_row_that_cannot_be_predicted_is_named_and_nothing_is_decided(
    operator: TestClient, project: dict[str, Any], items: list[dict[str, Any]], row: int
) -> None:
    answer = operator.post(f"{API}/projects/{project['id']}/predict", json={"items": items})
    assert answer.status_code in (409, 422), answer.text
    assert row in [place["row"] for place in answer.json()["where"]]
    assert operator.get(f"{API}/projects/{project['id']}/decisions").json()["rows"] == []


def test_a_webhook_is_made_with_a_secret_shown_once_and_its_log_can_be_read(
    engineer: TestClient, project: dict[str, Any], store: Store
) -> None:
    base = f"{API}/projects/{project['id']}/webhooks"
    refused = engineer.post(base, json={"url": "http://127.0.0.1:9/hook"})
    assert (refused.status_code, refused.json()["code"]) == (422, "serving.private_address")
    assert engineer.post(base, json={"url": "ftp://example.org"}).status_code == 422
    made = engineer.post(base, json={"url": "https://93.184.216.34/hook"})
    assert made.status_code == 201, made.text
    assert made.json()["secret"].startswith("whs_")
    (listed,) = engineer.get(base).json()["rows"]
    assert listed["secret"] is None
    assert engineer.get(f"{API}/webhooks/{listed['id']}/deliveries").json() == {"rows": [], "after": None}
    assert engineer.delete(f"{API}/webhooks/{listed['id']}").status_code == 204
    assert engineer.get(base).json()["rows"] == []
    assert engineer.post(f"{API}/deliveries/12345/retry").status_code == 404
