"""Stops bodies that are larger than the API takes, before they fill the memory."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events_api.problems import problem_response


class BodyLimit:
    """Answers 413 to a body over a limit, announced or not.

    Args:
        app: The application within.
        limit_bytes: Largest body let through.
        except_below: Paths beginning so have a limit of their own; none where it is empty.
        below: Only paths beginning so have this limit.
    """

    def __init__(
        self, app: ASGIApp, limit_bytes: int, except_below: str = "", below: str = "/"
    ) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._except_below = except_below
        self._below = below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not self._holds_for(scope["path"]):
            await self._app(scope, receive, send)
            return
        detail = f"a body may have up to {self._limit_bytes} bytes here; send less"
        if _announced_bytes(scope) > self._limit_bytes:
            answer = problem_response(413, "Too large", f"{scope['path']}: {detail}.")
            await answer(scope, receive, send)
            return
        # A length need not be announced, and need not be true.
        received_bytes = 0

        async def counted() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._limit_bytes:
                raise HTTPException(413, detail)
            return message

        await self._app(scope, counted, send)

    def _holds_for(self, path: str) -> bool:
        excepted = self._except_below and path.startswith(self._except_below)
        return path.startswith(self._below) and not excepted


def _announced_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
