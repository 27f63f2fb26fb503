"""The live stream's messages, and who is told what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from events_api.feed import KEEP_ALIVE, FeedMessage, LiveFeed, encode

Scenario = Callable[[LiveFeed], Awaitable[list[bytes]]]


def run(scenario: Scenario) -> list[bytes]:
    """Run a scenario on a feed of its own, for ten seconds at most."""

    async def on_loop() -> list[bytes]:
        async with asyncio.timeout(10):
            return await scenario(LiveFeed(asyncio.get_running_loop()))

    return asyncio.run(on_loop())


def reader(
    messages: Sequence[FeedMessage], at_once: int = 100
) -> Callable[..., Awaitable[list[FeedMessage]]]:
    """Return a function that reads a list as the database would be read."""

    async def read_after(feed_id: int) -> list[FeedMessage]:
        return [message for message in messages if message.feed_id > feed_id][:at_once]

    return read_after


def opened(feed_id: int) -> FeedMessage:
    """Return the n-th message."""
    return FeedMessage(feed_id, "event.opened", {"n": feed_id})


def test_a_message_is_written_as_the_standard_says() -> None:
    """Number, kind and data on lines of their own, and an empty one; no line break within."""
    written = encode("event.opened", {"why": "烟\n雾"}, 7)
    assert written == 'id: 7\nevent: event.opened\ndata: {"why":"烟\\n雾"}\n\n'.encode()


def test_a_fleeting_message_has_no_number() -> None:
    """So that it does not move the point from which a client resumes."""
    assert encode("vehicle", {}) == b"event: vehicle\ndata: {}\n\n"


def test_everything_after_the_number_is_told_in_order() -> None:
    """More than one reading gives, too."""
    messages = [opened(number) for number in range(1, 8)]

    async def scenario(feed: LiveFeed) -> list[bytes]:
        stream = feed.stream(2, reader(messages, at_once=2), keep_alive_s=5)
        return [await anext(stream) for _ in range(6)]

    told = run(scenario)
    assert told[0] == encode("ready", {}, 2)
    assert told[1:] == [encode("event.opened", {"n": n}, n) for n in range(3, 8)]


def test_a_listener_is_woken_when_the_feed_grows() -> None:
    """From another thread as well; it does not wait for the keep-alive."""
    messages: list[FeedMessage] = []

    async def scenario(feed: LiveFeed) -> list[bytes]:
        stream = feed.stream(0, reader(messages), keep_alive_s=60)
        ready = await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        messages.append(opened(1))
        await asyncio.to_thread(feed.wake)
        return [ready, await waiting]

    assert run(scenario)[1] == encode("event.opened", {"n": 1}, 1)


def test_silence_is_broken_by_a_comment() -> None:
    """Proxies and clients learn that the line is alive."""

    async def scenario(feed: LiveFeed) -> list[bytes]:
        stream = feed.stream(0, reader([]), keep_alive_s=0.01)
        return [await anext(stream) for _ in range(3)]

    assert run(scenario)[1:] == [KEEP_ALIVE, KEEP_ALIVE]
    assert KEEP_ALIVE.startswith(b":")


def test_of_a_vehicle_only_the_newest_untold_position_is_told() -> None:
    """A slow client is not sent the past, and no other vehicle is forgotten."""

    async def scenario(feed: LiveFeed) -> list[bytes]:
        stream = feed.stream(0, reader([]), keep_alive_s=60)
        ready = await anext(stream)
        for n in range(3):
            feed.tell("vehicle", "a", {"n": n})
        feed.tell("vehicle", "b", {"n": 9})
        return [ready, await anext(stream), await anext(stream)]

    assert run(scenario)[1:] == [encode("vehicle", {"n": 2}), encode("vehicle", {"n": 9})]


def test_closing_ends_every_stream() -> None:
    """Those open, and those that come too late: a stopping server waits for none."""

    async def scenario(feed: LiveFeed) -> list[bytes]:
        stream = feed.stream(0, reader([]), keep_alive_s=60)
        told = [await anext(stream)]
        feed.close()
        told += [piece async for piece in stream]
        told += [piece async for piece in feed.stream(0, reader([]), keep_alive_s=60)]
        return told

    assert run(scenario) == [encode("ready", {}, 0)] * 2


def test_a_client_that_left_is_forgotten() -> None:
    """Nothing is kept for those who do not listen any more."""

    async def scenario(feed: LiveFeed) -> list[bytes]:
        stream = feed.stream(0, reader([]), keep_alive_s=60)
        told = [await anext(stream)]
        await stream.aclose()  # type: ignore[attr-defined]
        assert not feed._listeners
        return told

    run(scenario)
