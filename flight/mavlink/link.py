"""The MAVLink link: the codec and the one reader per connection.

This is the only module that knows pymavlink. Everything else sees
:class:`~flight.mavlink.protocol.messages.Message` values.
"""

import contextlib
import logging
from collections.abc import Callable

from pymavlink.dialects.v20 import ardupilotmega

from flight.errors import LinkError
from flight.mavlink.addresses import Address
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.transports import ByteTransport, open_transport

_log = logging.getLogger(__name__)

_STX_V1 = 0xFE
_STX_V2 = 0xFD
_HEADER_LENGTH = {_STX_V1: 6, _STX_V2: 10}
_CHECKSUM_LENGTH = 2
_SIGNATURE_LENGTH = 13
_SIGNED_FLAG = 0x01

FrameSink = Callable[[bytes], None]
MessageHandler = Callable[[Message], None]


class MavlinkCodec:
    """Turns bytes into messages and messages into MAVLink 2 packets.

    One codec per stream: it keeps the half-received packet and the sequence number.

    Args:
        identity: Whom the packets we encode come from.
    """

    def __init__(self, identity: Identity) -> None:
        self._mav = ardupilotmega.MAVLink(None, identity.system, identity.component)
        self._classes = {c.msgname: c for c in ardupilotmega.mavlink_map.values()}
        self._buffer = bytearray()
        self.bad_bytes = 0

    def encode(self, message: Message) -> bytes:
        """Return the packet of a message, numbered in sequence.

        Raises:
            LinkError: The message is unknown or a field is missing or out of its range.
        """
        kind = self._classes.get(message.name)
        if kind is None:
            raise LinkError(f"MAVLink has no message named {message.name}.")
        values = {k: v.encode() if isinstance(v, str) else v for k, v in message.fields.items()}
        try:
            packet = bytes(kind(**values).pack(self._mav))
        except Exception as error:  # whatever packing raises depends on the field type
            raise LinkError(f"{message.name} cannot be sent: {error}") from error
        self._mav.seq = (self._mav.seq + 1) % 256
        return packet

    def feed(self, data: bytes) -> list[Message]:
        """Take received bytes and return the messages they complete.

        Junk, damaged packets and messages unknown to us are skipped; the search goes on at the
        very next byte, so that an intact packet behind or inside them is not lost.
        """
        self._buffer += data
        messages: list[Message] = []
        while (frame := self._next_frame()) is not None:
            message = self._decode(frame)
            if message is None:
                self.bad_bytes += 1
                del self._buffer[:1]
                continue
            del self._buffer[: len(frame)]
            messages.append(message)
        return messages

    def reset(self) -> None:
        """Forget a half-received packet, as after a reconnect or between datagrams."""
        self._buffer.clear()

    def _next_frame(self) -> bytes | None:
        start = next((i for i, byte in enumerate(self._buffer) if byte in _HEADER_LENGTH), None)
        junk = len(self._buffer) if start is None else start
        self.bad_bytes += junk
        del self._buffer[:junk]
        if len(self._buffer) < 3:
            return None
        length = _HEADER_LENGTH[self._buffer[0]] + self._buffer[1] + _CHECKSUM_LENGTH
        if self._buffer[0] == _STX_V2 and self._buffer[2] & _SIGNED_FLAG:
            length += _SIGNATURE_LENGTH
        return bytes(self._buffer[:length]) if len(self._buffer) >= length else None

    def _decode(self, frame: bytes) -> Message | None:
        try:
            decoded = self._mav.decode(bytearray(frame))
        except ardupilotmega.MAVError:
            return None
        if decoded.get_type() not in self._classes:
            return None  # unknown, so its checksum proves nothing: it may be junk over a packet
        return Message(
            decoded.get_type(),
            {name: getattr(decoded, name) for name in decoded.get_fieldnames()},
            decoded.get_srcSystem(),
            decoded.get_srcComponent(),
            frame,
        )


class MavlinkLink:
    """One connection: reads everything once and hands each message to every handler.

    Args:
        address: Where to connect or listen.
        identity: Who we are.
    """

    def __init__(self, address: Address, identity: Identity) -> None:
        self.address = address
        self.identity = identity
        self._codec = MavlinkCodec(identity)
        self._parsers: dict[object, MavlinkCodec] = {}
        self._transport: ByteTransport | None = None
        self._handlers: list[MessageHandler] = []
        self._frame_sink: FrameSink | None = None
        self._routes: dict[int, object] = {}
        self._former_routes: dict[int, set[object]] = {}
        self.twin_systems: set[int] = set()

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
        packet = self._codec.encode(message)
        if self._transport is None:
            return
        route = self._routes.get(message.fields.get("target_system", 0))
        self._transport.send(packet, route)
        if self._frame_sink is not None:
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
            parser = self._parsers[source] = MavlinkCodec(self.identity)
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
        if self._frame_sink is not None:
            self._frame_sink(message.frame)
        for handler in tuple(self._handlers):  # a handler may remove itself
            handler(message)
