"""Sees every request from outside: names it, times it, counts it and logs it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events_api.metrics import Metrics
from events_api.request_ids import HEADER, begin, route_of

OTHER_METHOD = "other"
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logging.getLogger("events_api.requests")


class RequestWatch:
    """Wraps the whole application.

    Args:
        app: The application.
        metrics: Counts.
        clock_s: Monotonic seconds.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, clock_s: Callable[[], float] = time.perf_counter
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._clock_s = clock_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = begin(Headers(scope=scope).get(HEADER))
        begun_s = self._clock_s()
        status = 500
        is_noted = False

        def note() -> None:
            nonlocal is_noted
            if not is_noted:
                is_noted = True
                self._note(scope, status, self._clock_s() - begun_s)

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[HEADER] = name
                if headers.get("content-type", "").startswith("text/event-stream"):
                    note()  # it goes on for hours, and nobody waits for its end
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            note()

    def _note(self, scope: Scope, status: int, took_s: float) -> None:
        method = scope["method"] if scope["method"] in KNOWN_METHODS else OTHER_METHOD
        route = route_of(scope)
        self._metrics.count_request(method, route, status, took_s)
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "took_ms": round(took_s * 1000, 3),
        }
        log.info("%s %s %d", method, route, status, extra={"fields": fields})
