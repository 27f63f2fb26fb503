"""Bytes over UDP, TCP and serial lines, reconnecting by themselves."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from typing import Any, Protocol, cast

import serial

from flight.errors import LinkError
from flight.mavlink.addresses import Address, Transport

ByteHandler = Callable[[bytes, object], None]

_RECONNECT_S = 0.5
_MAX_DATAGRAM = 65_535
_MAX_PEERS = 64  # a port scan must not make us send to the whole network for ever


class ByteTransport(Protocol):
    """A connection that carries bytes and survives its peer."""

    def send(self, data: bytes, route: object | None) -> None:
        """Send to one source seen before, or to all of them when ``route`` is None."""

    def close(self) -> None:
        """Release the socket or device."""


async def open_transport(address: Address, on_bytes: ByteHandler) -> ByteTransport:
    """Open the connection that an address names.

    Args:
        address: Where to connect or listen.
        on_bytes: Gets received bytes and a token of their source; empty bytes say that the
            source's stream starts afresh.

    Raises:
        LinkError: It cannot be opened; the message says what to do.
    """
    try:
        match address.transport:
            case Transport.UDP_IN | Transport.UDP_OUT:
                return await _open_udp(address, on_bytes)
            case Transport.MULTICAST:
                return await _open_multicast(address, on_bytes)
            case Transport.TCP_OUT:
                return await _TcpClient.connect(address, on_bytes)
            case Transport.TCP_IN:
                return await _TcpServer.listen(address, on_bytes)
            case Transport.SERIAL:
                return _SerialLine(address, on_bytes)
    # Besides what the system refuses: a host whose name cannot be one, a baud rate that cannot be.
    except (OSError, UnicodeError, ValueError, OverflowError) as error:
        raise LinkError(f"Cannot open {address}: {error}. {_advice(address)}") from error


def _advice(address: Address) -> str:
    return {
        Transport.UDP_IN: "Is another ground station listening on this port?",
        Transport.UDP_OUT: "Is the host name right?",
        Transport.MULTICAST: "Has this machine a network that carries multicast?",
        Transport.TCP_OUT: "Is the autopilot or simulator running there?",
        Transport.TCP_IN: "Is another program listening on this port?",
        Transport.SERIAL: "Is the radio plugged in, and may you open the device?",
    }[address.transport]


class _Udp(asyncio.DatagramProtocol):
    """A UDP socket; each datagram stands alone, so its source's stream restarts with it."""

    def __init__(self, on_bytes: ByteHandler, remote: tuple[Any, ...] | None) -> None:
        self._on_bytes = on_bytes
        self._remote = remote
        self._peers: dict[tuple[Any, ...], None] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        if hasattr(transport, "max_size"):
            # The event loop would make room for 256 KiB at every packet, which takes longer than
            # reading it.
            transport.max_size = _MAX_DATAGRAM

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if addr not in self._peers:
            while len(self._peers) >= _MAX_PEERS:
                self._peers.pop(next(iter(self._peers)))
            self._peers[addr] = None
        # Datagrams may be lost between any two, so half a packet is never completed by the next.
        self._on_bytes(b"", addr)
        self._on_bytes(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Ignore "connection refused": the peer may start later."""

    def send(self, data: bytes, route: object | None) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._remote is not None:
            self._transport.sendto(data, self._remote)
            return
        for peer in tuple(self._peers):
            if route is None or peer == route:
                self._transport.sendto(data, peer)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def _open_udp(address: Address, on_bytes: ByteHandler) -> _Udp:
    loop = asyncio.get_running_loop()
    place = (address.host, address.port)
    if address.transport is Transport.UDP_IN:
        _, listener = await loop.create_datagram_endpoint(
            lambda: _Udp(on_bytes, None), local_addr=place
        )
        return listener
    family, _, _, _, remote = (await loop.getaddrinfo(*place, type=2))[0]
    _, caller = await loop.create_datagram_endpoint(lambda: _Udp(on_bytes, remote), family=family)
    return caller


class _Multicast(_Udp):
    """A group in which everybody hears everybody, ourselves too, which we leave out."""

    def __init__(
        self, on_bytes: ByteHandler, group: tuple[str, int], speaker: socket.socket
    ) -> None:
        super().__init__(on_bytes, group)
        self._group = group
        self._speaker = speaker
        self._own_port = speaker.getsockname()[1]

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if addr[1] != self._own_port:
            super().datagram_received(data, addr)

    def send(self, data: bytes, route: object | None) -> None:
        del route  # nobody is spoken to alone
        with contextlib.suppress(OSError):  # a network that is away for a while loses packets
            self._speaker.sendto(data, self._group)

    def close(self) -> None:
        super().close()
        self._speaker.close()


async def _open_multicast(address: Address, on_bytes: ByteHandler) -> _Multicast:
    group = (address.host, address.port)
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        speaker = opened.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        for option in ("SO_REUSEADDR", "SO_REUSEPORT"):  # the others of the group listen there too
            if hasattr(socket, option):
                listener.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
        listener.bind(group if sys.platform == "linux" else ("", address.port))
        membership = socket.inet_aton(address.host) + socket.inet_aton("0.0.0.0")  # noqa: S104
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        speaker.setblocking(False)
        speaker.bind(("", 0))
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        _, member = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Multicast(on_bytes, group, speaker), sock=listener
        )
        opened.pop_all()
    return member


class _TcpClient:
    """A TCP caller that calls again whenever the stream ends."""

    def __init__(self, address: Address, on_bytes: ByteHandler) -> None:
        self._address = address
        self._on_bytes = on_bytes
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, address: Address, on_bytes: ByteHandler) -> "_TcpClient":
        client = cls(address, on_bytes)
        reader, client._writer = await asyncio.open_connection(address.host, address.port)
        client._task = asyncio.create_task(client._run(reader))
        return client

    async def _run(self, reader: asyncio.StreamReader) -> None:
        while True:
            await _pump(reader, self._on_bytes, self)
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            reader = await self._call_again()

    async def _call_again(self) -> asyncio.StreamReader:
        while True:
            await asyncio.sleep(_RECONNECT_S)
            try:
                reader, self._writer = await asyncio.open_connection(
                    self._address.host, self._address.port
                )
            except OSError:
                continue
            return reader

    def send(self, data: bytes, route: object | None) -> None:
        del route
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(data)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._writer is not None:
            self._writer.close()


class _TcpServer:
    """A TCP listener; every caller's stream is a source of its own."""

    def __init__(self, on_bytes: ByteHandler) -> None:
        self._on_bytes = on_bytes
        self._writers: dict[object, asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None

    @classmethod
    async def listen(cls, address: Address, on_bytes: ByteHandler) -> "_TcpServer":
        listener = cls(on_bytes)
        listener._server = await asyncio.start_server(listener._serve, address.host, address.port)
        return listener

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = object()
        self._writers[source] = writer
        try:
            await _pump(reader, self._on_bytes, source)
        finally:
            del self._writers[source]
            writer.close()

    def send(self, data: bytes, route: object | None) -> None:
        for source, writer in self._writers.items():
            # A caller that came back is another source: who asks for the old one means it.
            if (route is None or route not in self._writers or source is route) and (
                not writer.is_closing()
            ):
                writer.write(data)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers.values():
            writer.close()


async def _pump(reader: asyncio.StreamReader, on_bytes: ByteHandler, source: object) -> None:
    on_bytes(b"", source)
    try:
        while data := await reader.read(4096):
            on_bytes(data, source)
    except OSError:
        return


class _SerialLine:
    """A serial line, read by the event loop and reopened when the radio was pulled."""

    def __init__(self, address: Address, on_bytes: ByteHandler) -> None:
        self._address = address
        self._on_bytes = on_bytes
        self._loop = asyncio.get_running_loop()
        self._retry: asyncio.TimerHandle | None = None
        self._line: serial.Serial | None = None
        self._attach()

    def _attach(self) -> None:
        line = serial.Serial(self._address.device, self._address.baud, timeout=0, write_timeout=0)
        self._line = line
        self._on_bytes(b"", self)
        self._loop.add_reader(line.fileno(), self._read)

    def _read(self) -> None:
        try:
            data = self._line.read(4096) if self._line is not None else b""
        except (OSError, serial.SerialException):
            self._detach()
            self._retry = self._loop.call_later(_RECONNECT_S, self._attach_again)
            return
        if data:
            self._on_bytes(data, self)

    def _attach_again(self) -> None:
        try:
            self._attach()
        except (OSError, serial.SerialException):
            self._retry = self._loop.call_later(_RECONNECT_S, self._attach_again)

    def _detach(self) -> None:
        if self._line is not None:
            self._loop.remove_reader(self._line.fileno())
            self._line.close()
            self._line = None

    def send(self, data: bytes, route: object | None) -> None:
        del route
        try:
            if self._line is not None:
                self._line.write(data)
        except (OSError, serial.SerialException):
            return  # the reader notices and reopens the line

    def close(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
        self._detach()
