"""Bytes over real sockets and lines: to whom they go, and what survives a peer that goes away."""

import asyncio
import contextlib
import os
import pty
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from flight.errors import LinkError
from flight.mavlink.addresses import parse_address
from flight.mavlink.transports import ByteTransport, open_transport

Heard = asyncio.Queue[tuple[bytes, object]]


@contextlib.asynccontextmanager
async def opened(address: str) -> AsyncIterator[tuple[ByteTransport, Heard]]:
    """Open a transport and collect what it hears, for at most five seconds."""
    heard: Heard = asyncio.Queue()
    transport = await open_transport(
        parse_address(address), lambda data, source: heard.put_nowait((data, source))
    )
    try:
        async with asyncio.timeout(5.0):
            yield transport, heard
    finally:
        transport.close()


async def next_data(heard: Heard) -> tuple[bytes, object]:
    """The next bytes and their source, past the marks of fresh streams."""
    while True:
        data, source = await heard.get()
        if data:
            return data, source


def free_port(kind: socket.SocketKind, host: str = "127.0.0.1") -> int:
    """A port that nobody uses."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def udp_speaker(host: str = "127.0.0.1") -> socket.socket:
    """A socket that waits at most five seconds for what it is sent."""
    speaker = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    speaker.settimeout(5.0)
    return speaker


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario in a loop of its own."""

    async def main() -> None:
        await scenario()

    asyncio.run(main())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_udp_listener_answers_whom_it_heard(host: str) -> None:
    """In either family of addresses; a route picks one of them, none means all."""
    port = free_port(socket.SOCK_DGRAM, host)
    spelled = f"[{host}]" if ":" in host else host

    async def scenario() -> None:
        async with opened(f"udpin:{spelled}:{port}") as (transport, heard):
            with udp_speaker(host) as one, udp_speaker(host) as other:
                one.sendto(b"one", (host, port))
                data, route = await next_data(heard)
                assert data == b"one"
                other.sendto(b"other", (host, port))
                await next_data(heard)
                transport.send(b"to one", route)
                transport.send(b"to all", None)
                assert (one.recv(99), one.recv(99), other.recv(99)) == (
                    b"to one",
                    b"to all",
                    b"to all",
                )

    run(scenario)


def multicast_carried() -> bool:
    """Tell whether this machine hears its own multicast."""
    group, port = "239.255.145.77", free_port(socket.SOCK_DGRAM)
    membership = socket.inet_aton(group) + bytes(4)
    with udp_speaker() as ear, udp_speaker() as mouth:
        try:
            ear.bind(("", port))
            ear.settimeout(1.0)
            ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
            mouth.sendto(b"heard?", (group, port))
            return ear.recv(99) == b"heard?"
        except OSError:
            return False


def test_in_a_group_everybody_hears_everybody_but_themselves() -> None:
    """As a simulated ArduPilot and its stations do."""
    if not multicast_carried():
        pytest.skip("this machine's network carries no multicast")
    address = f"mcast:239.255.145.78:{free_port(socket.SOCK_DGRAM)}"

    async def scenario() -> None:
        async with opened(address) as (one, ones), opened(address) as (other, others):
            one.send(b"from one", None)
            data, source = await next_data(others)
            assert data == b"from one"
            other.send(b"from other", source)
            assert (await next_data(ones))[0] == b"from other"
            assert others.empty()

    run(scenario)


def test_every_datagram_stands_alone() -> None:
    """Half a packet of one must not spoil the next, so each is announced as a fresh stream."""
    port = free_port(socket.SOCK_DGRAM)

    async def scenario() -> None:
        async with opened(f"udpin:127.0.0.1:{port}") as (_, heard):
            with udp_speaker() as speaker:
                speaker.sendto(b"a", ("127.0.0.1", port))
                speaker.sendto(b"b", ("127.0.0.1", port))
                assert [(await heard.get())[0] for _ in range(4)] == [b"", b"a", b"", b"b"]

    run(scenario)


def test_a_udp_listener_without_peers_sends_to_nobody() -> None:
    """Heartbeats begin before anybody is there."""
    port = free_port(socket.SOCK_DGRAM)

    async def scenario() -> None:
        async with opened(f"udpin:127.0.0.1:{port}") as (transport, heard):
            transport.send(b"hello?", None)
            assert heard.empty()

    run(scenario)


