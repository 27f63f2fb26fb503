"""The MAVLink link: one reader per connection, which all handlers share."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

from flight.mavlink.addresses import Address
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.signing import Signing
from flight.mavlink.transports import ByteTransport, open_transport

FrameSink = Callable[[bytes], None]
MessageHandler = Callable[[Message], None]

#: Carries the key itself, so it must never be written down.
_UNRECORDED = "SETUP_SIGNING"

#: What every network carries in one datagram.
_MOST_BYTES_TOGETHER = 1200


class MavlinkLink:
    """One connection: reads everything once and hands each message to every handler.

    Args:
        address: Where to connect or listen.
        identity: Who we are.
        signing: The key to sign with; None signs nothing and believes everybody.
    """

    def __init__(
        self, address: Address, identity: Identity, signing: Signing | None = None
    ) -> None:
        self.address = address
        self.identity = identity
        self._codec = MavlinkCodec(identity, signing)
        self._parsers: dict[object, MavlinkCodec] = {}
        self._transport: ByteTransport | None = None
        self._handlers: list[MessageHandler] = []
        self._frame_sink: FrameSink | None = None
        self._routes: dict[int, object] = {}
        self._former_routes: dict[int, set[object]] = {}
        self.twin_systems: set[int] = set()

    @property
    def signing(self) -> Signing | None:
        """The key that packets are signed with; setting it also changes whom we believe."""
        return self._codec.signing

    @signing.setter
    def signing(self, signing: Signing | None) -> None:
        for codec in (self._codec, *self._parsers.values()):
            codec.signing = signing

    @property
    def refused(self) -> int:
        """How many intact packets were not signed with our key."""
        return sum(parser.refused for parser in self._parsers.values())

    @property
    def hears_signed(self) -> bool:
        """Whether anybody on the link signs."""
        return any(parser.hears_signed for parser in self._parsers.values())

    @property
    def hears_only_mavlink1(self) -> bool:
        """Whether all that is heard is MAVLink 1, which knows missions but no fences."""
        parsers = self._parsers.values()
        return bool(parsers) and all(parser.hears_mavlink1 for parser in parsers)

    async def open(self) -> None:
        """Connect or start to listen.

        Raises:
            LinkError: The port is taken, the device is missing, nobody listens there.
        """
        self._transport = await open_transport(self.address, self._on_bytes)

    def add_handler(self, handler: MessageHandler) -> Callable[[], None]:
        """Hand every received message to ``handler``; the returned function ends that."""
        self._handlers.append(handler)

        def remove() -> None:
            with contextlib.suppress(ValueError):
                self._handlers.remove(handler)

        return remove

    def record_frames(self, sink: FrameSink | None) -> None:
        """Give every packet, received or sent, to ``sink``; None ends that."""
        self._frame_sink = sink

    def send(self, message: Message) -> None:
        """Send a message; on a link that is down it is lost, as any packet may be.

        Raises:
            LinkError: The message cannot be encoded.
        """
        self.send_together((message,))

    def send_together(self, messages: Sequence[Message]) -> None:
        """Send messages for one vehicle with as few datagrams or writes as they fit in.

        Raises:
            LinkError: One of them cannot be encoded.
        """
        packets = [self._codec.encode(message) for message in messages]
        if self._transport is None:
            return
        route = self._routes.get(messages[0].fields.get("target_system", 0))
        for data in _joined(packets):
            self._transport.send(data, route)
        if self._frame_sink is not None:
            for message, packet in zip(messages, packets, strict=True):
                if message.name != _UNRECORDED:
                    self._frame_sink(packet)

    def close(self) -> None:
        """Close the connection and forget all handlers."""
        self._handlers.clear()
        self._frame_sink = None
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.close()

    def _on_bytes(self, data: bytes, source: object) -> None:
        """Take bytes from one source; an empty string says that its stream starts afresh."""
        parser = self._parsers.get(source)
        if parser is None:
            # Half packets of two senders must not be put together.
            parser = self._parsers[source] = MavlinkCodec(self.identity, self.signing)
        if not data:
            parser.reset()
            return
        for message in parser.feed(data):
            self._learn_route(message.system, source)
            self._dispatch(message)

    def _learn_route(self, system: int, source: object) -> None:
        """Answer where a system was last heard; one heard here and there in turn is two."""
        before = self._routes.get(system)
        if before is source or before == source:
            return
        former = self._former_routes.setdefault(system, set())
        if source in former:
            self.twin_systems.add(system)
        if before is not None:
            former.add(before)
        self._routes[system] = source

    def _dispatch(self, message: Message) -> None:
        if self._frame_sink is not None and message.name != _UNRECORDED:
            self._frame_sink(message.frame)
        for handler in tuple(self._handlers):  # a handler may remove itself
            handler(message)


def _joined(packets: Sequence[bytes]) -> Iterator[bytes]:
    """Put packets together, in order, as long as a datagram holds them."""
    together = packets[0]
    for packet in packets[1:]:
        if len(together) + len(packet) > _MOST_BYTES_TOGETHER:
            yield together
            together = packet
        else:
            together += packet
    yield together
