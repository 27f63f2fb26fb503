"""Servers beside this one, on the same database: what happens at one is shown at all.

On SQLite there are none.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import psycopg
from fastapi.concurrency import run_in_threadpool

from events_api.background import in_background
from events_api.feed import LiveFeed
from events_api.schemas import VehicleNow
from events_api.store import notices
from events_api.store.database import Database
from events_api.store.notices import Notice
from events_api.vehicles import VehicleBoard

RETRY_S = 1.0
"""Pause before the database is asked again; meanwhile clients hear of others' events when their
streams look into the feed by themselves."""

log = logging.getLogger(__name__)


class Replicas:
    """The other servers.

    Args:
        database: The one that all share.
        feed: Is woken when another has added to the feed.
        vehicles: Is told of aircraft that speak to another.
    """

    def __init__(self, database: Database, feed: LiveFeed, vehicles: VehicleBoard) -> None:
        self._database = database
        self._feed = feed
        self._vehicles = vehicles
        self._name = uuid.uuid4().hex

    async def tell_vehicle(self, vehicle: VehicleNow) -> None:
        """Tell the others where an aircraft is."""
        if not self._database.is_shared:
            return
        said = {"by": self._name, "vehicle": vehicle.model_dump(mode="json")}
        notice = Notice(notices.VEHICLES, json.dumps(said, separators=(",", ":")))
        await run_in_threadpool(notices.tell, self._database.engine, notice)

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[None]:
        """Hear the others until the context is left."""
        if not self._database.is_shared:
            yield
            return
        async with in_background("notices of other servers", self._hear):
            yield

    async def _hear(self) -> None:
        is_told = False
        while True:
            try:
                async with aclosing(notices.heard(self._database.engine)) as heard:
                    async for notice in heard:
                        is_told = False
                        self._take(notice)
            except psycopg.OperationalError as error:
                if not is_told:  # and not again each second until it answers
                    log.warning("other servers are not heard, the database is away: %r", error)
                is_told = True
            await asyncio.sleep(RETRY_S)

    def _take(self, notice: Notice) -> None:
        if notice.channel == notices.FEED:
            self._feed.wake()
            return
        said = json.loads(notice.payload)
        if said["by"] == self._name:
            return
        vehicle = VehicleNow.model_validate(said["vehicle"])
        self._vehicles.note(vehicle)
        self._feed.tell("vehicle", vehicle.name, said["vehicle"])