def test_a_udp_listener_forgets_the_oldest_of_very_many() -> None:
    """A port scan does not make it talk to the whole network for ever."""
    port = free_port(socket.SOCK_DGRAM)

    async def scenario() -> None:
        async with opened(f"udpin:127.0.0.1:{port}") as (transport, heard):
            with contextlib.ExitStack() as stack:
                speakers = [stack.enter_context(udp_speaker()) for _ in range(65)]
                for speaker in speakers:
                    speaker.sendto(b"x", ("127.0.0.1", port))
                    await next_data(heard)
                transport.send(b"all", None)
                assert speakers[1].recv(9) == speakers[64].recv(9) == b"all"
                speakers[0].setblocking(False)
                with pytest.raises(BlockingIOError):
                    speakers[0].recv(9)

    run(scenario)


@pytest.mark.parametrize(("host", "spelled"), [("127.0.0.1", "localhost"), ("::1", "[::1]")])
def test_a_udp_caller_speaks_first_and_hears_the_answer(host: str, spelled: str) -> None:
    """Whatever family its peer's name belongs to."""

    async def scenario() -> None:
        with udp_speaker(host) as peer:
            peer.bind((host, 0))
            port = peer.getsockname()[1]
            async with opened(f"udpout:{spelled}:{port}") as (transport, heard):
                transport.send(b"ping", None)
                data, back = peer.recvfrom(99)
                assert data == b"ping"
                peer.sendto(b"pong", back)
                assert (await next_data(heard))[0] == b"pong"

    run(scenario)


def test_a_udp_caller_outlives_a_peer_that_is_not_there_yet() -> None:
    """The system's "connection refused" is no reason to stop calling."""
    port = free_port(socket.SOCK_DGRAM)

    async def scenario() -> None:
        async with opened(f"udpout:127.0.0.1:{port}") as (transport, _):
            transport.send(b"too early", None)
            with udp_speaker() as peer:
                peer.bind(("127.0.0.1", port))
                transport.send(b"now", None)
                assert peer.recv(99) == b"now"

    run(scenario)


def test_a_tcp_listener_tells_its_callers_apart() -> None:
    """Each is a source; a route picks one, and a route that is gone means all."""
    port = free_port(socket.SOCK_STREAM)

    async def scenario() -> None:
        async with opened(f"tcpin:127.0.0.1:{port}") as (transport, heard):
            first = await asyncio.open_connection("127.0.0.1", port)
            first[1].write(b"first")
            data, route = await next_data(heard)
            assert data == b"first"
            second = await asyncio.open_connection("127.0.0.1", port)
            second[1].write(b"second")
            assert (await next_data(heard))[1] is not route
            transport.send(b"1", route)
            transport.send(b"*", None)
            assert (await first[0].readexactly(2), await second[0].readexactly(1)) == (b"1*", b"*")
            transport.send(b"?", object())
            assert await second[0].readexactly(1) == b"?"
            first[1].close()
            second[1].close()

    run(scenario)


def test_a_tcp_listener_takes_a_caller_that_comes_again() -> None:
    """A fresh stream is announced, so that half a packet before it is forgotten."""
    port = free_port(socket.SOCK_STREAM)

    async def scenario() -> None:
        async with opened(f"tcpin:127.0.0.1:{port}") as (_, heard):
            for word in (b"before", b"after"):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                assert (await heard.get())[0] == b""
                writer.write(word)
                assert (await heard.get())[0] == word
                writer.close()

    run(scenario)


