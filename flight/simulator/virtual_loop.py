"""An event loop whose clock is simulated and whose datagrams go from hand to hand.

Whoever runs in it sees time pass as it does in the world: what waits a second has waited a second.
But nobody is kept waiting. When all have done what they had to do, the clock leaps to the next
moment at which somebody wants to act. So a day takes the time that its computing takes, a slow or
busy machine changes nothing in it, and the same day is the same to the last bit.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVarTuple, Unpack

_Ts = TypeVarTuple("_Ts")

_Place = tuple[str, int]
_FIRST_FREE_PORT = 49_152
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - a name in a network that no packet leaves


class _LeapingSelector(selectors.DefaultSelector):
    """Waits for nothing but passes the time that it was told to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look once; where nothing is there, it is later now."""
        found: list[tuple[selectors.SelectorKey, int]] = super().select(
            None if timeout is None else 0
        )
        if not found and timeout is not None:
            self.now_s += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop with a clock of its own, starting at 0, and a network of its own.

    UDP endpoints opened in it reach each other and nobody else; packets arrive in order, at once
    and complete. Threads are not waited for: `run_in_executor` computes on the spot.
    """

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)
        self._ports: dict[int, _Endpoint] = {}

    def time(self) -> float:
        """Return the simulated time, in seconds."""
        return self._leaping.now_s

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[Unpack[_Ts]], Any],
        *args: *_Ts,
    ) -> asyncio.Future[Any]:
        """Compute at once, as a thread would take wall time that does not exist here."""
        del executor
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to who awaits it
            future.set_exception(error)
        return future

    async def create_datagram_endpoint(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.DatagramProtocol],
        local_addr: _Place | None = None,
        remote_addr: _Place | None = None,
        **_: object,
    ) -> tuple[asyncio.DatagramTransport, asyncio.DatagramProtocol]:
        """Open an endpoint of the loop's own network.

        Raises:
            OSError: The port is taken.
        """
        port = local_addr[1] if local_addr else self._free_port()
        if port in self._ports:
            raise OSError(f"port {port} is taken")
        protocol = protocol_factory()
        endpoint = _Endpoint(self, protocol, port, remote_addr)
        self._ports[port] = endpoint
        protocol.connection_made(endpoint)
        return endpoint, protocol

    def _free_port(self) -> int:
        return next(port for port in range(_FIRST_FREE_PORT, 65_536) if port not in self._ports)

    def carry(self, data: bytes, sender: int, receiver: int) -> None:
        """Bring a datagram to a port; nobody there is no error, as with UDP."""
        endpoint = self._ports.get(receiver)
        if endpoint is not None:
            self.call_soon(endpoint.receive, data, sender)

    def forget(self, port: int) -> None:
        """Free a port."""
        self._ports.pop(port, None)


class _Endpoint(asyncio.DatagramTransport):
    """One end of the network in memory."""

    def __init__(
        self,
        loop: VirtualLoop,
        protocol: asyncio.DatagramProtocol,
        port: int,
        remote: _Place | None,
    ) -> None:
        super().__init__({"sockname": (_EVERYWHERE, port)})
        self._loop = loop
        self._protocol = protocol
        self._port = port
        self._remote = remote
        self._closed = False

    def sendto(  # type: ignore[override]
        self, data: bytes | bytearray | memoryview, addr: tuple[Any, ...] | None = None
    ) -> None:
        """Send a datagram to the remote end, or to an address."""
        place = addr or self._remote
        if not self._closed and place is not None:
            self._loop.carry(bytes(data), self._port, place[1])

    def receive(self, data: bytes, sender: int) -> None:
        """Hand a datagram on."""
        if not self._closed:
            self._protocol.datagram_received(data, ("127.0.0.1", sender))

    def is_closing(self) -> bool:
        """Tell whether this end is closed."""
        return self._closed

    def close(self) -> None:
        """Free the port."""
        if not self._closed:
            self._closed = True
            self._loop.forget(self._port)
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """Close at once."""
        self.close()
