"""The live stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import OperationalError

from events_api.access import READERS, Asking, SentToken, allow, token_hash
from events_api.errors import UnauthenticatedError
from events_api.feed import FeedMessage, Pick
from events_api.feed_scope import for_scope
from events_api.routes.media import EventStreamResponse
from events_api.runtime import Runtime, RuntimeDep
from events_api.store import feed

router = APIRouter(tags=["events"])

LastEventId = Annotated[int | None, Header(ge=0, lt=2**62, description="Resume after this number")]


@router.get("/stream", response_class=EventStreamResponse, dependencies=[Depends(allow(READERS))])
async def stream(
    runtime: RuntimeDep, asking: Asking, token: SentToken, last_event_id: LastEventId = None
) -> EventStreamResponse:
    """Follow events and aircraft as server-sent events.

    `event.opened` and `event.changed` carry a number and an event's summary; after a break, send
    the last number as `Last-Event-ID` and none is missed. `event.left` says that an event is no
    longer in the token's scope. `vehicle` carries an aircraft's position and no number. `cells`
    says that the cells were replaced. The first message is `ready`. The stream ends when the token
    is out of force.
    """
    # Where the feed stands now; without a number the past is not told.
    head = await run_in_threadpool(_last_id, runtime)
    # A number from the future was given by another database: what it missed cannot be known.
    start = head if last_event_id is None else min(last_event_id, head)

    pick = partial(for_scope, asking.scope)
    body = _told(runtime, start, token_hash(token), pick)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStreamResponse(body, headers=headers)


def _last_id(runtime: Runtime) -> int:
    with runtime.database.read() as session:
        return feed.last_id(session)


async def _told(runtime: Runtime, start: int, sha256: str, pick: Pick) -> AsyncIterator[bytes]:
    async def read_after(feed_id: int) -> Sequence[FeedMessage]:
        try:
            # Asked before each telling: a stream outlasts many a token.
            await runtime.live_tokens.check(sha256)
            return await runtime.tail.after(feed_id)
        except OperationalError:
            # The database is away. A stream outlasts that, too, and looks again when it is woken.
            return ()

    with runtime.live_tokens.listening(sha256):
        try:
            keep_alive_s = runtime.settings.keep_alive_s
            async for piece in runtime.feed.stream(start, read_after, keep_alive_s, pick):
                yield piece
        except UnauthenticatedError:
            return  # the client comes again, and is told why it may not
