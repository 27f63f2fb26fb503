"""Uploads over good and bad radios, against ArduPilot's observed behaviour."""

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.mavlink.protocol.constants import Command, Frame, MissionResult, MissionType
from flight.mavlink.protocol.exchange import RoundTrip
from flight.mavlink.protocol.messages import Message
from flight.mavlink.protocol.mission_items import WireItem
from flight.mavlink.protocol.mission_upload import MissionUpload, UploadOutcome
from tests.flight.mavlink.protocol.ardupilot_store import ArduPilotStore
from tests.flight.mavlink.protocol.wire import DIALOG, ME, Weather, converse, from_vehicle

GOOD_ENDS = {UploadOutcome.ACCEPTED, UploadOutcome.UNCONFIRMED}


def waypoints(count: int) -> list[WireItem]:
    """Return distinct waypoints."""
    frame = Frame.GLOBAL_RELATIVE_ALT_INT
    return [WireItem(Command.NAV_WAYPOINT, frame, x=i, y=-i, z=float(i)) for i in range(count)]


def upload_of(items: list[WireItem], window: int = 1, widest: int | None = None) -> MissionUpload:
    """Return an upload of a mission over a link not yet measured."""
    trip = RoundTrip()
    return MissionUpload(items, MissionType.MISSION, DIALOG, trip, window=window, widest=widest)


def outcome_of(upload: MissionUpload) -> UploadOutcome:
    """Return how a finished upload ended."""
    assert upload.result is not None
    return upload.result.outcome


def request(seq: int, mission_type: int = 0, name: str = "MISSION_REQUEST") -> Message:
    """Return the vehicle's request for an item."""
    return from_vehicle(name, seq=seq, mission_type=mission_type)


def ack(result: MissionResult, mission_type: int = 0) -> Message:
    """Return the vehicle's acknowledgement."""
    return from_vehicle("MISSION_ACK", type=int(result), mission_type=mission_type)


@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_a_clean_upload_takes_one_round_trip_per_item(count: int) -> None:
    """Over a clean radio nothing is sent twice."""
    vehicle, items = ArduPilotStore(), waypoints(count)
    upload = upload_of(items)
    took_s = converse(upload, vehicle, Weather(delay_s=0.2))
    assert outcome_of(upload) is UploadOutcome.ACCEPTED
    assert vehicle.items == items
    assert took_s == pytest.approx((count + 1) * 0.4)


def test_items_sent_ahead_save_the_waiting() -> None:
    """A window of four needs a quarter of the round trips, and nothing is sent twice."""
    vehicle, items = ArduPilotStore(), waypoints(101)
    upload = upload_of(items, window=4)
    took_s = converse(upload, vehicle, Weather(delay_s=0.2))
    assert outcome_of(upload) is UploadOutcome.ACCEPTED
    assert vehicle.items == items
    assert took_s == pytest.approx(27 * 0.4)


@pytest.mark.parametrize("coalescing", [True, False])
def test_bursts_that_grow_bring_a_hundred_items_on_board_in_seven_round_trips(
    coalescing: bool,
) -> None:
    """4 + 8 + 16 + 32 + 32 + the rest, whether each item is asked for or the newest only."""
    vehicle, items = ArduPilotStore(coalescing=coalescing), waypoints(100)
    upload = upload_of(items, window=4, widest=32)
    took_s = converse(upload, vehicle, Weather(delay_s=0.2))
    assert vehicle.items == items
    assert took_s == pytest.approx(7 * 0.4)


def sequence_numbers(messages: tuple[Message, ...]) -> list[int]:
    """Return which items are sent."""
    return [message["seq"] for message in messages]


def test_the_round_trip_of_items_sent_ahead_is_measured_from_their_sending() -> None:
    """Measured from the last request it would be too short, and patience with it."""
    trip = RoundTrip()
    upload = MissionUpload(waypoints(9), MissionType.MISSION, DIALOG, trip, window=4)
    upload.start(0.0)
    upload.receive(request(0), 1.0)
    for seq, now_s in ((1, 2.0), (2, 2.01), (3, 2.02)):
        upload.receive(request(seq), now_s)
    assert trip.smoothed_s == pytest.approx(1.0, rel=0.01)


