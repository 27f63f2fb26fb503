"""Packets: against junk, against damage, and against pymavlink's own reading of them."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega

from flight.errors import LinkError
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity, Message

STATION = Identity()
AUTOPILOT = Identity(7, 1)
KINDS = sorted(ardupilotmega.mavlink_map.values(), key=lambda kind: int(kind.id))


def text(words: str) -> Message:
    """Return a status text."""
    return Message("STATUSTEXT", {"severity": 6, "text": words})


def words_in(messages: list[Message]) -> list[str]:
    """Return the texts of status texts."""
    return [message["text"] for message in messages]


def some_fields(kind: Any) -> dict[str, Any]:
    """Return a value for every field of a message, none of them zero and no two alike."""
    by_place = zip(kind.fieldnames, kind.fieldtypes, kind.orders, strict=True)
    fields: dict[str, Any] = {}
    for number, (name, of, order) in enumerate(by_place, start=1):
        length = kind.lengths[order]
        if of == "char":
            fields[name] = f"t{number}"[: kind.array_lengths[order] or 1]
        elif length > 1:
            fields[name] = [(number + i) % 100 + 1 for i in range(length)]
        else:
            fields[name] = number * 0.5 if of in {"float", "double"} else number % 100 + 1
    return fields


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.msgname))
def test_every_message_lies_in_its_packet_as_pymavlink_lays_it(kind: Any) -> None:
    """Byte for byte, and it is read back as it was told."""
    fields = some_fields(kind)
    theirs = ardupilotmega.MAVLink(None, 7, 1)
    encoded = {k: v.encode() if isinstance(v, str) else v for k, v in fields.items()}
    packet = bytes(kind(**encoded).pack(theirs))
    assert MavlinkCodec(AUTOPILOT).encode(Message(kind.msgname, fields)) == packet
    (message,) = MavlinkCodec(STATION).feed(packet)
    assert message.name == kind.msgname
    later = dict.fromkeys(message.fields.keys() - fields.keys(), 0)
    assert dict(message.fields) == {**fields, **later}


def test_mavlink_1_is_read_too() -> None:
    """And said to be so, since its missions have no type."""
    theirs = ardupilotmega.MAVLink(None, 7, 1)
    packet = ardupilotmega.MAVLink_mission_count_message(245, 190, 9).pack(
        theirs, force_mavlink1=True
    )
    codec = MavlinkCodec(STATION)
    (message,) = codec.feed(bytes(packet))
    assert (message.name, message["count"], message["mission_type"]) == ("MISSION_COUNT", 9, 0)
    assert codec.hears_mavlink1


def test_ids_of_plans_are_read_where_a_vehicle_sends_them() -> None:
    """They are newer than the tables of the library."""
    ids = {"mission_id": 0xDEADBEEF, "fence_id": 2, "rally_points_id": 3}
    packet = MavlinkCodec(AUTOPILOT).encode(Message("MISSION_CURRENT", {"seq": 1, **ids}))
    (message,) = MavlinkCodec(STATION).feed(packet)
    assert {name: message[name] for name in ids} == ids
    ack = {"target_system": 245, "target_component": 190, "type": 0, "opaque_id": 77}
    (message,) = MavlinkCodec(STATION).feed(
        MavlinkCodec(AUTOPILOT).encode(Message("MISSION_ACK", ack))
    )
    assert message["opaque_id"] == 77


def test_numbers_that_are_none_travel() -> None:
    """NaN says "not given" in many a field."""
    fields = {"target_system": 1, "target_component": 1, "param_id": "X", "param_type": 9}
    packet = MavlinkCodec(AUTOPILOT).encode(
        Message("PARAM_SET", {**fields, "param_value": math.nan})
    )
    (message,) = MavlinkCodec(STATION).feed(packet)
    assert math.isnan(message["param_value"])


def test_packets_with_flags_that_we_do_not_know_are_dropped() -> None:
    """They may mean that the rest lies otherwise."""
    packet = bytearray(MavlinkCodec(AUTOPILOT).encode(text("hello")))
    packet[2] |= 0x02
    assert MavlinkCodec(STATION).feed(bytes(packet)) == []


def test_a_message_survives_the_wire() -> None:
    """Fields, sender and the packet itself are all there."""
    packet = MavlinkCodec(AUTOPILOT).encode(text("hello"))
    (message,) = MavlinkCodec(STATION).feed(packet)
    assert (message.name, message["text"]) == ("STATUSTEXT", "hello")
    assert (message.system, message.component) == (7, 1)
    assert message.frame == packet


def test_packets_are_mavlink_2_and_numbered() -> None:
    """Each packet's sequence number follows the last one's."""
    codec = MavlinkCodec(AUTOPILOT)
    packets = [codec.encode(text("x")) for _ in range(257)]
    assert {packet[0] for packet in packets} == {0xFD}
    assert [packet[4] for packet in packets] == [i % 256 for i in range(257)]


@given(
    junk=st.lists(st.binary(max_size=30), min_size=4, max_size=4),
    cuts=st.lists(st.integers(1, 40), max_size=20),
)
@settings(deadline=None)
def test_messages_are_found_between_junk_in_any_pieces(junk: list[bytes], cuts: list[int]) -> None:
    """Boot texts and half packets cost no message; a false start only delays it."""
    codec = MavlinkCodec(AUTOPILOT)
    stream = b"".join(part + codec.encode(text(f"m{i}")) for i, part in enumerate(junk))
    stream += bytes(300)
    reader, found = MavlinkCodec(STATION), []
    for cut in [*cuts, len(stream)]:
        found += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert [w for w in words_in([m for m in found if m.fields]) if w.startswith("m")] == [
        "m0",
        "m1",
        "m2",
        "m3",
    ]


@given(position=st.integers(1, 40), flip=st.integers(1, 255))
def test_a_damaged_packet_is_dropped(position: int, flip: int) -> None:
    """What comes out was sent so."""
    packet = bytearray(MavlinkCodec(AUTOPILOT).encode(text("a text long enough to be damaged")))
    packet[position] ^= flip
    found = MavlinkCodec(STATION).feed(bytes(packet) + bytes(300))
    assert words_in([m for m in found if m.name == "STATUSTEXT"]) == []


@pytest.mark.parametrize(
    "message",
    [
        Message("NO_SUCH_MESSAGE"),
        Message("MISSION_COUNT", {"count": 70000}),
        Message("STATUSTEXT", {"wrong_field": 1}),
        Message("STATUSTEXT", {"severity": 1, "text": "x", "wrong_field": 1}),
        Message("GPS_STATUS", {"satellites_visible": 1, "satellite_prn": [1, 2]}),
    ],
)
def test_what_cannot_be_encoded_is_refused(message: Message) -> None:
    """By name, and the sequence number is not spent."""
    with pytest.raises(LinkError, match=message.name):
        MavlinkCodec(STATION).encode(message)
