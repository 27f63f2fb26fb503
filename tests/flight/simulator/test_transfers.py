"""The mission protocol as ArduPilot speaks it: every quirk that a client must survive."""

import math

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from flight.simulator.mavlink_ids import Command
from flight.simulator.mavlink_ids import TransferResult as Result
from flight.simulator.settings import Personality, World
from flight.simulator.transfers import newest_requests
from tests.flight.simulator.station import (
    BOX,
    GUIDED,
    HOME_ITEM,
    RETURN,
    SQUARE,
    TAKEOFF,
    Item,
    Station,
    item,
    polygon,
    ready,
    waypoint,
)


def begin(station: Station, count: int = 3, kind: int = 0) -> None:
    """Open an upload without sending an item."""
    station.send("MISSION_COUNT", count=count, mission_type=kind)


def test_upload_is_asked_for_with_mission_request_not_int_one_item_per_round_trip() -> None:
    """ArduPilot asks with message 40 and for one item at a time."""
    station = ready()
    first = station.send("MISSION_COUNT", count=3, mission_type=0)
    second = station.put(0, SQUARE)
    assert [(each.name, each["seq"]) for each in first] == [("MISSION_REQUEST", 0)]
    assert [(each.name, each["seq"]) for each in second] == [("MISSION_REQUEST", 1)]


def test_of_requests_due_at_once_only_the_newest_is_sent() -> None:
    """ArduPilot notes that it must ask, and asks after reading all that has come."""
    station = ready()
    replies = station.send("MISSION_COUNT", count=7, mission_type=0)
    for number in (0, 1, 5, 2):
        replies += station.put(number, SQUARE)
    sent = newest_requests(replies)
    assert [each.name for each in sent] == ["MISSION_ACK", "MISSION_REQUEST"]
    assert (sent[0]["type"], sent[1]["seq"]) == (Result.INVALID_SEQUENCE, 3)


def test_an_ended_upload_asks_for_nothing_any_more() -> None:
    """The acceptance alone is sent when the last items came at once."""
    station = ready()
    begin(station, count=2)
    replies = station.put(0, SQUARE) + station.put(1, SQUARE)
    assert [each.name for each in newest_requests(replies)] == ["MISSION_ACK"]


def test_px4_asks_for_every_item_it_wants() -> None:
    """What is held back is ArduPilot's habit."""
    station = ready(World(personality=Personality.PX4, boot_age_s=60.0))
    replies = station.send("MISSION_COUNT", count=7, mission_type=0) + station.put(0, SQUARE)
    assert [each["seq"] for each in newest_requests(replies)] == [0, 1]


def test_upload_ends_with_accepted() -> None:
    """The last item is answered by MISSION_ACK ACCEPTED."""
    station = ready()
    ack = station.upload(SQUARE)
    assert (ack.name, ack["type"]) == ("MISSION_ACK", Result.ACCEPTED)


def test_replies_are_addressed_to_whom_they_answer() -> None:
    """Requests and acknowledgements carry the uploader's ids."""
    station = ready()
    ack = station.upload(SQUARE)
    assert (ack["target_system"], ack["target_component"]) == (245, 190)


@pytest.mark.parametrize("sequence", [0, 2, 5])
def test_wrong_sequence_is_answered_and_the_upload_goes_on(sequence: int) -> None:
    """INVALID_SEQUENCE is not terminal: the item that was asked for is still taken."""
    station = ready()
    begin(station)
    station.put(0, SQUARE)
    wrong = station.put(sequence, SQUARE)
    right = station.put(1, SQUARE)
    assert [each["type"] for each in wrong] == [Result.INVALID_SEQUENCE]
    assert [(each.name, each["seq"]) for each in right] == [("MISSION_REQUEST", 2)]


def test_missing_item_is_asked_for_again_every_second() -> None:
    """Without an answer the request is repeated each simulated second."""
    station = ready()
    begin(station)
    asked = [each for each in station.listen(3.5) if each.name == "MISSION_REQUEST"]
    assert [each["seq"] for each in asked] == [0, 0, 0]


def test_upload_is_cancelled_after_eight_seconds_without_an_item() -> None:
    """OPERATION_CANCELLED ends a stalled upload, with a text."""
    station = ready()
    begin(station)
    early = [each for each in station.listen(7.8) if each.name == "MISSION_ACK"]
    late = [each for each in station.listen(0.5) if each.name == "MISSION_ACK"]
    assert early == []
    assert [each["type"] for each in late] == [Result.OPERATION_CANCELLED]
    assert "Mission upload timeout" in station.texts()


