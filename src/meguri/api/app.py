"""The porch: one FastAPI application that mounts every room's routes."""

import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI

from meguri import __version__
from meguri.api import openapi, problems
from meguri.api.hub import Hub
from meguri.api.page import Page
from meguri.api.porch import Porch
from meguri.kit.config import Config
from meguri.storage.store import Store

PREFIX = "/api/v1"
ROUTES = (
    "meguri.labelling.routes",  # first: routers are tried in order, and this is where people are all day
    "meguri.api.routes",
    "meguri.api.galleries",
    "meguri.accounts.routes",
    "meguri.data.routes",
    "meguri.annotation.routes",
    "meguri.quality.routes",
    "meguri.formats.routes",
    "meguri.evaluation.browse_routes",
    "meguri.evaluation.routes",
    "meguri.serving.routes",
    "meguri.loop.routes",
    "meguri.worker.routes",
)


def create_app(config: Config | None = None, store: Store | None = None) -> FastAPI:
    """The application on an open store, or on the one that `config` names, opened when it starts."""
    config = config or (store.config if store else Config.from_env())
    app = FastAPI(
        title="Meguri",
        version=__version__,
        summary="Closes the loop between people and a model.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(config, store),
        generate_unique_id_function=openapi.operation_id,
        redirect_slashes=False,
    )
    if store is not None:
        _use(app, store)
    app.add_middleware(Porch, config=config)
    problems.install(app)
    for router in _routers():
        app.include_router(router, prefix=PREFIX, responses=openapi.PROBLEM)
    app.router.default = Page()
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    return app


def _use(app: FastAPI, store: Store) -> None:
    app.state.store = store
    app.state.hub = Hub(store)


def _lifespan(config: Config, store: Store | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        own = None if store is not None else Store.open(config)
        if own is not None:
            _use(app, own)
        yield
        app.state.hub.close_soon()
        if own is not None:
            own.close()

    return lifespan


def _routers() -> list[APIRouter]:
    return [importlib.import_module(name).router for name in ROUTES]
