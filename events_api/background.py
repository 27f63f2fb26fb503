"""Work that goes on beside requests for as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

PAUSE_S = 5.0
"""A fault that comes at once again fills no log."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def in_background(
    what: str, work: Callable[[], Coroutine[object, object, None]], pause_s: float = PAUSE_S
) -> AsyncIterator[None]:
    """Do work until the context is left or the work is done; what breaks it off begins it anew.

    Args:
        what: What it is, for the log.
        work: Begins it; called again after each failure.
        pause_s: How long to wait after a failure.
    """
    task = asyncio.create_task(_going_on(what, work, pause_s))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _going_on(
    what: str, work: Callable[[], Coroutine[object, object, None]], pause_s: float
) -> None:
    while True:
        try:
            await work()
        except Exception:
            # Whatever it was, nobody else would begin it again before the next start.
            log.exception("%s broke off, and begin again in %g s", what, pause_s)
            await asyncio.sleep(pause_s)
        else:
            return
