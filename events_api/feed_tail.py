"""The newest messages of the feed in memory: one reading serves everybody who listens."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import dropwhile, islice

from events_api.feed import FeedMessage, ReadAfter
from events_api.shared_reading import SharedReading

KEPT = 2000
AT_ONCE = 200


class FeedTail:
    """The end of the feed, read once for all who wait at it.

    A thousand readings of the same row would take longer than the row takes to be written.

    Args:
        read_after: Reads the database.
        kept: How many messages stay in memory; who is further behind reads for themselves.
    """

    def __init__(self, read_after: ReadAfter, kept: int = KEPT) -> None:
        self._read_after = read_after
        self._kept = kept
        self._messages: deque[FeedMessage] = deque()
        self._floor_id: int | None = None
        self._growth = SharedReading(self._grow)

    async def after(self, feed_id: int) -> Sequence[FeedMessage]:
        """Return messages after `feed_id`, oldest first; none only when there are none."""
        if self._floor_id is None:
            self._floor_id = feed_id
        if feed_id < self._floor_id:
            return await self._read_after(feed_id)
        if not (found := self._newer(feed_id)):
            await self._growth.fresh()
            found = self._newer(feed_id)
            if feed_id < self._floor_id:  # more has come at once than is kept
                return await self._read_after(feed_id)
        return found

    def _newer(self, feed_id: int) -> list[FeedMessage]:
        if not self._messages or self._messages[-1].feed_id <= feed_id:
            return []
        newer = dropwhile(lambda message: message.feed_id <= feed_id, self._messages)
        return list(islice(newer, AT_ONCE))

    async def _grow(self) -> bool:
        head_id = self._messages[-1].feed_id if self._messages else self._floor_id or 0
        self._messages.extend(await self._read_after(head_id))
        while len(self._messages) > self._kept:
            self._floor_id = self._messages.popleft().feed_id
        return True
