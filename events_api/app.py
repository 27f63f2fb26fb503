"""Puts the event API together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from events_api.body_limit import BodyLimit
from events_api.cot.pusher import pushing
from events_api.database_problems import install_database_problems
from events_api.figure_keeping import keeping_figures
from events_api.forwarding.worker import forwarding
from events_api.metrics import Metrics
from events_api.openapi.document import completed
from events_api.problems import install_problem_handlers
from events_api.request_watch import RequestWatch
from events_api.retention_worker import retaining
from events_api.routes import (
    alerts,
    cells,
    deadlines,
    events,
    evidence,
    exports,
    forwards,
    health,
    matters,
    observations,
    ogc,
    open311,
    page,
    public,
    reports,
    sessions,
    stream,
    tokens,
    transitions,
    users,
    vehicles,
    webhooks,
)
from events_api.routes.parameters import readable
from events_api.runtime import open_runtime
from events_api.settings import ApiSettings
from events_api.webhooks.worker import delivering

ROUTERS = (
    reports.router,
    events.router,
    exports.router,
    alerts.router,
    open311.router,
    webhooks.router,
    forwards.router,
    ogc.router,
    deadlines.router,
    transitions.router,
    observations.router,
    stream.router,
    vehicles.router,
    cells.router,
    evidence.router,
    matters.router,
    tokens.router,
    users.router,
    public.router,
    sessions.router,
    health.router,
    page.router,
)
MOST_OF_FORM_BYTES = 64 * 1024
SMALLEST_COMPRESSED_BYTES = 4096


class DescribedApi(FastAPI):
    """An app whose description of itself is complete, and whose requests are all watched.

    Args:
        metrics: Counts them.
    """

    def __init__(self, metrics: Metrics, **more: Any) -> None:  # noqa: ANN401 - as FastAPI's
        super().__init__(**more)
        self._metrics = metrics

    def build_middleware_stack(self) -> ASGIApp:
        """Return everything that a request passes; the watch is around answers to failures too."""
        return RequestWatch(super().build_middleware_stack(), self._metrics)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema


def create_app(settings: ApiSettings) -> FastAPI:
    """Return the event API; its database is opened and migrated when the server starts."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_runtime(settings, asyncio.get_running_loop(), metrics) as runtime:
            app.state.runtime = runtime
            async with (
                runtime.replicas.hearing(),
                delivering(runtime),
                forwarding(runtime),
                pushing(runtime),
                retaining(runtime),
                keeping_figures(runtime),
            ):
                yield

    app = DescribedApi(
        metrics,
        title="Gridpatrol event API",
        summary="Reports in, events handled.",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        dependencies=[Depends(readable)],
        generate_unique_id_function=_name_of,
    )
    install_problem_handlers(app)
    install_database_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    page.mount_files(app)
    # Event streams pass uncompressed: a compressor would hold messages back.
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED_BYTES, compresslevel=4)
    app.add_middleware(BodyLimit, limit_bytes=settings.body_limit_bytes, except_below="/evidence/")
    # What strangers send is read before anybody is asked who they are.
    public_bytes = settings.public_picture_bytes + MOST_OF_FORM_BYTES
    app.add_middleware(BodyLimit, limit_bytes=public_bytes, below="/public/")
    return app


def _name_of(route: APIRoute) -> str:
    # The name of the function: short, and the same for as long as the code means the same.
    return route.name
