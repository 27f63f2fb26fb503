"""Every reader has every snapshot at its own pace, and none holds another up."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from flight.mavlink.snapshots import Snapshots, Subscription
from flight.states import VehicleState


def at(time_boot_s: float) -> VehicleState:
    """A snapshot of some time."""
    return VehicleState(time_boot_s=time_boot_s)


async def read(subscription: Subscription) -> list[float]:
    """The times of all snapshots until the end."""
    return [state.time_boot_s async for state in subscription]


@given(st.lists(st.floats(0.0, 1e6), max_size=30))
def test_what_is_published_is_read_in_order(times_s: list[float]) -> None:
    """Once by each reader, and closing loses nothing that was queued."""
    snapshots = Snapshots()
    readers = [snapshots.subscribe() for _ in range(2)]
    for time_s in times_s:
        snapshots.publish(at(time_s))
    snapshots.close()
    for reader in readers:
        assert asyncio.run(read(reader)) == times_s


def test_a_reader_that_comes_late_has_what_comes_after() -> None:
    """Not what was published before."""
    snapshots = Snapshots()
    snapshots.publish(at(1.0))
    late = snapshots.subscribe()
    snapshots.publish(at(2.0))
    snapshots.close()
    assert asyncio.run(read(late)) == [2.0]


def test_a_reader_that_lags_loses_the_oldest_and_counts_them() -> None:
    """A minute of telemetry waits for it; the newest is never lost."""
    snapshots = Snapshots()
    slow = snapshots.subscribe()
    for second in range(700):
        snapshots.publish(at(float(second)))
    snapshots.close()
    assert asyncio.run(read(slow)) == [float(second) for second in range(100, 700)]
    assert slow.dropped == 100


def test_a_waiting_reader_is_woken_by_news_and_by_the_end() -> None:
    """It does not look by itself."""

    async def run() -> list[float]:
        snapshots = Snapshots()
        reader = snapshots.subscribe()
        async with asyncio.timeout(5.0):
            news = asyncio.ensure_future(anext(reader))
            await asyncio.sleep(0)
            snapshots.publish(at(5.0))
            first = await news
            rest = asyncio.create_task(read(reader))
            await asyncio.sleep(0)
            snapshots.close()
            return [first.time_boot_s, *await rest]

    assert asyncio.run(run()) == [5.0]


def test_a_reader_that_was_interrupted_loses_nothing() -> None:
    """Patrols look at the link when no snapshot comes for a second, and then read on."""

    async def run() -> float:
        snapshots = Snapshots()
        reader = snapshots.subscribe()
        waiting = asyncio.ensure_future(anext(reader))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        snapshots.publish(at(7.0))
        return (await anext(reader)).time_boot_s

    assert asyncio.run(run()) == 7.0
