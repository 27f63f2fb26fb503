"""Signed packets, against pymavlink's own signing, and keys in the forms that people have."""

import hashlib
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import ardupilotmega

from flight.errors import LinkError
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.signing import Signing, read_signing_key

KEY = bytes(range(32))
STATION = Identity()
AUTOPILOT = Identity(7, 1)
NOW_S = 1_800_000_000.0
TEXT = Message("STATUSTEXT", {"severity": 6, "text": "hello"})


def signing(key: bytes = KEY, at_s: float = NOW_S) -> Signing:
    """Return a key with a clock that stands still."""
    return Signing(key, clock=lambda: at_s)


def test_a_signed_packet_is_believed_by_who_has_the_key() -> None:
    """And by nobody who has another one."""
    packet = MavlinkCodec(AUTOPILOT, signing()).encode(TEXT)
    assert [m["text"] for m in MavlinkCodec(STATION, signing()).feed(packet)] == ["hello"]
    stranger = MavlinkCodec(STATION, signing(bytes(32)))
    assert stranger.feed(packet) == []
    assert stranger.refused == 1
    assert stranger.hears_signed


def test_an_unsigned_packet_is_refused_but_for_a_radio_s() -> None:
    """Radios put in their own status and know no keys."""
    sender, reader = MavlinkCodec(AUTOPILOT), MavlinkCodec(STATION, signing())
    assert reader.feed(sender.encode(TEXT)) == []
    assert reader.refused == 1
    status = dict.fromkeys(("rssi", "remrssi", "txbuf", "noise", "remnoise"), 1)
    radio = Message("RADIO_STATUS", {**status, "rxerrors": 0, "fixed": 0})
    assert [m.name for m in reader.feed(sender.encode(radio))] == ["RADIO_STATUS"]


def test_who_has_no_key_reads_signed_packets() -> None:
    """As a recorder must."""
    packet = MavlinkCodec(AUTOPILOT, signing()).encode(TEXT)
    codec = MavlinkCodec(STATION)
    assert len(codec.feed(packet)) == 1
    assert codec.hears_signed


def test_a_repeated_packet_is_refused() -> None:
    """Or an eavesdropper could send an order again."""
    packet = MavlinkCodec(AUTOPILOT, signing()).encode(TEXT)
    reader = MavlinkCodec(STATION, signing())
    assert len(reader.feed(packet)) == 1
    assert reader.feed(packet) == []


def test_timestamps_grow_though_the_clock_stands() -> None:
    """Each packet is believed in turn, on all links that share the key."""
    shared, reader = signing(), MavlinkCodec(STATION, signing())
    first, second = MavlinkCodec(AUTOPILOT, shared), MavlinkCodec(AUTOPILOT, shared)
    packets = [codec.encode(TEXT) for codec in (first, second, first, second)]
    assert sum(len(reader.feed(packet)) for packet in packets) == 4


def test_a_new_stream_may_be_a_minute_behind_and_no_more() -> None:
    """What was recorded yesterday is no news today."""
    for age_s, heard in ((50.0, 1), (70.0, 0)):
        packet = MavlinkCodec(AUTOPILOT, signing(at_s=NOW_S - age_s)).encode(TEXT)
        assert len(MavlinkCodec(STATION, signing()).feed(packet)) == heard


def test_who_hears_a_later_time_signs_with_a_later_one() -> None:
    """A vehicle without a clock learns the time from its station."""
    vehicle = signing(at_s=0.0)
    MavlinkCodec(AUTOPILOT, vehicle).feed(MavlinkCodec(STATION, signing()).encode(TEXT))
    assert vehicle.timestamp() > 48_000_000 * 100_000 // 10


def test_pymavlink_believes_us_and_we_believe_it() -> None:
    """Two implementations of one rule."""
    theirs = ardupilotmega.MAVLink(None, 7, 1)
    theirs.signing.secret_key = KEY
    theirs.signing.timestamp = int((NOW_S - 1_420_070_400) * 1e5)
    theirs.signing.sign_outgoing = True
    ours = MavlinkCodec(STATION, signing())
    decoded = theirs.decode(bytearray(ours.encode(TEXT)))
    assert decoded.text == "hello"
    packet = ardupilotmega.MAVLink_statustext_message(6, b"back").pack(theirs)
    assert [m["text"] for m in ours.feed(bytes(packet))] == ["back"]


def test_a_key_is_never_shown() -> None:
    """Neither in a log line nor in an error."""
    assert "key" not in repr(signing())
    with pytest.raises(LinkError, match="32 bytes, not 3"):
        Signing(b"abc")


def test_key_files_of_every_kind(tmp_path: Path) -> None:
    """Thirty-two bytes, their hexadecimal digits, or a pass phrase as other stations take it."""
    kinds = {
        "raw": (KEY, KEY),
        "hex": (KEY.hex().encode() + b"\n", KEY),
        "phrase": (b"open sesame\n", hashlib.sha256(b"open sesame").digest()),
    }
    for name, (content, key) in kinds.items():
        (tmp_path / name).write_bytes(content)
        assert read_signing_key(tmp_path / name) == key
    (tmp_path / "empty").write_bytes(b"\n")
    with pytest.raises(LinkError, match="is empty"):
        read_signing_key(tmp_path / "empty")
    with pytest.raises(LinkError, match="cannot be read"):
        read_signing_key(tmp_path / "missing")
