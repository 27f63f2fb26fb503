"""Puts what has happened into the days that figures are counted from, while the server runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from events_api.background import in_background
from events_api.runtime import Runtime
from events_api.store.database import Database
from events_api.store.figure_days import settle, unsettled

LEFT = 100
"""So many are looked at by whoever reads without anybody's noticing."""

AT_ONCE = 250
"""In one transaction: a report that waits for it is answered in time."""

MANY, MANY_AT_ONCE = 20_000, 2000
"""After a longer time without a server of this form, or with none, years are put there faster."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def keeping_figures(runtime: Runtime) -> AsyncIterator[None]:
    """Keep the days of figures until the context is left."""
    async with in_background("the days of figures", lambda: _run(runtime)):
        yield


async def _run(runtime: Runtime) -> None:
    while True:
        await asyncio.sleep(runtime.settings.figures_look_s)
        try:
            while await run_in_threadpool(settle_some, runtime.database):
                pass
        except SQLAlchemyError as error:
            log.warning("the days of figures were not brought up to date, and will be: %s", error)


def settle_some(database: Database, left: int = LEFT) -> bool:
    """Put some events into their days, if there are more than `left`, and say whether that was so.

    Afterwards it waits for as long as that took, so that others come to write.
    """
    with database.read() as session:
        waiting = unsettled(session)
    if waiting <= left:
        return False
    began_s = time.monotonic()
    with database.write() as session:
        put = settle(session, MANY_AT_ONCE if waiting > MANY else AT_ONCE)
    time.sleep(time.monotonic() - began_s)
    return put > 0
