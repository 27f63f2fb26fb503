"""The live stream: server-sent events, durable ones with a number and fleeting ones without.

A durable message (an event opened or changed) lies in the database before anybody hears of it, and
a client that comes back with the number it saw last gets all since. A fleeting one (an aircraft's
position) is only told to those who listen now, and only the newest of each name.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

KEEP_ALIVE = b": still here\n\n"

REST_S = 0.2
"""A part of the server that is woken waits so long for what comes next: it looks into the database
each time, which reports that come by the hundred a second would else pay for."""


@dataclass(frozen=True)
class FeedMessage:
    """A durable message of the feed."""

    feed_id: int
    kind: str
    payload: dict[str, Any]


ReadAfter = Callable[[int], Awaitable[Sequence[FeedMessage]]]

Pick = Callable[[str, dict[str, Any]], dict[str, Any] | None]
"""What one client is told of a message of this kind; none when it is not theirs."""


class Listener:
    """One open stream: whether to look into the database, and the fleeting messages to tell.

    Args:
        fleeting: Whether fleeting messages are of interest.
    """

    def __init__(self, *, fleeting: bool = True) -> None:
        self._wants_fleeting = fleeting
        self._woken = asyncio.Event()
        self._fleeting: dict[str, tuple[str, dict[str, Any]]] = {}
        self.closed = False

    @property
    def is_stream(self) -> bool:
        """Whether a client listens, and not a part of the server: that one wants durable news."""
        return self._wants_fleeting

    def wake(self) -> None:
        """End the current wait, or soon, where a part of the server waits."""
        # A wake that comes while nobody waits is kept, so no change is slept through.
        self._woken.set()

    def tell(self, kind: str, name: str, payload: dict[str, Any]) -> None:
        """Hand over a fleeting message; an untold older one of the same name is dropped."""
        if not self._wants_fleeting:
            return
        self._fleeting[f"{kind}/{name}"] = (kind, payload)
        self.wake()

    def close(self) -> None:
        """End the stream."""
        self.closed = True
        self.wake()

    async def wait(self, timeout_s: float) -> bool:
        """Wait until woken; false when the time passed first."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        if not self.is_stream and not self.closed:
            await asyncio.sleep(REST_S)
        self._woken.clear()
        return True

    def take_fleeting(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the fleeting messages not told yet, oldest name first."""
        taken = list(self._fleeting.values())
        self._fleeting.clear()
        return taken


class LiveFeed:
    """Everybody who listens.

    Args:
        loop: The event loop it is used on; `wake` alone may be called from any thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._listeners: set[Listener] = set()
        self._closed = False

    def wake(self) -> None:
        """Say that the feed in the database has grown."""
        self._loop.call_soon_threadsafe(self._wake_listeners)

    def _wake_listeners(self) -> None:
        for listener in self._listeners:
            listener.wake()

    def tell(self, kind: str, name: str, payload: dict[str, Any]) -> None:
        """Tell everybody who listens now about the present state of `name`."""
        for listener in self._listeners:
            listener.tell(kind, name, payload)

    @property
    def streams(self) -> int:
        """How many clients follow the live stream."""
        return sum(listener.is_stream for listener in list(self._listeners))

    def close(self) -> None:
        """End every stream, and those opened from now on at once: the server is stopping."""
        self._closed = True
        for listener in self._listeners:
            listener.close()

    @contextmanager
    def listening(self, *, fleeting: bool = True) -> Iterator[Listener]:
        """Give a listener that is woken whenever there is something to tell."""
        listener = Listener(fleeting=fleeting)
        if self._closed:
            listener.close()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def stream(
        self,
        start_id: int,
        read_after: ReadAfter,
        keep_alive_s: float,
        pick: Pick = lambda _kind, payload: payload,
    ) -> AsyncIterator[bytes]:
        """Give the bytes of one client's stream, from after `start_id` on and without end."""
        with self.listening() as listener:
            # Gives a client a number to resume from before the first event comes.
            yield encode("ready", {}, start_id)
            last_id = start_id
            # Registered before the first reading: what is written in between wakes it again.
            while not listener.closed:
                for message in await read_after(last_id):
                    if (payload := pick(message.kind, message.payload)) is not None:
                        yield encode(message.kind, payload, message.feed_id)
                    last_id = message.feed_id
                    listener.wake()  # there may be more than one reading gives
                for kind, fleeting in listener.take_fleeting():
                    if (payload := pick(kind, fleeting)) is not None:
                        yield encode(kind, payload)
                if not await listener.wait(keep_alive_s):
                    yield KEEP_ALIVE


def encode(kind: str, payload: dict[str, Any], feed_id: int | None = None) -> bytes:
    """Write one server-sent event; its JSON has no line breaks, so one data line holds it."""
    number = "" if feed_id is None else f"id: {feed_id}\n"
    data = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return f"{number}event: {kind}\ndata: {data}\n\n".encode()