def test_item_without_upload_is_an_error() -> None:
    """So a resent last item, after a lost final ACCEPTED, gives ERROR."""
    station = ready()
    station.upload(SQUARE)
    (ack,) = station.put(len(SQUARE) - 1, SQUARE)
    assert ack["type"] == Result.ERROR


def test_second_station_is_denied_during_an_upload() -> None:
    """COUNT, items and the list are denied to another system id."""
    station = ready()
    begin(station)
    other = Station(station.vehicle, system=255, channel=1)
    answers = [
        *other.send("MISSION_COUNT", count=2, mission_type=0),
        *other.put(0, SQUARE),
        *other.send("MISSION_REQUEST_LIST", mission_type=0),
        *other.send("MISSION_CLEAR_ALL", mission_type=0),
    ]
    assert [each["type"] for each in answers] == [Result.DENIED] * 4


def test_list_is_denied_even_to_the_uploader() -> None:
    """A download does not mix with an upload."""
    station = ready()
    begin(station)
    (ack,) = station.send("MISSION_REQUEST_LIST", mission_type=0)
    assert ack["type"] == Result.DENIED


def test_clearing_cancels_ones_own_upload() -> None:
    """After CLEAR_ALL the next item finds no upload."""
    station = ready()
    begin(station)
    (cleared,) = station.send("MISSION_CLEAR_ALL", mission_type=0)
    (ack,) = station.put(0, SQUARE)
    assert [cleared["type"], ack["type"]] == [Result.ACCEPTED, Result.ERROR]


@pytest.mark.parametrize(("kind", "capacity"), [(0, 650), (1, 70)])
def test_too_many_items_are_refused_at_the_count(kind: int, capacity: int) -> None:
    """NO_SPACE comes at once, and the text tells the capacity."""
    station = ready()
    (ack,) = station.send("MISSION_COUNT", count=capacity + 1, mission_type=kind)
    station.listen(0.2)
    assert ack["type"] == Result.NO_SPACE
    assert f"Only {capacity} items are supported" in station.texts()


def test_mission_of_full_capacity_is_taken() -> None:
    """650 items, home included."""
    station = ready()
    items = [HOME_ITEM, TAKEOFF, *[waypoint(index, 0) for index in range(648)]]
    assert station.upload(items)["type"] == Result.ACCEPTED


def test_count_truncates_and_items_overwrite_in_place() -> None:
    """A stalled upload leaves a mixture of new and old, which would be flown."""
    station = ready()
    old = [HOME_ITEM, *[waypoint(10 * index, 0) for index in range(1, 8)]]
    new = [HOME_ITEM, *[waypoint(10 * index, 50) for index in range(1, 6)]]
    station.upload(old)
    begin(station, count=len(new))
    for sequence in range(3):
        station.put(sequence, new)
    station.listen(9)
    board = station.read_back()
    assert len(board) == 6
    assert [new[1]["y"], new[2]["y"]] == [each["y"] for each in board[1:3]]
    assert [old[3]["y"]] * 3 == [each["y"] for each in board[3:]]


def test_rejected_item_ends_the_upload_and_leaves_a_mixture() -> None:
    """What came before the bad item is on board already."""
    station = ready()
    station.upload([HOME_ITEM, waypoint(10, 0), waypoint(20, 0)])
    ack = station.upload([HOME_ITEM, waypoint(10, 9), item(530)])
    board = station.read_back()
    assert ack["type"] == Result.UNSUPPORTED
    assert [waypoint(10, 9)["y"], waypoint(20, 0)["y"]] == [each["y"] for each in board[1:]]
    (late,) = station.put(2, SQUARE)
    assert late["type"] == Result.ERROR