@pytest.mark.parametrize(
    "trouble", [ack(MissionResult.INVALID_SEQUENCE), request(1)], ids=["refused", "asked again"]
)
def test_after_the_first_trouble_items_follow_one_by_one(trouble: Message) -> None:
    """What was ahead may be lost or overtaken; asked for, it is sent again."""
    upload = upload_of(waypoints(9), window=4)
    upload.start(0.0)
    assert sequence_numbers(upload.receive(request(0), 0.1)) == [0, 1, 2, 3]
    assert sequence_numbers(upload.receive(request(1), 0.2)) == [4]
    upload.receive(trouble, 0.3)
    assert sequence_numbers(upload.receive(request(2), 0.9)) == [2]
    assert sequence_numbers(upload.receive(request(3), 1.9)) == [3]


def test_requests_behind_trouble_repeat_nothing_that_may_still_arrive() -> None:
    """Each of a burst of requests would otherwise send its item a second time."""
    upload = upload_of(waypoints(99), window=8)
    upload.start(0.0)
    upload.receive(request(0), 0.1)
    upload.receive(ack(MissionResult.INVALID_SEQUENCE), 0.2)
    assert [upload.receive(request(seq), 0.21) for seq in range(1, 6)] == [()] * 5
    assert sequence_numbers(upload.tick(upload.deadline_s)) == [5]


def test_a_request_for_a_later_item_proves_that_the_earlier_were_taken() -> None:
    """ArduPilot asks for the newest only; what is under way is doubled each time, to a limit."""
    upload = upload_of(waypoints(99), window=4, widest=16)
    upload.start(0.0)
    assert sequence_numbers(upload.receive(request(0), 0.1)) == [0, 1, 2, 3]
    assert sequence_numbers(upload.receive(request(4), 0.2)) == [*range(4, 12)]
    assert sequence_numbers(upload.receive(request(12), 0.3)) == [*range(12, 28)]
    assert sequence_numbers(upload.receive(request(28), 0.4)) == [*range(28, 44)]


def test_an_overtaken_request_does_not_take_the_upload_back() -> None:
    """A request from before the burst says nothing new, and the next one is followed."""
    upload = upload_of(waypoints(99), window=4)
    upload.start(0.0)
    upload.receive(request(0), 0.1)
    upload.receive(request(4), 0.2)
    upload.receive(request(2), 0.21)
    assert upload.items_asked_for == 5
    assert sequence_numbers(upload.receive(request(8), 0.9)) == [8]


def test_a_vehicle_that_starts_again_is_followed_back() -> None:
    """A late repetition of our count makes ArduPilot begin anew."""
    upload = upload_of(waypoints(99), window=4)
    upload.start(0.0)
    for seq in (0, 4, 8):
        upload.receive(request(seq), 0.1)
    assert sequence_numbers(upload.receive(request(0), 5.0)) == [0]
    assert sequence_numbers(upload.receive(request(1), 5.1)) == [1]


def test_a_refusal_among_items_sent_ahead_names_none_of_them() -> None:
    """MISSION_ACK does not say which item it is about; one by one it would be plain."""
    upload = upload_of(waypoints(9), window=4)
    upload.start(0.0)
    upload.receive(request(0), 0.1)
    upload.receive(ack(MissionResult.UNSUPPORTED), 0.2)
    assert upload.result is not None
    assert (upload.result.item_index, upload.result.about_one_of_several) == (None, True)


def test_silence_ends_sending_ahead() -> None:
    """The item that was asked for last is sent again, alone, and so are all after it."""
    upload = upload_of(waypoints(9), window=4)
    upload.start(0.0)
    upload.receive(request(0), 0.1)
    assert sequence_numbers(upload.tick(upload.deadline_s)) == [0]
    assert sequence_numbers(upload.receive(request(1), 9.0)) == [1]


@given(
    window=st.integers(1, 6),
    widest=st.integers(1, 32),
    coalescing=st.booleans(),
    loss=st.floats(0.0, 0.2),
    duplication=st.floats(0.0, 1.0),
    jitter_s=st.floats(0.0, 0.05),
    count=st.integers(1, 40),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None, max_examples=150)
