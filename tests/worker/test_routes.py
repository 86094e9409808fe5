"""Who sees jobs, who tries them again."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from meguri.storage import jobs
from meguri.storage.store import Store


@pytest.fixture
def failed(store: Store, project: dict[str, Any]) -> int:
    """A failed job of the project."""
    asked = store.database.run(lambda tx: jobs.enqueue(tx, "nobody.knows", {}, project=project["id"]))
    jobs.run_pending(store, strict=False)
    return asked


def test_a_stranger_sees_no_job(client: TestClient) -> None:
    for method, path in (("GET", "projects/1/jobs"), ("GET", "jobs"), ("GET", "jobs/1"), ("POST", "jobs/1/retry")):
        answer = client.request(method, f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_an_outsider_learns_nothing_about_a_projects_jobs(
    outsider: TestClient, project: dict[str, Any], failed: int
) -> None:
    assert outsider.get(f"/api/v1/projects/{project['id']}/jobs").status_code == 404
    assert outsider.get(f"/api/v1/jobs/{failed}").status_code == 404
    assert outsider.post(f"/api/v1/jobs/{failed}/retry").status_code == 404
    assert outsider.get("/api/v1/jobs/4711").status_code == 404
    assert outsider.get("/api/v1/jobs").status_code == 403


def test_an_annotator_sees_no_jobs_and_an_operator_only_looks(
    annotator: TestClient, operator: TestClient, failed: int
) -> None:
    assert annotator.get(f"/api/v1/jobs/{failed}").status_code == 403
    assert operator.get(f"/api/v1/jobs/{failed}").status_code == 200
    assert operator.post(f"/api/v1/jobs/{failed}/retry").status_code == 403


def test_an_engineer_reads_why_a_job_failed_and_tries_it_again(
    engineer: TestClient, project: dict[str, Any], failed: int
) -> None:
    listed = engineer.get(f"/api/v1/projects/{project['id']}/jobs", params={"state": "failed"}).json()
    assert [row["id"] for row in listed["rows"]] == [failed]
    assert listed["rows"][0]["log"] is None
    one = engineer.get(f"/api/v1/jobs/{failed}").json()
    assert one["can_retry"] and "No room knows how" in one["error"] and one["log"]
    assert one["ended_at"].endswith("Z")
    again = engineer.post(f"/api/v1/jobs/{failed}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "queued")
    told = engineer.get(f"/api/v1/projects/{project['id']}/journal").json()["rows"]
    assert [row["kind"] for row in told][:2] == ["jobs.retried", "jobs.failed"]
    refused = engineer.post(f"/api/v1/jobs/{failed}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "jobs.not_failed")


def test_the_owner_sees_every_job_of_the_site(owner: TestClient, store: Store, failed: int) -> None:
    of_site = store.database.run(lambda tx: jobs.enqueue(tx, "nobody.knows", {}))
    assert [row["id"] for row in owner.get("/api/v1/jobs").json()["rows"]][:2] == [of_site, failed]
    assert owner.get(f"/api/v1/jobs/{of_site}").status_code == 200
    page = owner.get("/api/v1/jobs", params={"limit": 1}).json()
    assert page["after"] == of_site


def test_only_the_owner_sees_a_job_of_no_project(engineer: TestClient, store: Store) -> None:
    of_site = store.database.run(lambda tx: jobs.enqueue(tx, "nobody.knows", {}))
    assert engineer.get(f"/api/v1/jobs/{of_site}").status_code == 403