def test_a_tcp_caller_calls_until_it_is_answered_again() -> None:
    """The simulator was stopped and started; nothing listened in between."""

    async def scenario() -> None:
        callers: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        server = await asyncio.start_server(lambda _, w: callers.put_nowait(w), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with opened(f"tcp:127.0.0.1:{port}") as (transport, heard):
            first = await callers.get()
            server.close()
            await server.wait_closed()
            first.close()
            assert (await heard.get())[0] == b""
            transport.send(b"lost", None)  # without a word, as any packet may be
            server = await asyncio.start_server(
                lambda _, w: callers.put_nowait(w), "127.0.0.1", port
            )
            second = await callers.get()
            assert (await heard.get())[0] == b""
            second.write(b"back")
            assert (await heard.get())[0] == b"back"
            second.close()
            server.close()

    run(scenario)


def test_a_closed_caller_does_not_call_again() -> None:
    """Closing ends the waiting too."""

    async def scenario() -> None:
        callers: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        server = await asyncio.start_server(lambda _, w: callers.put_nowait(w), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with opened(f"tcp:127.0.0.1:{port}") as (transport, _):
            (await callers.get()).close()
            transport.close()
        async with asyncio.timeout(5.0):
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*others, return_exceptions=True)
        assert callers.empty()
        server.close()

    run(scenario)


def test_a_radio_that_is_plugged_in_again_goes_on(tmp_path: Path) -> None:
    """The device's name is a link that moves to another line, as udev's does."""

    async def scenario() -> None:
        radio = tmp_path / "radio"
        one, its_line = pty.openpty()
        radio.symlink_to(os.ttyname(its_line))
        async with opened(f"serial:{radio}:57600") as (transport, heard):
            assert (await heard.get())[0] == b""
            other, other_line = pty.openpty()
            radio.unlink()
            radio.symlink_to(os.ttyname(other_line))
            os.close(its_line)
            os.close(one)
            assert (await heard.get())[0] == b""
            os.write(other, b"again")
            assert (await heard.get())[0] == b"again"
            transport.send(b"yes", None)
            assert os.read(other, 99) == b"yes"
            os.close(other)
            os.close(other_line)

    run(scenario)


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("tcp:127.0.0.1:{tcp}", "Is the autopilot or simulator running there?"),
        ("tcp:no.such.host.invalid:5760", "Is the autopilot or simulator running there?"),
        ("tcp:two..dots:5760", "Is the autopilot or simulator running there?"),
        (f"udpout:{'a' * 70}:14550", "Is the host name right?"),
        ("udpin:two..dots:14550", "Is another ground station listening on this port?"),
        ("udpin:203.0.113.7:14550", "Is another ground station listening on this port?"),
        ("serial:/dev/no-such-radio", "Is the radio plugged in, and may you open the device?"),
        ("serial:/dev/null:57600", "Is the radio plugged in, and may you open the device?"),
    ],
)
def test_what_cannot_be_opened_is_said_with_advice(address: str, advice: str) -> None:
    """A wrong name, a name that cannot be one, an address that is not ours, no radio."""
    spelled = address.format(tcp=free_port(socket.SOCK_STREAM))

    async def scenario() -> None:
        with pytest.raises(LinkError, match="Cannot open ") as refusal:
            await open_transport(parse_address(spelled), lambda _data, _source: None)
        assert str(refusal.value).endswith(advice)

    run(scenario)


def test_a_baud_rate_that_cannot_be_is_refused() -> None:
    """It is typed by hand, and sticks on the keyboard."""

    async def scenario() -> None:
        ours, line = pty.openpty()
        address = parse_address(f"serial:{os.ttyname(line)}:{'9' * 20}")
        with pytest.raises(LinkError, match="Cannot open serial:"):
            await open_transport(address, lambda _data, _source: None)
        os.close(ours)
        os.close(line)

    run(scenario)


@pytest.mark.parametrize("transport", ["udpin", "tcpin"])
def test_a_port_in_use_is_refused(transport: str) -> None:
    """Another program on the port is asked after."""
    kind = socket.SOCK_DGRAM if transport == "udpin" else socket.SOCK_STREAM

    async def scenario() -> None:
        with socket.socket(type=kind) as other:
            other.bind(("127.0.0.1", 0))
            if kind is socket.SOCK_STREAM:
                other.listen()
            address = parse_address(f"{transport}:127.0.0.1:{other.getsockname()[1]}")
            with pytest.raises(LinkError, match="listening on this port"):
                await open_transport(address, lambda _data, _source: None)

    run(scenario)


@pytest.mark.parametrize("address", ["udpin:127.0.0.1:{}", "udpout:127.0.0.1:{}"])
def test_a_closed_socket_takes_what_is_sent_without_a_word(address: str) -> None:
    """The heartbeat may come a moment after the end."""

    async def scenario() -> None:
        async with opened(address.format(free_port(socket.SOCK_DGRAM))) as (transport, _):
            transport.close()
            transport.send(b"late", None)

    run(scenario)