def test_uploads_end_well_whatever_the_radio_does(
    window: int,
    widest: int,
    coalescing: bool,
    loss: float,
    duplication: float,
    jitter_s: float,
    count: int,
    seed: int,
) -> None:
    """Loss, duplication and reordering never end an upload that goes on at the vehicle."""
    vehicle, items = ArduPilotStore(coalescing=coalescing), waypoints(count)
    weather = Weather(loss, duplication, 0.005, jitter_s, seed)
    for _ in range(4):
        upload = upload_of(items, window, widest)
        converse(upload, vehicle, weather)
        if outcome_of(upload) in GOOD_ENDS and vehicle.items == items:
            return
    pytest.fail(f"not on board after four transactions: {upload.result}")


@pytest.mark.parametrize(
    ("loss", "limit_s"), [(0.05, 5.0), (0.10, 15.0), (0.20, 60.0)], ids=["5%", "10%", "20%"]
)
def test_lossy_uploads_of_100_items_are_quick(loss: float, limit_s: float) -> None:
    """A lost packet costs a few round trips, not the vehicle's one-second timer."""
    times_s = []
    for seed in range(20):
        vehicle, items = ArduPilotStore(), waypoints(100)
        upload = upload_of(items)
        times_s.append(converse(upload, vehicle, Weather(loss=loss, seed=seed)))
        assert outcome_of(upload) in GOOD_ENDS
        assert vehicle.items == items
    assert statistics.median(times_s) < limit_s
    assert max(times_s) < 2 * limit_s


def test_duplicated_and_reordered_packets_do_not_repeat_the_upload() -> None:
    """INVALID_SEQUENCE is the vehicle's word for "again?", not for "no"."""
    vehicle, items = ArduPilotStore(), waypoints(60)
    upload = upload_of(items)
    converse(upload, vehicle, Weather(duplication=1.0, jitter_s=0.02, seed=3))
    assert outcome_of(upload) in GOOD_ENDS
    assert vehicle.items == items


def test_a_long_round_trip_causes_no_repetition() -> None:
    """Patience follows the link: 400 ms round trips take 1.2 times their number at most."""
    vehicle, items = ArduPilotStore(), waypoints(500)
    upload = upload_of(items)
    took_s = converse(upload, vehicle, Weather(delay_s=0.2, jitter_s=0.01))
    assert vehicle.items == items
    assert took_s < 1.2 * 501 * 0.41


def test_a_lost_final_acknowledgement_leaves_the_upload_unconfirmed() -> None:
    """The repeated last item earns MISSION_ERROR from the idle vehicle: a read-back decides."""
    vehicle, items = ArduPilotStore(lost_final_acks=1), waypoints(5)
    upload = upload_of(items)
    converse(upload, vehicle, Weather())
    assert outcome_of(upload) is UploadOutcome.UNCONFIRMED
    assert vehicle.items == items


def test_a_refused_item_is_named() -> None:
    """The refusal is about the item last asked for."""
    items = waypoints(5)
    items[3] = WireItem(Command.DO_CHANGE_SPEED)
    vehicle = ArduPilotStore(refused_command=Command.DO_CHANGE_SPEED)
    upload = upload_of(items)
    converse(upload, vehicle, Weather())
    assert upload.result is not None
    assert upload.result.outcome is UploadOutcome.REFUSED
    assert (upload.result.answer, upload.result.item_index) == (MissionResult.UNSUPPORTED, 3)


def test_a_list_that_does_not_fit_is_refused_as_a_whole() -> None:
    """NO_SPACE comes before the first request and names no item."""
    upload = upload_of(waypoints(11))
    converse(upload, ArduPilotStore(capacity=10), Weather())
    assert upload.result is not None
    assert (upload.result.answer, upload.result.item_index) == (MissionResult.NO_SPACE, None)


def test_a_silent_vehicle_ends_the_upload() -> None:
    """Nobody waits for ever."""
    upload = upload_of(waypoints(3))
    took_s = converse(upload, ArduPilotStore(), Weather(loss=1.0))
    assert outcome_of(upload) is UploadOutcome.STALLED
    assert took_s < 60.0


@pytest.mark.parametrize("name", ["MISSION_REQUEST", "MISSION_REQUEST_INT"])
def test_every_kind_of_request_gets_an_integer_item(name: str) -> None:
    """ArduPilot asks with the float request and wants the integer item."""
    upload = upload_of(waypoints(2))
    upload.start(0.0)
    (answer,) = upload.receive(request(0, name=name), 0.1)
    assert answer.name == "MISSION_ITEM_INT"
    assert (answer["seq"], answer["mission_type"]) == (0, 0)


