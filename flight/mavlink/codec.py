"""From bytes to messages and back: MAVLink 2, signed if wanted, and MAVLink 1 to read."""

import re
import struct

import fastcrc

from flight.errors import LinkError
from flight.mavlink.layouts import Layout, layout_by_name, layout_by_number
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.signing import SIGNATURE_LENGTH, Signing

_STX_V1 = 0xFE
_STX_V2 = 0xFD
_START = re.compile(rb"[\xfd\xfe]")
_HEADER_LENGTH = {_STX_V1: 6, _STX_V2: 10}
_CHECKSUM_LENGTH = 2
_SIGNED_FLAG = 0x01
#: Radios tell of themselves without a key, which the guide to signing allows.
_ALWAYS_ACCEPTED = frozenset({"RADIO_STATUS"})

_checksum = fastcrc.crc16.mcrf4xx


class MavlinkCodec:
    """Turns bytes into messages and messages into MAVLink 2 packets.

    One codec per stream: it keeps the half-received packet and the sequence number.

    Args:
        identity: Whom the packets we encode come from.
        signing: The key to sign with; whoever does not is not heard. None signs nothing and
            believes everybody.

    Attributes:
        bad_bytes: How many bytes belonged to no packet that we could read.
        refused: How many packets were intact but not signed with our key.
        hears_signed: Whether a signed packet was heard.
        hears_mavlink1: Whether the last packet was MAVLink 1.
    """

    def __init__(self, identity: Identity, signing: Signing | None = None) -> None:
        self.signing = signing
        self.bad_bytes = 0
        self.refused = 0
        self.hears_signed = False
        self.hears_mavlink1 = False
        self._sender = (identity.system, identity.component)
        self._sequence = 0
        self._rest = b""

    def encode(self, message: Message) -> bytes:
        """Return the packet of a message, numbered in sequence.

        Raises:
            LinkError: The message is unknown or a field is missing or out of its range.
        """
        layout = layout_by_name(message.name)
        if layout is None:
            raise LinkError(f"MAVLink has no message named {message.name}.")
        try:
            payload = layout.pack(message.fields)
        except KeyError as error:
            raise LinkError(f"{message.name} cannot be sent: it lacks {error}.") from error
        except (struct.error, ValueError, TypeError) as error:
            raise LinkError(f"{message.name} cannot be sent: {error}") from error
        signed = self.signing is not None
        number = layout.number
        body = (
            bytes((len(payload), signed, 0, self._sequence, *self._sender))
            + number.to_bytes(3, "little")
            + payload
        )
        check = _checksum(body + layout.crc_extra)
        packet = b"\xfd" + body + check.to_bytes(2, "little")
        self._sequence = (self._sequence + 1) & 0xFF
        return packet if self.signing is None else self.signing.sign(packet)

    def feed(self, data: bytes) -> list[Message]:
        """Take received bytes and return the messages they complete.

        Junk, damaged packets and messages unknown to us are skipped; the search goes on at the
        very next byte, so that an intact packet behind or inside them is not lost.
        """
        buffer = self._rest + data if self._rest else data
        messages: list[Message] = []
        place = 0
        while True:
            start = self._next_start(buffer, place)
            length = _frame_length(buffer, start)
            if length is None:
                self._rest = buffer[start:]
                return messages
            frame = buffer if length == len(buffer) else buffer[start : start + length]
            layout, fields = self._read(frame)
            if layout is None:
                self.bad_bytes += 1
                place = start + 1
                continue
            place = start + length
            if self._is_believed(frame, layout):
                at = 5 if frame[0] == _STX_V2 else 3
                messages.append(Message(layout.name, fields, frame[at], frame[at + 1], frame))
            if place == len(buffer):
                self._rest = b""
                return messages

    def reset(self) -> None:
        """Forget a half-received packet, as after a reconnect or between datagrams."""
        self._rest = b""

    def _next_start(self, buffer: bytes, place: int) -> int:
        if place < len(buffer) and buffer[place] in _HEADER_LENGTH:
            return place
        match = _START.search(buffer, place)
        start = len(buffer) if match is None else match.start()
        self.bad_bytes += start - place
        return start

    def _read(self, frame: bytes) -> tuple[Layout | None, dict[str, object]]:
        """Return what a frame is and says; None if its checksum does not prove it."""
        end = _HEADER_LENGTH[frame[0]] + frame[1]
        if frame[0] == _STX_V2:
            # Flags that we do not know may change what the rest means.
            if frame[2] & ~_SIGNED_FLAG:
                return None, {}
            number = int.from_bytes(frame[7:10], "little")
            payload = frame[10:end]
        else:
            number, payload = frame[5], frame[6:end]
        layout = layout_by_number(number)
        # Of an unknown message the checksum proves nothing: it may be junk over a packet.
        if layout is None:
            return None, {}
        if _checksum(frame[1:end] + layout.crc_extra) != frame[end] | frame[end + 1] << 8:
            return None, {}
        return layout, layout.unpack(payload)

    def _is_believed(self, frame: bytes, layout: Layout) -> bool:
        v2 = frame[0] == _STX_V2
        signed = is_signed(frame)
        self.hears_signed = self.hears_signed or signed
        self.hears_mavlink1 = not v2
        if self.signing is None:
            return True
        good = signed and self.signing.accepts(frame, frame[5], frame[6])
        if good or layout.name in _ALWAYS_ACCEPTED:
            return True
        self.refused += 1
        return False


def is_signed(frame: bytes) -> bool:
    """Tell whether a whole packet carries a signature, whoever's it is."""
    return frame[0] == _STX_V2 and bool(frame[2] & _SIGNED_FLAG)


def _frame_length(buffer: bytes, start: int) -> int | None:
    """Return the length of the frame that starts here; None while it is not all there."""
    there = len(buffer) - start
    if there < 3:
        return None
    length = _HEADER_LENGTH[buffer[start]] + buffer[start + 1] + _CHECKSUM_LENGTH
    if buffer[start] == _STX_V2 and buffer[start + 2] & _SIGNED_FLAG:
        length += SIGNATURE_LENGTH
    return length if length <= there else None
