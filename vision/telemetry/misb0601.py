"""MISB ST 0601, the UAS Datalink Local Set: metadata in an MPEG-2 transport stream.

A packet is the universal key of the set, its length in BER, and items of tag (BER-OID), length and
value; the first item is the time stamp, the last the checksum over all before it. Numbers are
integers spread over a range; the lowest of a signed one is reserved for "out of range". Decoding
and encoding follow MISB ST 0601.8 and SMPTE ST 336, for the items that tell where a camera is and
looks; other items pass by unread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vision.errors import PoseError

KEY = bytes.fromhex("060e2b34020b01010e01030101000000")

CHECKSUM, TIME_STAMP = 1, 2
PLATFORM_HEADING, PLATFORM_PITCH, PLATFORM_ROLL = 5, 6, 7
SENSOR_LAT, SENSOR_LON, SENSOR_ALT, SENSOR_HFOV = 13, 14, 15, 16
SENSOR_AZIMUTH, SENSOR_ELEVATION, SENSOR_ROLL = 18, 19, 20
SENSOR_ELLIPSOID_HEIGHT = 75
PLATFORM_PITCH_FULL, PLATFORM_ROLL_FULL = 90, 91

_LONGEST_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class _Range:
    """How an item spreads its integers: bytes, signed or not, least and most value."""

    size: int
    signed: bool
    least: float
    most: float

    def decode(self, data: bytes) -> float | None:
        """The value; None where it is marked out of range, or as not known by having no bytes.

        Raises:
            PoseError: the value has another length than the standard gives it.
        """
        if not data:
            return None
        if len(data) != self.size:
            raise PoseError(f"MISB ST 0601: a value of {self.size} bytes has {len(data)}.")
        number = int.from_bytes(data, "big", signed=self.signed)
        steps = (1 << 8 * self.size) - (2 if self.signed else 1)
        if self.signed:
            half = steps // 2
            return None if number < -half else number / half * self.most
        return self.least + number / steps * (self.most - self.least)

    def encode(self, value: float | None) -> bytes:
        """The integer nearest to a value; None marks it out of range.

        Raises:
            PoseError: the value lies outside, or cannot be marked so.
        """
        if value is None:
            if not self.signed:
                raise PoseError("MISB ST 0601: only signed items can be marked out of range.")
            return (-(1 << 8 * self.size - 1)).to_bytes(self.size, "big", signed=True)
        if not self.least <= value <= self.most:
            raise PoseError(f"MISB ST 0601: {value} is not from {self.least} to {self.most}.")
        steps = (1 << 8 * self.size) - (2 if self.signed else 1)
        if self.signed:
            return round(value / self.most * (steps // 2)).to_bytes(self.size, "big", signed=True)
        share = (value - self.least) / (self.most - self.least)
        return round(share * steps).to_bytes(self.size, "big")


_ITEMS: Mapping[int, _Range] = {
    PLATFORM_HEADING: _Range(2, signed=False, least=0.0, most=360.0),
    PLATFORM_PITCH: _Range(2, signed=True, least=-20.0, most=20.0),
    PLATFORM_ROLL: _Range(2, signed=True, least=-50.0, most=50.0),
    SENSOR_LAT: _Range(4, signed=True, least=-90.0, most=90.0),
    SENSOR_LON: _Range(4, signed=True, least=-180.0, most=180.0),
    SENSOR_ALT: _Range(2, signed=False, least=-900.0, most=19_000.0),
    SENSOR_HFOV: _Range(2, signed=False, least=0.0, most=180.0),
    SENSOR_AZIMUTH: _Range(4, signed=False, least=0.0, most=360.0),
    SENSOR_ELEVATION: _Range(4, signed=True, least=-180.0, most=180.0),
    SENSOR_ROLL: _Range(4, signed=False, least=0.0, most=360.0),
    SENSOR_ELLIPSOID_HEIGHT: _Range(2, signed=False, least=-900.0, most=19_000.0),
    PLATFORM_PITCH_FULL: _Range(4, signed=True, least=-90.0, most=90.0),
    PLATFORM_ROLL_FULL: _Range(4, signed=True, least=-90.0, most=90.0),
}


@dataclass(frozen=True, slots=True)
class LocalSet:
    """One packet.

    Attributes:
        time_us: microseconds since 1970, UTC.
        values: by tag, of the items that this module knows; None where marked out of range or
            unknown.
    """

    time_us: int
    values: Mapping[int, float | None]


def tells_place(told: LocalSet) -> bool:
    """Whether a packet tells where the sensor is."""
    place = (told.values.get(SENSOR_LON), told.values.get(SENSOR_LAT))
    return all(value is not None and math.isfinite(value) for value in place)


def local_sets(data: bytes) -> Iterator[LocalSet]:
    """The packets in some bytes; what lies between them is passed over.

    Raises:
        PoseError: a packet is cut short, its checksum is wrong, or an item is malformed.
    """
    at = data.find(KEY)
    while at >= 0:
        length, begins = _length(data, at + len(KEY))
        ends = begins + length
        if length > _LONGEST_BYTES or ends > len(data):
            raise PoseError("MISB ST 0601: a packet is cut short.")
        yield _local_set(data[at:ends], begins - at)
        at = data.find(KEY, ends)


def encode(values: Mapping[int, float | None], time_us: int) -> bytes:
    """A packet with its time stamp first and its checksum last.

    Args:
        values: by tag; None for out of range.
        time_us: microseconds since 1970, UTC.

    Raises:
        PoseError: a tag is not known, or a value does not fit it.
    """
    items = _item(TIME_STAMP, time_us.to_bytes(8, "big"))
    for tag, value in values.items():
        if tag not in _ITEMS:
            raise PoseError(f"MISB ST 0601: tag {tag} is none that can be written here.")
        items += _item(tag, _ITEMS[tag].encode(value))
    length = len(items) + 4
    size = length.to_bytes(1, "big") if length < 128 else b"\x82" + length.to_bytes(2, "big")
    whole = KEY + size + items + bytes([CHECKSUM, 2])
    return whole + checksum(whole).to_bytes(2, "big")


def checksum(data: bytes) -> int:
    """Sum of all big-endian pairs of bytes, in 16 bits; an odd last byte counts as the high one."""
    padded = data + b"\0" * (len(data) % 2)
    return (sum(padded[::2]) * 256 + sum(padded[1::2])) & 0xFFFF


def _local_set(packet: bytes, begins: int) -> LocalSet:
    if packet[-4:-2] != bytes([CHECKSUM, 2]):
        raise PoseError("MISB ST 0601: a packet does not end with its checksum.")
    if checksum(packet[:-2]) != int.from_bytes(packet[-2:], "big"):
        raise PoseError("MISB ST 0601: a packet's checksum is wrong; it was damaged on its way.")
    values: dict[int, float | None] = {}
    time_us: int | None = None
    at = begins
    while at < len(packet):
        tag, at = _tag(packet, at)
        length, at = _length(packet, at)
        data, at = packet[at : at + length], at + length
        if at > len(packet):
            raise PoseError("MISB ST 0601: an item is cut short.")
        if tag == TIME_STAMP and length == 8:
            time_us = int.from_bytes(data, "big")
        elif tag in _ITEMS:
            values[tag] = _ITEMS[tag].decode(data)
    if time_us is None:
        raise PoseError("MISB ST 0601: a packet bears no time stamp, which the standard demands.")
    return LocalSet(time_us, values)


def _item(tag: int, data: bytes) -> bytes:
    return bytes([tag, len(data)]) + data


def _tag(data: bytes, at: int) -> tuple[int, int]:
    """A BER-OID number, seven bits a byte, and where it ends."""
    tag = 0
    for index in range(at, min(at + 4, len(data))):
        tag = tag << 7 | data[index] & 0x7F
        if not data[index] & 0x80:
            return tag, index + 1
    raise PoseError("MISB ST 0601: an item's tag is cut short.")


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A BER length, short or long form, and where it ends."""
    if at >= len(data):
        raise PoseError("MISB ST 0601: a length is cut short.")
    first, at = data[at], at + 1
    if first < 0x80:
        return first, at
    count = first & 0x7F
    if not 1 <= count <= 4 or at + count > len(data):
        raise PoseError("MISB ST 0601: a length is malformed.")
    return int.from_bytes(data[at : at + count], "big"), at + count
