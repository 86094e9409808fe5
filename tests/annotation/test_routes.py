"""Types and schemas over HTTP."""

from starlette.testclient import TestClient

from meguri.annotation.types.base import annotation_types

API = "/api/v1"


def test_a_stranger_learns_nothing(client: TestClient) -> None:
    assert client.get(f"{API}/annotation-types").status_code == 401
    assert client.post(f"{API}/schema/check", json={"questions": []}).status_code == 401


def test_every_type_is_listed_with_what_a_form_needs(annotator: TestClient) -> None:
    rows = annotator.get(f"{API}/annotation-types").json()
    assert [row["name"] for row in rows] == list(annotation_types)
    for row in rows:
        assert row["config_schema"]["properties"]
        assert row["value_schema"]
        assert row["example"]["values"]


def test_questions_come_back_in_normal_form_or_with_what_is_wrong(annotator: TestClient) -> None:
    good = {"questions": [{"name": "a", "type": "choice", "options": ["x", "y"]}]}
    (question,) = annotator.post(f"{API}/schema/check", json=good).json()["questions"]
    assert (question["options"], question["required"]) == ([{"name": "x"}, {"name": "y"}], True)
    bad = annotator.post(f"{API}/schema/check", json={"questions": [{"name": "a", "type": "choice", "options": ["x"]}]})
    assert (bad.status_code, bad.json()["where"][0]["question"]) == (422, "a")
