"""The event API as a server on a port."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from collections.abc import Callable

import uvicorn

from events_api.app import create_app
from events_api.settings import ApiSettings

SWITCH_S = 0.0005
"""A transaction asks the database a dozen times, and after each answer its thread waits so long at
most for its turn while requests are read; with Python's own 5 ms that is most of its time."""

LOOKED_THROUGH_AFTER = 20_000
"""New objects before Python looks for rings among them: a batch makes that many, and hardly one."""

GRACE_S = 5
"""How long answers under way may take once the server is told to stop."""


class ApiServer(uvicorn.Server):
    """One event API process.

    Args:
        settings: The API's settings.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        on_ready: Called with the page's address once requests are answered.
    """

    def __init__(
        self,
        settings: ApiSettings,
        host: str = "127.0.0.1",
        port: int = 8750,
        on_ready: Callable[[str], None] = lambda _url: None,
    ) -> None:
        self._app = create_app(settings)
        self._on_ready = on_ready
        super().__init__(
            uvicorn.Config(
                self._app,
                host=host,
                port=port,
                # Where lines go is the caller's to say (`events_api.logs`), and not the server's.
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=GRACE_S,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say where."""
        await super().startup(sockets)
        sys.setswitchinterval(SWITCH_S)
        gc.set_threshold(LOOKED_THROUGH_AFTER)
        gc.freeze()  # what was imported stays: to look through it again and again takes a fifth
        if self.started:  # not when the port was taken
            self._on_ready(self._url())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the live streams first: they would hold the server open."""
        self._app.state.runtime.feed.close()
        await super().shutdown(sockets)

    def stop(self) -> None:
        """Ask the server to end; may be called from any thread."""
        self.should_exit = True

    def _url(self) -> str:
        listening: asyncio.base_events.Server = self.servers[0]
        host, port = listening.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