@pytest.mark.parametrize(
    ("bad", "result"),
    [
        (item(530), Result.UNSUPPORTED),
        (item(260), Result.UNSUPPORTED),
        (item(2003), Result.UNSUPPORTED),
        (waypoint(1, 1) | {"frame": 1}, Result.UNSUPPORTED_FRAME),
        (waypoint(1, 1) | {"param1": math.nan}, Result.INVALID_PARAM1),
        (waypoint(1, 1) | {"x": 950_000_000}, Result.INVALID_PARAM5_X),
        (waypoint(1, 1) | {"y": 1_900_000_000}, Result.INVALID_PARAM6_Y),
        (waypoint(1, 1) | {"z": math.nan}, Result.INVALID_PARAM7),
    ],
)
def test_bad_item_is_refused_with_its_reason(bad: Item, result: Result) -> None:
    """The acknowledgement names what is wrong."""
    assert ready().upload([HOME_ITEM, TAKEOFF, bad])["type"] == result


@pytest.mark.parametrize(
    "command",
    [16, 19, 20, 21, 22, 82, 93, 115, 178, 189, 195, 203, 205, 206, 207, 1000, 2000, 2500],
)
def test_command_is_accepted_in_a_mission(command: int) -> None:
    """These commands are taken by an ArduCopter."""
    assert ready().upload([HOME_ITEM, item(command, 5, 5)])["type"] == Result.ACCEPTED


@pytest.mark.parametrize(
    "strange",
    [item(Command.WAYPOINT, z=40.0), waypoint(50_000, 0), waypoint(1, 1, param4=math.nan)],
)
def test_geography_is_not_checked(strange: Item) -> None:
    """Latitude and longitude zero, a leg of 50 km and a yaw of NaN are all taken."""
    assert ready().upload([HOME_ITEM, TAKEOFF, strange])["type"] == Result.ACCEPTED


def test_read_back_differs_as_on_ardupilot() -> None:
    """Frames, heights and parameters come back as ArduPilot stores them."""
    station = ready()
    station.upload(
        [
            HOME_ITEM,
            waypoint(10, 10, 30.126, frame=6, param1=3.7, param2=5.0, param4=90.0),
            waypoint(10, 10, 30.126, frame=5),
            item(Command.CHANGE_SPEED, param2=8.0, frame=3),
            RETURN,
        ]
    )
    board = station.read_back()
    assert [each["frame"] for each in board] == [0, 3, 0, 0, 0]
    assert [each["z"] for each in board[1:3]] == [30.12, 30.12]
    assert tuple(board[1][f"param{index}"] for index in (1, 2, 4)) == (3.0, 0.0, 0.0)
    assert board[3]["param2"] == 8.0


def test_item_zero_is_home_from_arming_on() -> None:
    """Zeros before, the place of arming after."""
    station = ready()
    station.upload([waypoint(500, 500), TAKEOFF])
    before = station.read_back()[0]
    station.mode(GUIDED)
    station.command(Command.ARM_DISARM, 1)
    station.listen(0.2)
    after = station.read_back()[0]
    assert (before["x"], before["y"]) == (0, 0)
    assert (after["x"], after["y"], after["z"]) == (331_600_000, 1_156_200_000, 30.0)


def test_float_request_is_answered_with_a_float_item() -> None:
    """MISSION_REQUEST gives MISSION_ITEM in degrees."""
    station = ready()
    station.upload(SQUARE)
    (answer,) = station.send("MISSION_REQUEST", seq=4, mission_type=0)
    assert answer.name == "MISSION_ITEM"
    assert answer["x"] == pytest.approx(SQUARE[4]["x"] / 1e7)


def test_item_may_come_as_a_float_message() -> None:
    """MISSION_ITEM is understood too."""
    station = ready()
    begin(station, count=2)
    station.put(0, SQUARE)
    fields = waypoint(10, 10) | {"x": 33.1601, "y": 115.6201}
    (ack,) = station.send(
        "MISSION_ITEM", seq=1, mission_type=0, current=0, autocontinue=1, **fields
    )
    assert ack["type"] == Result.ACCEPTED
    assert station.read_back()[1]["x"] == 331_601_000


def test_request_beyond_the_list_is_refused() -> None:
    """There is no such item."""
    (answer,) = ready().send("MISSION_REQUEST_INT", seq=3, mission_type=0)
    assert answer["type"] == Result.INVALID_SEQUENCE


def test_count_of_zero_clears() -> None:
    """An empty upload is a clear."""
    station = ready()
    station.upload(SQUARE)
    (ack,) = station.send("MISSION_COUNT", count=0, mission_type=0)
    assert ack["type"] == Result.ACCEPTED
    assert station.read_back() == []


