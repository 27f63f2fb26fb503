"""A route that answers plain requests by itself, and has all others answered as FastAPI does.

What FastAPI does for any request (dependencies, forms, checks of what is answered) takes longer
than taking a report in. A plain request needs none of it. Whatever is unusual about a request (no
token, a wrong body) is left to FastAPI, so that there is one description and one set of refusals.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

Quick = Callable[[Request], Awaitable[Response | None]]
"""Answers a request, or leaves it to FastAPI."""


class QuickRoute(APIRoute):
    """Tries what `quickly` has named for its endpoint first."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers requests."""
        thorough = super().get_route_handler()
        quick: Quick | None = getattr(self.endpoint, "quick", None)
        if quick is None:
            return thorough

        async def answer(request: Request) -> Response:
            answered = await quick(request)
            return await thorough(request) if answered is None else answered

        return answer


def quickly(quick: Quick) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Name what answers plain requests to an endpoint."""

    def note(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        endpoint.quick = quick  # type: ignore[attr-defined]
        return endpoint

    return note


def plain_token(request: Request) -> str | None:
    """Return the token of a plain request, which has a body of JSON and no query; else none."""
    token, is_json = None, False
    if request.scope["query_string"]:
        return None
    for name, value in request.scope["headers"]:
        if name == b"authorization":
            scheme, _, rest = value.partition(b" ")
            token = rest.decode("latin-1") if scheme == b"Bearer" else None
        elif name == b"content-type":
            is_json = value == b"application/json"
    return token if is_json else None


def json_answer(text: str, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(text, status_code=status, media_type="application/json")
