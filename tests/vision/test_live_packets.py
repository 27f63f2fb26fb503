"""Packets of a live stream: what waited too long is left out, and the rest keeps its order."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from vision.live_packets import FreshPackets


@dataclass(frozen=True)
class Sent:
    """A packet by its number."""

    number: int
    is_keyframe: bool = False


class Time:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """As `time.monotonic` is called."""
        return self.now_s


class Camera:
    """Sends numbered packets, a key picture every so often, and says when it has sent all."""

    def __init__(self, count: int, key_every: int) -> None:
        self._packets = [Sent(number, number % key_every == 0) for number in range(count)]
        self.has_sent = threading.Event()

    def __iter__(self) -> Iterator[Sent]:
        yield from self._packets
        self.has_sent.set()


def test_who_keeps_up_gets_every_packet() -> None:
    """In order, with the time at which each came."""
    packets = FreshPackets(Camera(20, key_every=5), clock_s=Time())
    assert [each.number for each in packets] == list(range(20))
    assert packets.left_out == 0
    assert packets.arrived_s == 0.0


def test_who_falls_behind_goes_on_with_the_newest_key_picture() -> None:
    """What lies before it is old, and is left out and counted."""
    camera, clock = Camera(20, key_every=6), Time()
    packets = FreshPackets(camera, latest_s=1.0, clock_s=clock)
    taken = iter(packets)
    assert next(taken).number == 0
    assert camera.has_sent.wait(20.0)
    clock.now_s = 1.5
    assert [each.number for each in taken] == [18, 19]
    assert packets.left_out == 17


def test_without_a_later_key_picture_nothing_can_be_left_out() -> None:
    """The pictures between would be broken."""
    camera, clock = Camera(20, key_every=100), Time()
    packets = FreshPackets(camera, latest_s=1.0, clock_s=clock)
    taken = iter(packets)
    assert next(taken).number == 0
    assert camera.has_sent.wait(20.0)
    clock.now_s = 60.0
    assert [each.number for each in taken] == list(range(1, 20))
    assert packets.left_out == 0


def test_a_failure_comes_after_the_packets_before_it() -> None:
    """And not in the thread that reads."""

    def broken() -> Iterator[Sent]:
        yield from Camera(3, key_every=1)
        raise OSError("the network is gone")

    taken: list[int] = []
    with pytest.raises(OSError, match="network is gone"):
        taken.extend(each.number for each in FreshPackets(broken(), clock_s=Time()))
    assert taken == [0, 1, 2]


def test_closing_ends_the_reading() -> None:
    """Also of a camera that sends more than there is room for, to a consumer that went away."""
    packets = FreshPackets((Sent(number) for number in range(10**9)), clock_s=Time())
    assert next(iter(packets)).number == 0
    packets.close()
    assert not packets._thread.is_alive()