def test_lists_are_kept_apart() -> None:
    """Mission and fence do not touch each other, even while both are uploaded."""
    station = ready()
    station.upload(SQUARE)
    begin(station, count=4, kind=1)
    assert station.upload(SQUARE)["type"] == Result.ACCEPTED
    station.put(0, BOX, 1)
    assert len(station.read_back()) == len(SQUARE)


def test_fence_is_validated_only_at_its_end_and_atomically() -> None:
    """A refused fence leaves the old one on board."""
    station = ready()
    assert station.upload(BOX, 1)["type"] == Result.ACCEPTED
    wrong = [*polygon((0, 0), (9, 0), (9, 9))[:2], item(5003, 5, 5, param1=10.0)]
    assert station.upload(wrong, 1)["type"] == Result.ERROR
    station.listen(0.2)
    assert {"Incorrect item count", "Fence validation failed"} <= set(station.texts())
    assert [each["x"] for each in BOX] == [each["x"] for each in station.read_back(1)]


@pytest.mark.parametrize(
    "wrong",
    [
        polygon((0, 0), (9, 0)),
        [item(5003, 5, 5, param1=0.0)],
        [item(5003, 5, 5, param1=9.0, x=950_000_000)],
        polygon((0, 0), (9, 0), (9, 9))[:2],
        polygon(*[(float(index), float(index % 2)) for index in range(70)]),
    ],
)
def test_impossible_fence_is_refused(wrong: list[Item]) -> None:
    """Too few corners, no radius, no place, a wrong count, or 70 corners in one polygon."""
    assert ready().upload(wrong, 1)["type"] == Result.ERROR


def test_fence_in_the_mission_frame_is_refused_at_once() -> None:
    """Frame 2 is UNSUPPORTED_FRAME."""
    assert ready().upload([item(5003, 5, 5, param1=9.0, frame=2)], 1)["type"] == (
        Result.UNSUPPORTED_FRAME
    )


def test_bow_tie_is_accepted() -> None:
    """ArduPilot does not look at the shape: the client must."""
    tie = polygon((0, 0), (50, 50), (50, 0), (0, 50))
    assert ready().upload(tie, 1)["type"] == Result.ACCEPTED


def circles(count: int) -> list[Item]:
    """Return some circles."""
    return [item(5003, 5, 5, param1=200.0 + index) for index in range(count)]


@pytest.mark.parametrize(("count", "kept"), [(1, 0), (2, 0), (3, 3)])
def test_few_circles_after_a_polygon_are_accepted_and_then_lost(count: int, kept: int) -> None:
    """ArduPilot's bug: read the fence back a second later, not at once."""
    station = ready()
    station.upload(BOX, 1)
    assert station.upload(circles(count), 1)["type"] == Result.ACCEPTED
    at_once = len(station.read_back(1))
    station.listen(1)
    assert (count, kept) == (at_once, len(station.read_back(1)))


def test_circles_on_an_empty_store_are_kept() -> None:
    """The bug needs a polygon before."""
    station = ready()
    station.upload(circles(1), 1)
    station.listen(1)
    assert len(station.read_back(1)) == 1


def test_message_for_another_vehicle_is_ignored() -> None:
    """A count for system 7 starts nothing on system 1."""
    assert ready().send("MISSION_COUNT", count=2, mission_type=0, target_system=7) == []


@effort(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-300, 300), st.integers(-300, 300), st.floats(5, 100)), max_size=20
    ),
    st.lists(st.integers(0, 30), max_size=40),
)
def test_upload_with_stray_items_still_arrives(
    places: list[tuple[int, int, float]], strays: list[int]
) -> None:
    """Whatever duplicates and late items come in between, the right items end up on board."""
    items = [HOME_ITEM, TAKEOFF, *[waypoint(*place) for place in places]]
    station = ready()
    replies = station.send("MISSION_COUNT", count=len(items), mission_type=0)
    pending = list(strays)
    while replies[-1].name == "MISSION_REQUEST":
        wanted = replies[-1]["seq"]
        if pending and (stray := pending.pop() % len(items)) != wanted:
            assert station.put(stray, items)[0]["type"] == Result.INVALID_SEQUENCE
        replies = station.put(wanted, items)
    assert replies[-1]["type"] == Result.ACCEPTED
    board = station.read_back()
    assert [(each["x"], each["y"]) for each in board] == [(each["x"], each["y"]) for each in items]
