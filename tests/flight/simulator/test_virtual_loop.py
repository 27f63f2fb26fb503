"""Time that passes at once, and a network that nobody else hears."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from flight.simulator.virtual_loop import VirtualLoop

T = TypeVar("T")


def run(what: Coroutine[Any, Any, T]) -> T:
    """Run in a loop with a clock of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(what)


class Ear(asyncio.DatagramProtocol):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes, Any]] = []

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Keep a datagram and when it came."""
        self.heard.append((asyncio.get_running_loop().time(), data, addr))


def test_an_hour_passes_at_once_and_is_an_hour() -> None:
    """Everybody who waited sees the time that he waited for, in order."""

    async def day() -> list[tuple[str, float]]:
        seen: list[tuple[str, float]] = []

        async def wait(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, asyncio.get_running_loop().time()))

        await asyncio.gather(wait("long", 3600), wait("short", 0.5), wait("middle", 60))
        return seen

    began_s = time.monotonic()
    seen = run(day())
    assert time.monotonic() - began_s < 60
    assert [name for name, _ in seen] == ["short", "middle", "long"]
    assert [at_s for _, at_s in seen] == pytest.approx([0.5, 60, 3600], abs=1e-6)


def test_computing_takes_no_time() -> None:
    """A slow machine does not make a timeout expire."""

    async def compute() -> float:
        async with asyncio.timeout(0.001):
            time.sleep(0.02)  # noqa: ASYNC251 - the point is that this loop does not notice
            await asyncio.sleep(0)
        return asyncio.get_running_loop().time()

    assert run(compute()) == 0.0


def test_a_timeout_expires_in_its_own_time() -> None:
    """Who waits for what never comes waits as long as he said."""

    async def wait() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run(wait()) == pytest.approx(30)


def test_datagrams_go_both_ways_in_order() -> None:
    """A caller reaches a listener by its port, and is answered at its own."""

    async def talk() -> tuple[list[bytes], list[bytes]]:
        loop = asyncio.get_running_loop()
        station, aircraft = Ear(), Ear()
        line, _ = await loop.create_datagram_endpoint(
            lambda: station, local_addr=("127.0.0.1", 14550)
        )
        call, _ = await loop.create_datagram_endpoint(
            lambda: aircraft, remote_addr=("127.0.0.1", 14550)
        )
        for packet in (b"1", b"2"):
            call.sendto(packet)
        await asyncio.sleep(0)
        line.sendto(b"answer", station.heard[0][2])
        await asyncio.sleep(0)
        line.close()
        call.sendto(b"nobody is there any more")
        await asyncio.sleep(0.1)
        call.close()
        return [data for _, data, _ in station.heard], [data for _, data, _ in aircraft.heard]

    assert run(talk()) == ([b"1", b"2"], [b"answer"])


def test_a_taken_port_is_refused_and_a_closed_one_is_free() -> None:
    """As with real sockets."""

    async def open_twice() -> None:
        loop = asyncio.get_running_loop()
        place = ("127.0.0.1", 14550)
        first, _ = await loop.create_datagram_endpoint(Ear, local_addr=place)
        with pytest.raises(OSError, match="14550"):
            await loop.create_datagram_endpoint(Ear, local_addr=place)
        first.close()
        second, _ = await loop.create_datagram_endpoint(Ear, local_addr=place)
        second.close()

    run(open_twice())


def test_work_for_threads_is_done_on_the_spot() -> None:
    """Its result and its failure reach who awaits them, and no time passes."""

    async def work() -> tuple[int, float]:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(sum, (1, 2)), asyncio.get_running_loop().time()

    assert run(work()) == (3, 0.0)
