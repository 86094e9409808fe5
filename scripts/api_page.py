"""Write docs/api.md from the server's own description, so that no route is missing and none is invented."""

from itertools import groupby
from pathlib import Path
from typing import Any

from meguri.api.app import create_app

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
METHODS = ("get", "post", "put", "patch", "delete")
HEAD = """# HTTP API

<!-- Written by scripts/api_page.py (`make client`). Change the routes' own docstrings instead. -->

Everything is under `/api/v1`; the whole description, with every field, is served at `/api/v1/openapi.json`.

- **Who you are**: `Authorization: Bearer mgr_…`, or the session's cookie and, for anything that changes something,
  the header `X-CSRF-Token` with the value that `GET /me` tells. Without either every route answers 401 unless it
  says *open*.
- **What you may**: annotators work; operators also review and look; engineers also change the project; the owner may
  do everything. A project that you do not belong to answers 404.
- **Errors** are problem details (RFC 9457):
  `{"status", "title", "detail", "code", "where": [{"row", "field", "problem"}], "params"}`.
- **Lists** are `{"rows": […], "after": n}`; ask for the next page with `?after=n`, and for its size with `?limit=`.
- **Moments** are RFC 3339 in UTC.
"""


def lines() -> list[str]:
    """One line a route, by room."""
    described = create_app().openapi()
    found: list[tuple[str, str, str, dict[str, Any]]] = []
    for path, methods in described["paths"].items():
        for method in METHODS:
            if method in methods:
                route = methods[method]
                found.append(((route.get("tags") or ["api"])[0], path, method, route))
    page = [HEAD]
    for room, routes in groupby(
        sorted(found, key=lambda one: (one[0], one[1], METHODS.index(one[2]))), lambda one: one[0]
    ):
        page += [f"\n## {room}\n", "| Call | Does |", "|---|---|"]
        for _, path, method, route in routes:
            text = " ".join((route.get("description") or route.get("summary") or "").split())
            page.append(f"| `{method.upper()} {path}` | {text.replace('|', chr(92) + '|')} |")
    return page


if __name__ == "__main__":
    PAGE.write_text("\n".join(lines()) + "\n")
