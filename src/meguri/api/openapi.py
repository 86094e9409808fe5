"""The API's description, from which the page's client is generated: `python -m meguri.api.openapi`."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from meguri.api.problems import MEDIA_TYPE, Problem

SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, `mgr_…`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "meguri_session",
        "description": "The page's session; unsafe requests also carry X-CSRF-Token.",
    },
}
PROBLEM: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "What is wrong with the request and how to mend it",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def operation_id(route: APIRoute) -> str:
    """`<room>_<function>`, which is what the generated client calls it."""
    return f"{route.tags[0] if route.tags else 'porch'}_{route.name}"


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: every route closed unless it says otherwise, every error a problem."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        components["securitySchemes"] = SECURITY
        schema["security"] = [{name: []} for name in SECURITY]
        app.openapi_schema = schema
    return app.openapi_schema


if __name__ == "__main__":
    from meguri.api.app import create_app

    print(json.dumps(create_app().openapi(), indent=2, ensure_ascii=False))
