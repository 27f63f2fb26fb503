"""Tests of `vision.telemetry.misb0601`."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.errors import PoseError
from vision.telemetry import misb0601
from vision.telemetry.misb0601 import KEY, checksum, encode, local_sets

TIME_US = 1_224_807_209_913_000


def decode(data: bytes) -> misb0601.LocalSet:
    """The only packet in some bytes."""
    (found,) = local_sets(data)
    return found


def item(tag: int, data: bytes) -> bytes:
    """A packet of one item written by hand, with a good checksum."""
    items = bytes([2, 8]) + TIME_US.to_bytes(8, "big") + bytes([tag, len(data)]) + data
    whole = KEY + bytes([len(items) + 4]) + items + bytes([1, 2])
    return whole + checksum(whole).to_bytes(2, "big")


@pytest.mark.parametrize(
    ("tag", "data", "value"),
    [
        (5, "71C2", 159.9744),
        (6, "FD3D", -0.4315),
        (7, "08B8", 3.4059),
        (13, "5595B66D", 60.17682296),
        (14, "5B5360C4", 128.42675904),
        (15, "C221", 14190.72),
        (16, "CD9C", 144.5713),
        (18, "724A0A20", 160.71921147),
        (20, "00000000", 0.0),
        (75, "C221", 14190.72),
        (90, "FF62E2F2", -0.43152510),
        (91, "04D80BDF", 3.40581566),
    ],
)
def test_the_examples_of_the_standard_are_read(tag: int, data: str, value: float) -> None:
    """Its annex gives an encoded value for every item."""
    told = decode(item(tag, bytes.fromhex(data))).values[tag]
    assert told == pytest.approx(value, abs=2e-3 if tag in {15, 75} else 1e-4)


@given(
    st.floats(-90, 90), st.floats(-180, 180), st.floats(-900, 19_000), st.floats(0, 360),
    st.floats(-180, 180), st.integers(0, 2**63),
)  # fmt: skip
def test_what_is_encoded_is_decoded(
    lat: float, lon: float, alt: float, azimuth: float, elevation: float, time_us: int
) -> None:
    """Within the grain of the integers."""
    values = {13: lat, 14: lon, 15: alt, 18: azimuth, 19: elevation}
    found = decode(encode(values, time_us))
    assert found.time_us == time_us
    for tag, grain in ((13, 1e-7), (14, 1e-7), (15, 0.2), (18, 1e-6), (19, 1e-6)):
        assert found.values[tag] == pytest.approx(values[tag], abs=grain)


def test_out_of_range_is_not_a_number() -> None:
    """The lowest integer of a signed item is no angle."""
    assert decode(encode({13: None, 14: 5.0}, TIME_US)).values[13] is None


def test_an_item_without_bytes_is_not_known() -> None:
    """The standard says so of a value that the aircraft has lost; the rest of the packet holds."""
    found = decode(item(misb0601.SENSOR_HFOV, b""))
    assert found.time_us == TIME_US
    assert found.values == {misb0601.SENSOR_HFOV: None}


def test_unknown_items_pass_by() -> None:
    """A mission's name, and a tag of two bytes."""
    assert decode(item(3, b"MISSION01")).values == {}
    long_tag = bytes([0x81, 0x02]) + b"\x01x"
    items = bytes([2, 8]) + TIME_US.to_bytes(8, "big") + long_tag
    whole = KEY + bytes([len(items) + 4]) + items + bytes([1, 2])
    assert decode(whole + checksum(whole).to_bytes(2, "big")).time_us == TIME_US


def test_a_long_packet_has_its_length_in_the_long_form() -> None:
    """BER: beyond 127 bytes the first byte counts the bytes of the length."""
    values = dict.fromkeys((5, 6, 7, 13, 14, 15, 16, 18, 19, 20, 75, 90, 91), 1.0)
    packet = encode(values, TIME_US) + b"\x00noise" + encode({13: 1.0}, TIME_US + 1)
    assert [found.time_us for found in local_sets(packet)] == [TIME_US, TIME_US + 1]


@given(st.integers(16, 60), st.integers(1, 255))
def test_a_flipped_byte_is_found(at: int, change: int) -> None:
    """By the checksum, or because the packet falls apart."""
    packet = bytearray(encode({13: 33.0, 14: 115.0, 15: 70.0, 18: 10.0, 19: -60.0}, TIME_US))
    at = min(at, len(packet) - 1)
    packet[at] ^= change
    with pytest.raises(PoseError):
        list(local_sets(bytes(packet)))


@given(st.binary(max_size=120))
def test_garbage_gives_typed_errors_only(data: bytes) -> None:
    """Whatever follows the key of the set, even where its checksum happens to be right."""
    body = data + bytes([1, 2])
    whole = KEY + bytes([len(body) + 2]) + body
    for packet in (KEY + data, whole + checksum(whole).to_bytes(2, "big")):
        with contextlib.suppress(PoseError):
            list(local_sets(packet))


@pytest.mark.parametrize(("tag", "value"), [(13, 91.0), (15, None), (99, 1.0)])
def test_what_the_standard_cannot_say_is_not_written(tag: int, value: float | None) -> None:
    """A value outside, an unsigned one marked unknown, an item that is not known."""
    with pytest.raises(PoseError):
        encode({tag: value}, TIME_US)
