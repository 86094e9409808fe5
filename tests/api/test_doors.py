"""Every route of the application is closed, unless it is on a list with its reason."""

import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from meguri.api.app import ROUTES

PREFIX = "/api/v1"
OPEN = {
    "GET /health": "a load balancer asks whether the server lives",
    "GET /setup": "the first visitor has no account yet",
    "POST /setup": "the first visitor has no account yet; closed as soon as there is an owner",
    "POST /login": "this is how one signs in",
    "GET /join/{secret}": "whoever holds the link's secret may see where it leads",
    "POST /join/{secret}": "whoever holds the link's secret may make an account",
}


def described(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation as (method, path below the prefix, its description)."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path.removeprefix(PREFIX), operation


def knock(client: TestClient, method: str, path: str, operation: dict[str, Any]) -> Any:
    """Ask with an address that fits, the queries that must be, and an empty body where one is expected."""
    filled = re.sub(r"\{[^}]*\}", "987654", path)
    asked = {one["name"]: 1 for one in operation.get("parameters", ()) if one["in"] == "query" and one["required"]}
    body = {"json": {}} if "requestBody" in operation else {}
    return client.request(method, PREFIX + filled, params=asked, **body)


def test_every_route_of_every_room_is_described(app: FastAPI) -> None:
    mounted = {
        f"{method} {route.path}"
        for room in ROUTES
        for route in importlib.import_module(room).router.routes
        for method in route.methods
    }
    assert mounted == {f"{method} {path}" for method, path, _ in described(app)}


def test_the_list_of_open_routes_has_nothing_that_is_gone(app: FastAPI) -> None:
    assert set(OPEN) <= {f"{method} {path}" for method, path, _ in described(app)}


def test_what_is_open_says_so_and_nothing_else_does(app: FastAPI) -> None:
    says_so = {f"{method} {path}" for method, path, operation in described(app) if operation.get("security") == []}
    assert says_so == set(OPEN)


def test_a_stranger_is_asked_to_sign_in_at_every_closed_route(app: FastAPI, client: TestClient) -> None:
    wrong = {}
    for method, path, operation in described(app):
        if f"{method} {path}" not in OPEN:
            answer = knock(client, method, path, operation)
            # A body that does not fit is refused before the door is reached; it tells nothing of anybody.
            if answer.status_code not in (401, 422) or (answer.status_code == 422 and "requestBody" not in operation):
                wrong[f"{method} {path}"] = answer.status_code
    assert not wrong


def test_to_an_outsider_no_project_exists(app: FastAPI, outsider: TestClient, project: dict[str, Any]) -> None:
    wrong = {}
    for method, path, operation in described(app):
        if "{project_id}" in path:
            answer = knock(outsider, method, path.replace("{project_id}", str(project["id"])), operation)
            if answer.status_code not in (404, 422) or (answer.status_code == 422 and "requestBody" not in operation):
                wrong[f"{method} {path}"] = answer.status_code
    assert not wrong


@pytest.mark.parametrize("role", ["annotator", "operator"])
def test_who_may_not_manage_changes_nothing_of_a_project(
    app: FastAPI, request: pytest.FixtureRequest, project: dict[str, Any], role: str
) -> None:
    client = request.getfixturevalue(role)
    for path, body in (
        (f"/projects/{project['id']}/invitations", {"role": "engineer"}),
        (f"/projects/{project['id']}/people/1", {"role": "engineer"}),
    ):
        method = "POST" if path.endswith("invitations") else "PATCH"
        assert client.request(method, PREFIX + path, json=body).status_code == 403
    for path in ("/people", "/invitations", "/jobs"):
        assert client.get(PREFIX + path).status_code == 403
