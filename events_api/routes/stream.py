"""The live stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from events_api.access import READERS, Asking, SentToken, allow, known_by, token_hash
from events_api.errors import UnauthenticatedError
from events_api.feed import FeedMessage
from events_api.feed_scope import for_scope
from events_api.runtime import Runtime, RuntimeDep
from events_api.store import feed

router = APIRouter(tags=["events"])

ONE_READING = 200
"""Messages read from the database at a time, so that a long absence is caught up in pieces."""

LastEventId = Annotated[int | None, Header(ge=0, lt=2**62, description="Resume after this number")]


@router.get("/stream", dependencies=[Depends(allow(READERS))])
async def stream(
    runtime: RuntimeDep, asking: Asking, token: SentToken, last_event_id: LastEventId = None
) -> StreamingResponse:
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

    sha256 = token_hash(token)

    async def read_after(feed_id: int) -> Sequence[FeedMessage]:
        return await run_in_threadpool(_read_after, runtime, feed_id, sha256)

    pick = partial(for_scope, asking.scope)
    told = runtime.feed.stream(start, read_after, runtime.settings.keep_alive_s, pick)
    body = _while_in_force(told)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(body, media_type="text/event-stream", headers=headers)


def _last_id(runtime: Runtime) -> int:
    with runtime.database.read() as session:
        return feed.last_id(session)


async def _while_in_force(told: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for piece in told:
            yield piece
    except UnauthenticatedError:
        return  # the client comes again, and is told why it may not


def _read_after(runtime: Runtime, feed_id: int, sha256: str) -> list[FeedMessage]:
    with runtime.database.read() as session:
        # Asked before each telling: a stream outlasts many a token.
        known_by(session, sha256, runtime.settings.clock())
        rows = feed.after(session, feed_id, ONE_READING)
        return [FeedMessage(row.feed_id, row.kind, row.payload) for row in rows]
