"""Carries Cursor-on-Target messages over UDP and TCP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from events_api.cot.settings import CotTarget, Wire

HOPS = 1
"""How far datagrams to a group travel: within the network, as TAK's own do."""


class Sender(Protocol):
    """Carries messages to one receiver."""

    async def send(self, messages: Sequence[bytes]) -> None:
        """Send messages.

        Raises:
            OSError: They could not be sent; nothing is kept to be sent later.
            TimeoutError: The receiver takes nothing.
        """

    async def close(self) -> None:
        """Hang up."""


def sender_to(target: CotTarget, timeout_s: float) -> Sender:
    """Return what carries messages to a receiver."""
    if target.wire is Wire.UDP:
        return UdpSender(target)
    return TcpSender(target, timeout_s)


class UdpSender:
    """Sends each message as one datagram; nobody says whether it came.

    Args:
        target: Where to; a name is looked up once.
    """

    def __init__(self, target: CotTarget) -> None:
        self._target = target
        self._socket: socket.socket | None = None

    async def send(self, messages: Sequence[bytes]) -> None:
        """Send messages, each for itself."""
        loop = asyncio.get_running_loop()
        if self._socket is None:
            self._socket = await self._opened()
        for message in messages:
            # That nobody listened to the one before is told here, and is no failure.
            with suppress(ConnectionRefusedError):
                await loop.sock_sendall(self._socket, message)

    async def _opened(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        target = self._target
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setblocking(False)
            if family == socket.AF_INET:
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, HOPS)
            await loop.sock_connect(opened, address)
        except BaseException:
            opened.close()
            raise
        return opened

    async def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class TcpSender:
    """Sends messages one after the other over a connection, which is made anew after it broke.

    Args:
        target: Where to.
        timeout_s: Longest time for connecting, and for a receiver to take what is sent.
    """

    def __init__(self, target: CotTarget, timeout_s: float) -> None:
        self._target, self._timeout_s = target, timeout_s
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, messages: Sequence[bytes]) -> None:
        """Send messages; after a failure the next call connects again."""
        if not messages:
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                if self._writer is None:
                    host, port = self._target.host, self._target.port
                    _, self._writer = await asyncio.open_connection(host, port)
                self._writer.write(b"".join(messages))
                await self._writer.drain()
        except OSError:  # a timeout is one
            await self.close()
            raise

    async def close(self) -> None:
        """Hang up; what was not taken yet is dropped."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()
