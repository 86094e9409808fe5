"""Write docs/api.md and docs/galleries.md from the code itself: nothing is missing, and nothing is invented."""

import importlib
import pkgutil
from itertools import groupby
from pathlib import Path
from typing import Any

import meguri
from meguri.api.app import create_app
from meguri.kit.registry import Registry

DOCS = Path(__file__).parent.parent / "docs"
METHODS = ("get", "post", "put", "patch", "delete")
API = """# HTTP API

<!-- Written by scripts/reference.py (`make client`). Change the routes' own docstrings instead. -->

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


GALLERIES = """# Galleries

<!-- Written by scripts/reference.py (`make client`). Change the members' own docstrings instead. -->

What multiplies is added in one place: one file in one folder, found by its registry; or an entry point of an
installed package in the group that is named like the folder. One contract test a gallery runs over every member. How
to: [annotation type](how-to/add-an-annotation-type.md), [strategy](how-to/add-a-strategy.md),
[model](how-to/add-a-model.md), [format](how-to/add-a-format.md).
"""


def api() -> str:
    """One line a route, by room."""
    described = create_app().openapi()
    found: list[tuple[str, str, str, dict[str, Any]]] = []
    for path, methods in described["paths"].items():
        for method in METHODS:
            if method in methods:
                route = methods[method]
                found.append(((route.get("tags") or ["api"])[0], path, method, route))
    page = [API]
    for room, routes in groupby(
        sorted(found, key=lambda one: (one[0], one[1], METHODS.index(one[2]))), lambda one: one[0]
    ):
        page += [f"\n## {room}\n", "| Call | Does |", "|---|---|"]
        for _, path, method, route in routes:
            text = " ".join((route.get("description") or route.get("summary") or "").split())
            page.append(f"| `{method.upper()} {path}` | {text.replace('|', chr(92) + '|')} |")
    return "\n".join(page) + "\n"


def registries() -> list[Registry[object]]:
    """Every gallery of the house, in the order of their folders."""
    found: dict[str, Registry[object]] = {}
    for module in pkgutil.walk_packages(meguri.__path__, "meguri."):
        if module.name.endswith(".base"):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Registry):
                    found[value.folder] = value
    return [found[folder] for folder in sorted(found)]


def galleries() -> str:
    """One line a member, by gallery."""
    page = [GALLERIES]
    for gallery in registries():
        page += [f"\n## {gallery.noun}\n", f"`{gallery.folder}`\n", "| Name | What it is |", "|---|---|"]
        page += [f"| `{name}` | {_first(type(member).__doc__)} |" for name, member in gallery.items()]
    return "\n".join(page) + "\n"


def _first(docstring: str | None) -> str:
    """The first paragraph, on one line."""
    return " ".join((docstring or "").split("\n\n")[0].split()).replace("|", "\\|")


def main() -> None:
    """Write both pages."""
    (DOCS / "api.md").write_text(api())
    (DOCS / "galleries.md").write_text(galleries())


if __name__ == "__main__":
    main()
