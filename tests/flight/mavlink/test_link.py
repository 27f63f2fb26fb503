"""The codec against junk, and links over real sockets."""

import asyncio
import os
import pty
import socket
from collections.abc import Callable

import pytest

from flight.errors import LinkError
from flight.mavlink.addresses import parse_address
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.messages import Identity, Message

STATION = Identity()
AUTOPILOT = Identity(7, 1)


def text(words: str) -> Message:
    """Return a status text."""
    return Message("STATUSTEXT", {"severity": 6, "text": words})


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """Return a port that nobody uses."""
    with socket.socket(type=kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def words_in(messages: list[Message]) -> list[str]:
    """Return the texts of status texts."""
    return [message["text"] for message in messages]


async def both_hear(listening: str, calling: str) -> None:
    """Open two links on each other and have each hear the other."""
    listener = MavlinkLink(parse_address(listening), STATION)
    caller = MavlinkLink(parse_address(calling), AUTOPILOT)
    at_listener: asyncio.Queue[Message] = asyncio.Queue()
    at_caller: asyncio.Queue[Message] = asyncio.Queue()
    listener.add_handler(at_listener.put_nowait)
    caller.add_handler(at_caller.put_nowait)
    await listener.open()
    await caller.open()
    try:
        async with asyncio.timeout(5.0):
            caller.send(text("up"))
            assert (await at_listener.get())["text"] == "up"
            listener.send(text("down"))
            assert (await at_caller.get())["text"] == "down"
    finally:
        caller.close()
        listener.close()


def test_what_is_sent_together_travels_in_as_few_datagrams_as_hold_it() -> None:
    """Each costs both sides a wake-up; one too large would be cut into pieces on the way."""

    async def run() -> list[list[str]]:
        with socket.socket(type=socket.SOCK_DGRAM) as radio:
            radio.bind(("127.0.0.1", 0))
            radio.setblocking(False)
            link = MavlinkLink(parse_address(f"udpout:127.0.0.1:{radio.getsockname()[1]}"), STATION)
            await link.open()
            # 63 bytes each with their frame: nineteen fit into one.
            link.send_together([text(f"{number:050}") for number in range(40)])
            link.close()
            await asyncio.sleep(0.05)
            codec = MavlinkCodec(AUTOPILOT)
            return [words_in(codec.feed(radio.recv(65535))) for _ in range(3)]

    heard = asyncio.run(run())
    assert [int(words) for datagram in heard for words in datagram] == [*range(40)]
    assert [len(datagram) for datagram in heard] == [19, 19, 2]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_links_talk_both_ways(transport: str) -> None:
    """A listener answers to where it was called from."""
    port = free_port(socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM)
    asyncio.run(both_hear(f"{transport}in:127.0.0.1:{port}", f"{transport}out:127.0.0.1:{port}"))


def test_a_serial_line_talks_both_ways() -> None:
    """A pseudo terminal stands in for the radio."""

    async def run() -> None:
        ours, theirs = pty.openpty()
        link = MavlinkLink(parse_address(f"serial:{os.ttyname(theirs)}:57600"), STATION)
        heard: asyncio.Queue[Message] = asyncio.Queue()
        link.add_handler(heard.put_nowait)
        await link.open()
        os.write(ours, MavlinkCodec(AUTOPILOT).encode(text("up")))
        async with asyncio.timeout(5.0):
            assert (await heard.get())["text"] == "up"
        link.send(text("down"))
        assert words_in(MavlinkCodec(AUTOPILOT).feed(os.read(ours, 500))) == ["down"]
        link.close()
        os.close(ours)
        os.close(theirs)

    asyncio.run(run())


def test_a_tcp_stream_that_breaks_is_called_again() -> None:
    """The vehicle keeps flying and the same port accepts again."""

    async def run() -> None:
        callers: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        server = await asyncio.start_server(
            lambda _, writer: callers.put_nowait(writer), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        link = MavlinkLink(parse_address(f"tcp:127.0.0.1:{port}"), STATION)
        heard: asyncio.Queue[Message] = asyncio.Queue()
        link.add_handler(heard.put_nowait)
        await link.open()
        codec = MavlinkCodec(AUTOPILOT)
        async with asyncio.timeout(10.0):
            first = await callers.get()
            first.write(codec.encode(text("one"))[:9])
            first.close()
            second = await callers.get()
            second.write(codec.encode(text("two")))
            assert (await heard.get())["text"] == "two"
        second.close()
        link.close()
        server.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("tcp:127.0.0.1:{}", "Is the autopilot or simulator running there?"),
        ("serial:/dev/no-such-radio", "Is the radio plugged in"),
    ],
)
def test_what_cannot_be_opened_is_said_with_advice(address: str, advice: str) -> None:
    """The address and what to look at stand in the message."""
    link = MavlinkLink(parse_address(address.format(free_port(socket.SOCK_STREAM))), STATION)
    with pytest.raises(LinkError, match="Cannot open") as refusal:
        asyncio.run(link.open())
    assert advice in str(refusal.value)


def test_a_taken_port_is_said_with_advice() -> None:
    """Two ground stations on one port is a common morning."""
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{other.getsockname()[1]}"), STATION)
        with pytest.raises(LinkError, match="another ground station"):
            asyncio.run(link.open())


def heard_from(*sockets_in_turn: int) -> set[int]:
    """Have two aircraft of one system id speak in turn; return the twins noticed."""

    async def run() -> set[int]:
        port = free_port()
        link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), STATION)
        heard: asyncio.Queue[Message] = asyncio.Queue()
        link.add_handler(heard.put_nowait)
        await link.open()
        speakers = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
        codec = MavlinkCodec(AUTOPILOT)
        async with asyncio.timeout(5.0):
            for speaker in sockets_in_turn:
                speakers[speaker].sendto(codec.encode(text("x")), ("127.0.0.1", port))
                await heard.get()
        for opened in speakers:
            opened.close()
        link.close()
        return link.twin_systems

    return asyncio.run(run())


def test_two_aircraft_on_one_id_are_noticed() -> None:
    """Here, there and here again is two; a move to a new address is one."""
    assert heard_from(0, 1, 0) == {7}
    assert heard_from(0, 0, 1, 1) == set()


def test_every_packet_is_recorded_both_ways() -> None:
    """The tlog holds what was said and what was heard."""

    async def run() -> None:
        port = free_port()
        link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), STATION)
        frames: list[bytes] = []
        heard: asyncio.Queue[Message] = asyncio.Queue()
        link.add_handler(heard.put_nowait)
        link.record_frames(frames.append)
        await link.open()
        packet = MavlinkCodec(AUTOPILOT).encode(text("up"))
        with socket.socket(type=socket.SOCK_DGRAM) as speaker:
            speaker.sendto(packet, ("127.0.0.1", port))
            await heard.get()
        link.send(text("down"))
        link.close()
        assert frames[0] == packet
        assert words_in(MavlinkCodec(AUTOPILOT).feed(frames[1])) == ["down"]

    asyncio.run(run())


def test_a_handler_that_is_removed_hears_nothing_more() -> None:
    """The returned function ends the hearing, and may be called twice."""
    link = MavlinkLink(parse_address("udpin:127.0.0.1:14550"), STATION)
    heard: list[Message] = []
    remove: Callable[[], None] = link.add_handler(heard.append)
    remove()
    remove()
    link._on_bytes(MavlinkCodec(AUTOPILOT).encode(text("x")), "somewhere")
    assert heard == []