def test_a_request_from_an_earlier_transaction_is_not_answered() -> None:
    """Before its first item is asked for, an upload answers nothing else."""
    upload = upload_of(waypoints(5))
    upload.start(0.0)
    assert upload.receive(request(3), 0.1) == ()
    assert upload.items_asked_for == 0


@pytest.mark.parametrize(
    "late",
    [
        MissionResult.ACCEPTED,
        MissionResult.INVALID_SEQUENCE,
        MissionResult.ERROR,
        MissionResult.OPERATION_CANCELLED,
    ],
)
def test_an_acknowledgement_from_an_earlier_transaction_changes_nothing(
    late: MissionResult,
) -> None:
    """Echoes arriving before the first request neither end nor fail the upload."""
    upload = upload_of(waypoints(5))
    upload.start(0.0)
    assert upload.receive(ack(late), 0.1) == ()
    assert not upload.done


def test_an_early_acceptance_is_not_believed() -> None:
    """A vehicle cannot accept what it has not asked for."""
    upload = upload_of(waypoints(5))
    upload.start(0.0)
    upload.receive(request(0), 0.1)
    upload.receive(ack(MissionResult.ACCEPTED), 0.2)
    assert not upload.done


@pytest.mark.parametrize(
    "message",
    [
        request(0, mission_type=1),
        Message("MISSION_REQUEST", {"seq": 0, "mission_type": 0, "target_system": 9}, 1, 1),
        Message("MISSION_REQUEST", {"seq": 0, "mission_type": 0}, 2, 1),
        Message("MISSION_REQUEST", {"seq": 0, "mission_type": 0}, 1, 154),
    ],
    ids=["another list", "another station", "another vehicle", "another component"],
)
def test_what_is_not_for_this_upload_is_left_alone(message: Message) -> None:
    """Ids and mission type are checked on everything."""
    upload = upload_of(waypoints(2))
    upload.start(0.0)
    assert upload.receive(message, 0.1) == ()


def test_a_repeated_request_is_served_again() -> None:
    """A lost item is asked for again and sent again."""
    upload = upload_of(waypoints(5))
    upload.start(0.0)
    first = upload.receive(request(0), 0.1)
    assert upload.receive(request(0), 0.2) == first


def test_the_item_after_a_repeated_one_follows_unasked_and_once() -> None:
    """INVALID_SEQUENCE after our repetition proves that a request was lost."""
    upload = upload_of(waypoints(5))
    upload.start(0.0)
    upload.receive(request(0), 0.1)
    upload.tick(upload.deadline_s)
    (following,) = upload.receive(ack(MissionResult.INVALID_SEQUENCE), upload.deadline_s - 0.01)
    assert following["seq"] == 1
    assert upload.receive(ack(MissionResult.INVALID_SEQUENCE), upload.deadline_s - 0.01) == ()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (MissionResult.DENIED, UploadOutcome.BUSY),
        (MissionResult.OPERATION_CANCELLED, UploadOutcome.STALLED),
        (MissionResult.ERROR, UploadOutcome.STALLED),
        (MissionResult.INVALID_PARAM5_X, UploadOutcome.REFUSED),
    ],
)
def test_each_refusal_in_mid_upload_has_its_meaning(
    answer: MissionResult, outcome: UploadOutcome
) -> None:
    """Busy and stalled are worth another try; a refused item is not."""
    upload = upload_of(waypoints(5))
    upload.start(0.0)
    upload.receive(request(0), 0.1)
    upload.receive(ack(answer), 0.2)
    assert outcome_of(upload) is outcome


def test_messages_name_our_target_and_list() -> None:
    """The count goes to the vehicle's autopilot and says which list it is about."""
    upload = MissionUpload(waypoints(2), MissionType.FENCE, DIALOG, RoundTrip())
    (count,) = upload.start(0.0)
    assert (count["target_system"], count["target_component"]) == (1, 1)
    assert (count["count"], count["mission_type"]) == (2, MissionType.FENCE)
    assert ME.system not in (255, 1)
