"""Applies the rules of retention once a day, for as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from events_api.background import in_background
from events_api.errors import ApiError
from events_api.retaining import Order, apply_rules, is_due
from events_api.runtime import Runtime

EVERY = timedelta(days=1)
BY = "retention"
"""Who acts when the server does by itself."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def retaining(runtime: Runtime) -> AsyncIterator[None]:
    """Apply the rules every day until the context is left."""
    async with in_background("the rules of retention", lambda: _run(runtime)):
        yield


async def _run(runtime: Runtime) -> None:
    while True:
        # Not at the very start, when everybody comes at once.
        await asyncio.sleep(runtime.settings.retention_look_s)
        try:
            await run_in_threadpool(apply_if_due, runtime)
        except (ApiError, SQLAlchemyError) as error:
            log.warning("the rules of retention were not applied, and will be: %s", error)


def apply_if_due(runtime: Runtime) -> None:
    """Apply the rules, unless that was done within a day by this server or another."""
    now = runtime.settings.clock()
    with runtime.database.read() as session:
        due = is_due(session, now, EVERY)
    if not due:
        return
    removed = apply_rules(runtime.database, runtime.evidence, Order(BY, now))
    told = ", ".join(f"{count} {kind}" for kind, count in removed.items()) or "nothing"
    log.info("retention removed %s", told)
