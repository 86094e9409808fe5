"""The porch: one FastAPI application that mounts every room's routes."""

import importlib
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from meguri import __version__
from meguri.kit.config import Config
from meguri.kit.errors import MeguriError
from meguri.storage.store import Store

PREFIX = "/api/v1"
ROUTES = (
    "meguri.accounts.routes",
    "meguri.data.routes",
    "meguri.annotation.routes",
    "meguri.labelling.routes",
    "meguri.quality.routes",
    "meguri.learning.routes",
    "meguri.formats.routes",
    "meguri.evaluation.routes",
    "meguri.serving.routes",
    "meguri.loop.routes",
)


def create_app(config: Config | None = None, store: Store | None = None) -> FastAPI:
    """The application on an open store, or on the one that `config` names, opened when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if store is not None:
            yield
            return
        app.state.store = Store.open(config or Config.from_env())
        yield
        app.state.store.close()

    app = FastAPI(
        title="Meguri",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
    )
    if store is not None:
        app.state.store = store
    app.add_exception_handler(MeguriError, _problem)
    for router in _routers():
        app.include_router(router, prefix=PREFIX)
    return app


def _routers() -> list[APIRouter]:
    found = [name for name in ROUTES if importlib.util.find_spec(name) is not None]
    return [importlib.import_module(name).router for name in found]


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0] if route.tags else 'api'}_{route.name}"


async def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MeguriError)
    return JSONResponse(error.problem(), error.status, media_type="application/problem+json")
