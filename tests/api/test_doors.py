"""Every route of the application is closed, unless it is on a list with its reason."""

import importlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode
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


def closed(app: FastAPI) -> Iterator[Any]:
    """Every closed operation, as something that makes requests that fit its description."""
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app)
    schema.config.generation.update(modes=[GenerationMode.POSITIVE], with_security_parameters=False)
    for found in schema.get_all_operations():
        operation = found.ok()
        if f"{operation.method.upper()} {operation.path.removeprefix(PREFIX)}" not in OPEN:
            yield operation


def answers(operation: Any, key: str | None, **path: int) -> Counter[int]:
    """How often each status came back to some requests that fit."""
    seen: Counter[int] = Counter()

    @settings(max_examples=12, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.path_parameters = {**(case.path_parameters or {}), **path}
        case.cookies, case.headers = {}, {"Authorization": key} if key else {}
        seen[case.call().status_code] += 1

    ask()
    return seen


def test_a_stranger_is_asked_to_sign_in_at_every_closed_route(app: FastAPI, client: TestClient) -> None:
    """A body that does not fit may be refused before the door is reached: that tells nothing of anybody."""
    wrong = {}
    for operation in closed(app):
        seen = answers(operation, None)
        if not seen[401] or set(seen) - {401, 422}:
            wrong[operation.label] = dict(seen)
    assert not wrong


def test_to_an_outsider_no_project_exists(app: FastAPI, outsider: TestClient, project: dict[str, Any]) -> None:
    wrong = {}
    for operation in closed(app):
        if "{project_id}" in operation.path:
            seen = answers(operation, outsider.headers["Authorization"], project_id=project["id"])
            if not seen[404] or set(seen) - {404, 422}:
                wrong[operation.label] = dict(seen)
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
