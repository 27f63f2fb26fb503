"""Tells receivers of hazards and aircraft for as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from events_api.background import in_background
from events_api.cases import OPEN_STATUSES
from events_api.cot.senders import Sender, sender_to
from events_api.cot.settings import CotTarget
from events_api.feed import Listener
from events_api.interchange.cot import cot_messages
from events_api.interchange.hazards import hazard_matters
from events_api.interchange.rows import Matters, matters_by_key
from events_api.runtime import Runtime
from events_api.schemas import EventSummary, VehicleNow
from events_api.store import events, feed, hazards

log = logging.getLogger(__name__)

TOLD = frozenset({"event.opened", "event.changed"})


@asynccontextmanager
async def pushing(runtime: Runtime) -> AsyncIterator[None]:
    """Push to every receiver until the context is left."""
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(runtime.feed.listening(fleeting=False))
        for target in runtime.settings.cot.targets:
            what = f"messages to {target}"
            begin = partial(_push, runtime, listener, target)
            await stack.enter_async_context(in_background(what, begin))
        yield


async def _push(runtime: Runtime, listener: Listener, target: CotTarget) -> None:
    await Pusher(runtime, listener, target).run()


class Pusher:
    """Tells one receiver.

    Open hazards are told when they change, and again before they are stale; one that is over is
    told once more, stale at once, so that it vanishes. Aircraft are told when they have moved.

    Args:
        runtime: The running API.
        listener: Is closed when the server ends.
        target: Who is told.
    """

    def __init__(self, runtime: Runtime, listener: Listener, target: CotTarget) -> None:
        self._runtime, self._listener, self._target = runtime, listener, target
        self._settings = runtime.settings.cot
        self._last_id: int | None = None
        self._flown: dict[str, VehicleNow] = {}
        self._refresh_at_s = 0.0
        self._is_down = False

    async def run(self) -> None:
        """Tell without end."""
        sender = sender_to(self._target, self._settings.timeout_s)
        try:
            while not self._listener.closed:
                await self._step(sender)
                await asyncio.sleep(self._settings.look_s)
        finally:
            await sender.close()

    async def _step(self, sender: Sender) -> None:
        try:
            messages = await self._messages()
            await sender.send(messages)
        except SQLAlchemyError as error:
            log.warning("%s waits, the database does not answer: %r", self._target, error)
        except OSError as error:
            self._refresh_at_s = 0.0  # whoever comes back is told of everything
            self._flown.clear()
            if not self._is_down:
                log.warning("%s takes no Cursor-on-Target: %s", self._target, error)
            self._is_down = True
        else:
            if self._is_down and messages:
                log.warning("%s takes Cursor-on-Target again", self._target)
                self._is_down = False

    async def _messages(self) -> list[bytes]:
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._refresh_at_s:
            found, matters = await run_in_threadpool(self._open_hazards)
            self._refresh_at_s = now_s + self._settings.refresh_s
        else:
            found, matters = await self._changed()
        flown = self._moved()
        told = [event.model_dump() for event in found]
        return cot_messages(told, flown, matters, self._runtime.settings.clock())

    def _open_hazards(self) -> tuple[list[EventSummary], Matters]:
        now = self._runtime.settings.clock()
        with self._runtime.database.read() as session:
            # The place in the feed first: what changes meanwhile is told once more, never missed.
            self._last_id = feed.last_id(session)
            catalogue = self._runtime.rules.now(session).catalogue
            wanted = [(each.standard_ref, each.code) for each in hazard_matters(catalogue)]
            rows = hazards.standing(session, wanted, sorted(OPEN_STATUSES))
            return [events.summary(row, now) for row in rows], matters_by_key(catalogue)

    async def _changed(self) -> tuple[list[EventSummary], Matters]:
        newest: dict[str, EventSummary] = {}
        while found := await self._runtime.tail.after(self._last_id or 0):
            for message in found:
                if message.kind in TOLD:
                    event = EventSummary.model_validate(message.payload)
                    newest[str(event.event_id)] = event
            self._last_id = found[-1].feed_id
        if not newest:
            return [], {}
        matters, wanted = await run_in_threadpool(self._catalogue)
        hazardous = [
            event
            for event in newest.values()
            if (event.matter.standard_ref, event.matter.code) in wanted
        ]
        return hazardous, matters

    def _catalogue(self) -> tuple[Matters, set[tuple[str, str]]]:
        with self._runtime.database.read() as session:
            catalogue = self._runtime.rules.now(session).catalogue
        wanted = {(each.standard_ref, each.code) for each in hazard_matters(catalogue)}
        return matters_by_key(catalogue), wanted

    def _moved(self) -> list[VehicleNow]:
        moved = [
            each for each in self._runtime.vehicles.all() if self._flown.get(each.name) != each
        ]
        self._flown.update((each.name, each) for each in moved)
        return moved
