"""The sockets of one simulated vehicle: UDP out to the station, and a TCP port to call."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

from flight.simulator.errors import SimulatorError

#: What SITL's console sends on the same stream before MAVLink starts.
_BOOT_NOISE = b"\r\n\r\nInit ArduCopter V4.7.0-dev\r\n\r\nFree RAM: 131072\r\nInit Gyro***\r\n"

#: A peer that reads so slowly loses telemetry instead of filling our memory.
_MOST_UNSENT_BYTES = 1 << 20

_LONGEST_DATAGRAM = 65_535

#: Takes received bytes; empty bytes say that a stream starts afresh.
Receive = Callable[[bytes], None]


class Channel(Protocol):
    """One way to reach ground stations."""

    def send(self, packet: bytes) -> None:
        """Send one packet, or lose it."""
        ...

    def drop(self) -> None:
        """Hang up on the peer, where the transport knows such a thing."""
        ...

    def close(self) -> None:
        """Release the socket."""
        ...


class UdpChannel(asyncio.DatagramProtocol):
    """Sends to the station's port and reads what comes back to our own, as SITL does."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, place: tuple[str, int], receive: Receive) -> "UdpChannel":
        """Open a socket towards the station.

        Raises:
            SimulatorError: The address cannot be resolved.
        """
        loop = asyncio.get_running_loop()
        try:
            _, channel = await loop.create_datagram_endpoint(
                lambda: cls(receive), remote_addr=place
            )
        except OSError as error:
            raise SimulatorError(
                f"No UDP towards {place[0]}:{place[1]}: {error}. Is the host name right?"
            ) from error
        return channel

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        if hasattr(transport, "max_size"):
            # The event loop would make room for 256 KiB at every packet, which takes longer than
            # reading it.
            transport.max_size = _LONGEST_DATAGRAM

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Hand on one datagram."""
        del addr
        self._receive(data)

    def error_received(self, exc: Exception) -> None:
        """Go on: a station that does not listen yet may do so later."""

    def send(self, packet: bytes) -> None:
        """Send one packet."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(packet)

    def drop(self) -> None:
        """Do nothing: UDP has no connection to drop."""

    def close(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.close()


class TcpChannel:
    """Listens on a port; one station is served, others connect and hear nothing until it leaves.

    SITL takes the next caller when the one before has hung up; until then the system holds what
    the next one says.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._server: asyncio.Server | None = None
        self._served: asyncio.StreamWriter | None = None
        self._turn = asyncio.Lock()
        self._writers: set[asyncio.StreamWriter] = set()

    @classmethod
    async def open(cls, port: int, receive: Receive) -> "TcpChannel":
        """Listen.

        Raises:
            SimulatorError: The port is taken.
        """
        channel = cls(receive)
        try:
            channel._server = await asyncio.start_server(channel._serve, "127.0.0.1", port)
        except OSError as error:
            raise SimulatorError(
                f"TCP port {port} cannot be opened: {error.strerror}."
                " Is another simulator running? Choose another base port."
            ) from error
        return channel

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            async with self._turn:
                await self._attend(reader, writer)
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._served = writer
        try:
            self._receive(b"")
            writer.write(_BOOT_NOISE)
            while data := await reader.read(4096):
                self._receive(data)
        finally:
            self._served = None

    def send(self, packet: bytes) -> None:
        """Send one packet to the station that is served."""
        writer = self._served
        if writer is None or writer.is_closing():
            return
        if writer.transport.get_write_buffer_size() < _MOST_UNSENT_BYTES:
            writer.write(packet)

    def drop(self) -> None:
        """Hang up, as a reboot does."""
        for writer in tuple(self._writers):
            writer.close()

    def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
        self.drop()
