"""One reading for all who listen, and nothing missed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.feed import FeedMessage
from events_api.feed_tail import FeedTail


class Table:
    """A feed in a database that takes a moment to answer; it counts how often it is read."""

    def __init__(self, at_once: int = 3) -> None:
        self.messages: list[FeedMessage] = []
        self.readings = 0
        self._at_once = at_once

    def write(self, count: int = 1) -> None:
        """Add messages."""
        for _ in range(count):
            self.messages.append(FeedMessage(len(self.messages) + 1, "event.opened", {}))

    async def read_after(self, feed_id: int) -> Sequence[FeedMessage]:
        """Read as the database would: what was there when the reading began."""
        self.readings += 1
        found = [each for each in self.messages if each.feed_id > feed_id][: self._at_once]
        await asyncio.sleep(0.001)
        return found


def test_a_thousand_clients_cost_two_readings() -> None:
    """The first reads, and those who asked meanwhile share one more."""
    table = Table()

    async def scenario() -> list[int]:
        tail = FeedTail(table.read_after)
        await tail.after(0)
        table.write()
        table.readings = 0
        found = await asyncio.gather(*(tail.after(0) for _ in range(1000)))
        return [len(each) for each in found]

    assert asyncio.run(scenario()) == [1] * 1000
    assert table.readings <= 2


def test_a_reading_that_began_before_does_not_count() -> None:
    """Who was woken for a message gets it, though a reading that misses it is under way."""
    table = Table()

    async def scenario() -> int:
        tail = FeedTail(table.read_after)
        early = asyncio.create_task(tail.after(0))
        await asyncio.sleep(0)  # its reading has begun
        table.write()
        late = await tail.after(0)
        await early
        return len(late)

    assert asyncio.run(scenario()) == 1


def test_who_is_far_behind_reads_alone() -> None:
    """Before what is kept, and when more comes at once than is kept."""
    table = Table(at_once=10)
    table.write(5)

    async def scenario() -> list[list[int]]:
        tail = FeedTail(table.read_after, kept=2)
        await tail.after(5)
        behind = await tail.after(0)
        table.write(4)
        flooded = await tail.after(5)
        return [[each.feed_id for each in found] for found in (behind, flooded)]

    assert asyncio.run(scenario()) == [[1, 2, 3, 4, 5], [6, 7, 8, 9]]


@pytest.mark.parametrize("kept", [1, 2, 50])
@given(
    starts=st.lists(st.integers(0, 8), min_size=1, max_size=6),
    writes=st.lists(st.integers(0, 5), max_size=6),
)
def test_everybody_is_told_everything_in_order(
    kept: int, starts: list[int], writes: list[int]
) -> None:
    """From wherever they begin, whatever is written while they read."""
    table = Table()
    table.write(8)
    total = 8 + sum(writes)

    async def client(tail: FeedTail, last_id: int) -> list[int]:
        told: list[int] = []
        while last_id < total:
            for message in await tail.after(last_id):
                told.append(message.feed_id)
                last_id = message.feed_id
        return told

    async def writer() -> None:
        for count in writes:
            await asyncio.sleep(0.002)
            table.write(count)

    async def scenario() -> list[list[int]]:
        tail = FeedTail(table.read_after, kept)
        async with asyncio.timeout(10):
            written = asyncio.create_task(writer())
            told = await asyncio.gather(*(client(tail, at) for at in starts))
            await written
        return told

    assert asyncio.run(scenario()) == [list(range(at + 1, total + 1)) for at in starts]
