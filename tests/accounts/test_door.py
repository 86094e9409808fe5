"""Who comes in by the door, and what is said to those who do not."""

from typing import Annotated

import pytest
from fastapi import FastAPI, Path
from starlette.testclient import TestClient

from meguri.accounts import service
from meguri.accounts.http import DoorDep
from meguri.accounts.model import Right
from meguri.storage.store import Store

PROJECT = 77


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A stranger's client of an application with one room for every right."""

    @app.get("/probe/{right}/{project_id}")
    def probe(right: Right, project_id: Annotated[int, Path()], door: DoorDep) -> str:
        return door.read(right, project_id or None, lambda tx, actor: f"{actor.label} {actor.project_role}")

    with TestClient(app) as stranger:
        yield stranger


def test_a_stranger_is_asked_to_sign_in(client: TestClient) -> None:
    for right in Right:
        answer = client.get(f"/probe/{right}/{PROJECT}")
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_project_is_invisible_to_those_outside_it(outsider: TestClient) -> None:
    assert outsider.get(f"/probe/view/{PROJECT}").status_code == 404


def test_a_member_may_do_what_the_role_says(annotator: TestClient, store: Store) -> None:
    store.database.run(lambda tx: service.add_member(tx, PROJECT, annotator.person_id, "annotator"))
    assert annotator.get(f"/probe/label/{PROJECT}").json() == f"person:{annotator.person_id} annotator"
    assert annotator.get(f"/probe/manage/{PROJECT}").status_code == 403


def test_the_owner_may_do_everything_everywhere(owner: TestClient) -> None:
    assert {owner.get(f"/probe/{right}/{PROJECT}").status_code for right in Right} == {200}
