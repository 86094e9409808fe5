"""Whatever is sent, the server answers with something it promised, and never with an error of its own."""

from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

EXAMPLES = 4  # an operation; the rooms' own tests go deeper
LEFT_OUT = {
    "GET /projects/{project_id}/events": "never ends",
    "DELETE /me/tokens/{token_id}": "would end the key of this test",
}


def test_no_operation_can_be_made_to_fail_inside(app: FastAPI, owner: TestClient, project: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    schema.config.generation.update(with_security_parameters=False)
    broken: list[str] = []
    operations = [found.ok() for found in schema.get_all_operations()]
    operations.sort(key=lambda operation: operation.method == "delete")  # what is gone cannot be tried
    for operation in operations:
        if f"{operation.method.upper()} {operation.path.removeprefix('/api/v1')}" not in LEFT_OUT:
            _try(operation, owner, project["id"], broken)
    assert owner.get("/api/v1/me").status_code == 200
    assert len(operations) > 20
    assert not broken, "\n".join(broken)


def _try(operation: Any, owner: TestClient, project: int, broken: list[str]) -> None:
    key = {"Authorization": owner.headers["Authorization"]}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        if "project_id" in (case.path_parameters or {}):
            case.path_parameters["project_id"] = project
        case.cookies, case.headers = {}, {**(case.headers or {}), **key}
        answer = case.call()
        kind = answer.headers.get("content-type", [""])[0]
        if answer.status_code >= 500 or (answer.status_code >= 400 and kind != "application/problem+json"):
            broken.append(f"{case.method} {case.formatted_path}: {answer.status_code} {answer.text[:300]}")

    attempt()
