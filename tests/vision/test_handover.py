import threading
from collections.abc import Iterator

import pytest

from vision.handover import DropOldest


def test_a_slow_consumer_gets_the_freshest_and_the_count_of_the_dropped() -> None:
    """Beyond its capacity the hand-over drops the oldest values and counts them."""
    produced = threading.Event()

    def produce(_: threading.Event) -> Iterator[int]:
        yield from range(50)
        produced.set()

    values: DropOldest[int] = DropOldest(produce, capacity=3)
    consumer = iter(values)
    first = next(consumer)
    produced.wait(5)
    rest = list(consumer)
    assert [first, *rest][-3:] == [47, 48, 49]
    assert 1 + len(rest) + values.dropped == 50
    assert first < rest[0]


def test_the_producers_failure_ends_the_consumers_wait() -> None:
    """What the thread raises is raised where the values are read, also after many values."""

    def produce(_: threading.Event) -> Iterator[int]:
        yield from range(100)
        raise RuntimeError("camera gone")

    with pytest.raises(RuntimeError, match="camera gone"):
        list(DropOldest(produce, capacity=2))


def test_closing_stops_an_endless_producer() -> None:
    """Close ends both sides."""

    def produce(stopping: threading.Event) -> Iterator[int]:
        number = 0
        while not stopping.is_set():
            yield number
            number += 1

    values: DropOldest[int] = DropOldest(produce)
    consumer = iter(values)
    next(consumer)
    values.close()
    assert len(list(consumer)) <= 2


def test_a_producer_that_waits_drops_nothing_and_runs_no_further_ahead() -> None:
    """Who never drops falls behind, by as much as there is room for and one in hand."""
    made: list[int] = []

    def produce(_: threading.Event) -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    values: DropOldest[int] = DropOldest(produce, capacity=3, waits=True)
    taken = []
    for number in values:
        taken.append(number)
        assert len(made) <= len(taken) + 4
    assert taken == list(range(50))
    assert values.dropped == 0


def test_a_waiting_producer_is_freed_by_closing() -> None:
    """Nobody takes any more, and it must not wait for ever."""
    values: DropOldest[int] = DropOldest(lambda _: iter(range(50)), capacity=1, waits=True)
    assert next(iter(values)) == 0
    values.close()
    assert not values._thread.is_alive()
