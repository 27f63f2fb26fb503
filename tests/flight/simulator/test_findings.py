"""What was observed on a real ArduPilot, finding by finding, shown by the simulated one.

The numbers are those of the list of quirks that the client is tested against as well. What needs a
socket (1, 3) is in `test_runner`, what needs a clock of its own (5) in `test_virtual_loop`.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from flight.simulator.mavlink_ids import MESSAGE_NAMES, Command
from flight.simulator.settings import VehicleFault, VehicleFaultKind, World
from tests.flight.simulator.station import (
    AUTO,
    BOX,
    BRAKE,
    EXACT,
    GUIDED,
    HOME_ITEM,
    LOITER,
    RETURN,
    RTL,
    SQUARE,
    TAKEOFF,
    Item,
    Station,
    item,
    polygon,
    ready,
    waypoint,
)

ID = {name: number for number, name in MESSAGE_NAMES.items()}
ACCEPTED, DENIED, UNSUPPORTED, FAILED = 0, 2, 3, 4
M_ERROR, M_FRAME, M_UNSUPPORTED, M_NO_SPACE, M_SEQUENCE, M_DENIED, M_CANCELLED = (
    1,
    2,
    3,
    4,
    13,
    14,
    15,
)
PREARM = 1 << 28
FRESH = World(boot_age_s=0.0, sigmas=EXACT)
HOVERS = (HOME_ITEM, TAKEOFF, waypoint(60, 0))
LONG = (HOME_ITEM, TAKEOFF, waypoint(300, 0), waypoint(300, 300), RETURN)


def prearm(station: Station) -> bool:
    """Return the bit that says whether the present mode could arm."""
    return bool(station.ask(ID["SYS_STATUS"])["onboard_control_sensors_health"] & PREARM)


def said(station: Station, text: str) -> bool:
    """Tell whether any status text holds this one."""
    return any(text in each for each in station.texts())


def on_patrol(items: Sequence[Item] = LONG, **changes: Any) -> Station:
    """Return a station whose aircraft flies to its first waypoint."""
    station = ready(**changes)
    station.start(items)
    station.fly_until(lambda: station.vehicle.autopilot.mission.current == 2)
    return station


def test_finding_1_commands_right_after_the_boot_are_lost() -> None:
    """No answer in the first two seconds; a mission's count neither."""
    station = ready(FRESH)
    station.listen(1)
    assert station.command(Command.REQUEST_CAPABILITIES) is None
    assert station.send("MISSION_COUNT", count=2, mission_type=0) == []
    station.listen(2)
    assert station.command(Command.REQUEST_CAPABILITIES) == ACCEPTED


def test_finding_2_nothing_but_heartbeats_and_texts_comes_unasked() -> None:
    """Until an interval is set; a new listener must ask anew."""
    station = ready()
    assert {message.name for message in station.listen(5)} == {"HEARTBEAT"}
    station.command(Command.SET_MESSAGE_INTERVAL, ID["GLOBAL_POSITION_INT"], 100_000)
    told = [message.name for message in station.listen(2)]
    assert told.count("GLOBAL_POSITION_INT") == pytest.approx(20, abs=1)
    station.vehicle.open_channel(0)
    assert {message.name for message in station.listen(3)} == {"HEARTBEAT"}


def test_finding_4_an_unknown_parameter_is_not_answered() -> None:
    """Neither asked for nor set."""
    station = ready()
    assert station.send("PARAM_REQUEST_READ", param_id="NO_SUCH", param_index=-1) == []
    assert station.send("PARAM_SET", param_id="NO_SUCH", param_value=1.0, param_type=9) == []


def test_finding_4_a_reboot_is_acknowledged_first() -> None:
    """And refused in flight."""
    station = ready()
    assert station.command(Command.REBOOT, 1) == ACCEPTED
    assert on_patrol().command(Command.REBOOT, 1) == FAILED


def test_finding_6_ready_in_stabilize_is_not_ready_in_guided() -> None:
    """At 23 s the flag is good in STABILIZE; GUIDED refuses until about 42 s."""
    station = ready(FRESH)
    station.listen(30)
    assert prearm(station)
    station.mode(GUIDED)
    assert not prearm(station)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    station.listen(14)
    assert said(station, "Need Position Estimate")
    assert prearm(station)
    assert station.command(Command.ARM_DISARM, 1) == ACCEPTED


def test_finding_7_a_mode_set_while_booting_is_lost() -> None:
    """Acknowledged, and STABILIZE soon afterwards."""
    station = ready(FRESH)
    station.listen(3)
    assert station.mode(GUIDED) == ACCEPTED
    station.listen(4)
    assert station.now_mode == "STABILIZE"


def test_finding_8_reasons_follow_the_refusal() -> None:
    """FAILED at once, the texts within a second; arming what is armed is accepted."""
    station = ready(FRESH)
    station.listen(10)
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    assert station.texts() == []
    station.listen(1)
    assert [text for text in station.texts() if text.startswith("Arm: ")]
    armed = ready()
    armed.mode(GUIDED)
    assert [armed.command(Command.ARM_DISARM, 1) for _ in range(2)] == [ACCEPTED, ACCEPTED]


def test_finding_9_auto_does_not_arm_and_does_not_take_off_by_itself() -> None:
    """AUTO refuses to arm; armed in GUIDED and switched to AUTO it stands, and disarms."""
    station = ready()
    station.upload(SQUARE)
    station.mode(AUTO)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == ACCEPTED
    assert station.mode(AUTO) == ACCEPTED
    station.listen(9)
    assert not said(station, "Disarming motors")
    station.listen(4)
    assert not station.vehicle.armed
    assert station.height_m == 0
    assert said(station, "Disarming motors")


def test_finding_9_options_let_auto_arm_and_take_off() -> None:
    """AUTO_OPTIONS=3: AUTO, arm, and it flies."""
    station = ready()
    station.set_parameter("AUTO_OPTIONS", 3)
    station.upload(SQUARE)
    station.mode(AUTO)
    assert station.command(Command.ARM_DISARM, 1) == ACCEPTED
    station.fly_until(lambda: station.height_m > 5, 30)


def test_finding_10_a_start_is_accepted_though_nothing_moves() -> None:
    """Disarmed; and denied with a first item."""
    station = ready()
    station.upload(SQUARE)
    assert station.command(Command.MISSION_START) == ACCEPTED
    station.listen(5)
    assert not station.vehicle.armed
    assert station.command(Command.MISSION_START, 1) == DENIED


def test_finding_11_a_mission_must_begin_with_a_take_off() -> None:
    """FAILED with its reason on the ground; an empty one is refused when armed."""
    station = ready()
    station.upload((HOME_ITEM, waypoint(50, 0)))
    station.mode(GUIDED)
    station.command(Command.ARM_DISARM, 1)
    assert station.command(Command.MISSION_START) == FAILED
    station.listen(0.2)
    assert said(station, "Auto: Missing Takeoff Cmd")
    empty = ready()
    assert empty.mode(AUTO) == ACCEPTED
    empty.listen(0.2)
    assert said(empty, "PreArm: Mode requires mission")
    empty.mode(GUIDED)
    empty.command(Command.ARM_DISARM, 1)
    assert empty.mode(AUTO) == FAILED


def test_finding_12_what_cannot_be_done_is_refused_each_in_its_way() -> None:
    """Take-off disarmed, an unknown command, an unknown mode."""
    station = ready()
    station.mode(GUIDED)
    assert station.command(Command.TAKEOFF, 0, 0, 0, 0, 0, 0, 10) == FAILED
    assert station.command(31_999) == UNSUPPORTED
    assert station.mode(99) == FAILED
    station.listen(0.2)
    assert said(station, "No such mode 99")


def test_finding_13_items_are_asked_for_by_the_old_request() -> None:
    """MISSION_REQUEST, and MISSION_ITEM_INT is what it wants."""
    (request,) = ready().send("MISSION_COUNT", count=3, mission_type=0)
    assert request.name == "MISSION_REQUEST"


def test_finding_14_a_wrong_sequence_does_not_end_an_upload() -> None:
    """INVALID_SEQUENCE for a repeated item, and the upload goes on to its end."""
    station = ready()
    station.send("MISSION_COUNT", count=len(SQUARE), mission_type=0)
    station.put(0, SQUARE)
    (ack,) = station.put(0, SQUARE)
    assert (ack.name, ack["type"]) == ("MISSION_ACK", M_SEQUENCE)
    for sequence in range(1, len(SQUARE)):
        replies = station.put(sequence, SQUARE)
    assert replies[-1]["type"] == 0


def test_finding_15_an_item_is_asked_for_each_second_and_given_up_after_eight() -> None:
    """Then OPERATION_CANCELLED with a text; an item without an upload is an ERROR."""
    station = ready()
    station.send("MISSION_COUNT", count=3, mission_type=0)
    told = station.listen(10)
    asked = [message for message in told if message.name == "MISSION_REQUEST"]
    acks = [message["type"] for message in told if message.name == "MISSION_ACK"]
    assert len(asked) == pytest.approx(7, abs=1)
    assert acks == [M_CANCELLED]
    assert said(station, "Mission upload timeout")
    assert station.put(2, SQUARE)[0]["type"] == M_ERROR


def test_finding_16_a_broken_upload_leaves_a_mixture() -> None:
    """New items over old ones, cut to the new count; a fence stays the old one instead."""
    station = ready()
    station.upload(SQUARE)
    new = (HOME_ITEM, TAKEOFF, waypoint(11, 0), waypoint(22, 0), waypoint(33, 0))
    station.send("MISSION_COUNT", count=len(new), mission_type=0)
    for sequence in range(3):
        station.put(sequence, new)
    station.listen(10)
    board = station.read_back()
    assert len(board) == len(new)
    assert board[2]["x"] == new[2]["x"]
    assert board[4]["x"] == SQUARE[4]["x"]
    station.upload(BOX, 1)
    assert station.upload(polygon((0, 0), (1, 1)), 1)["type"] == M_ERROR
    assert len(station.read_back(1)) == len(BOX)


def test_finding_17_a_second_station_is_denied_during_an_upload() -> None:
    """Its count and its list; the uploader's own list too; a clear by the uploader cancels."""
    station = ready()
    other = Station(station.vehicle, system=255, channel=1)
    station.send("MISSION_COUNT", count=3, mission_type=0)
    assert other.send("MISSION_COUNT", count=2, mission_type=0)[0]["type"] == M_DENIED
    for each in (other, station):
        assert each.send("MISSION_REQUEST_LIST", mission_type=0)[0]["type"] == M_DENIED
    assert station.send("MISSION_CLEAR_ALL", mission_type=0)[0]["type"] == 0
    assert other.send("MISSION_REQUEST_LIST", mission_type=0)[0].name == "MISSION_COUNT"


@pytest.mark.parametrize(("kind", "most"), [(0, 650), (1, 70)])
def test_findings_18_and_25_the_store_has_a_size(kind: int, most: int) -> None:
    """NO_SPACE at the count, with a text that names the size."""
    station = ready()
    (ack,) = station.send("MISSION_COUNT", count=most + 1, mission_type=kind)
    assert ack["type"] == M_NO_SPACE
    station.listen(0.2)
    assert said(station, f"Only {most} items are supported")


def test_finding_19_what_is_read_back_differs_legitimately() -> None:
    """Frames, hold and radius, and heights cut to the centimetre."""
    station = ready()
    odd = waypoint(20, 0, 30.126, frame=6, param1=3.7, param2=2.0, param4=90.0)
    station.upload((HOME_ITEM, TAKEOFF, odd, RETURN))
    _, takeoff, point, back = station.read_back()
    assert (point["frame"], point["param1"], point["param2"], point["param4"]) == (3, 3, 0, 0)
    assert point["z"] == pytest.approx(30.12, abs=1e-4)
    assert (takeoff["frame"], back["frame"]) == (3, 0)
    current = station.ask(ID["MISSION_CURRENT"])
    assert current["total"] == 3


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ({"command": 530}, M_UNSUPPORTED),
        ({"command": 260}, M_UNSUPPORTED),
        ({"command": 2003}, M_UNSUPPORTED),
        ({"frame": 1}, M_FRAME),
        ({"x": 950_000_000}, 10),
        ({"y": 1_900_000_000}, 11),
        ({"z": float("nan")}, 12),
        ({"param1": float("nan")}, 6),
    ],
)
def test_finding_20_bad_items_end_the_upload(wrong: Item, answer: int) -> None:
    """Each with the reason that ArduPilot gives."""
    assert ready().upload((HOME_ITEM, TAKEOFF, waypoint(9, 0) | wrong))["type"] == answer


@pytest.mark.parametrize(
    "command", [16, 19, 22, 82, 93, 115, 178, 189, 195, 203, 205, 206, 207, 1000, 2000, 2500]
)
def test_finding_20_these_commands_are_taken(command: int) -> None:
    """And nothing checks geography: no place is "here", fifty kilometres are no matter."""
    items = (HOME_ITEM, TAKEOFF, item(command, 50_000, 0, z=20.0), item(command, z=20.0))
    assert ready().upload(items)["type"] == 0


def test_finding_21_an_upload_in_flight_is_flown_and_a_clear_is_refused() -> None:
    """The present item restarts with its new content; the index stays."""
    station = on_patrol()
    assert station.send("MISSION_CLEAR_ALL", mission_type=0)[0]["type"] == M_ERROR
    new = (HOME_ITEM, TAKEOFF, waypoint(0, 120), RETURN)
    assert station.upload(new)["type"] == 0
    station.listen(0.2)
    assert said(station, "Auto mission changed, restarted command")
    assert station.vehicle.autopilot.mission.current == 2
    station.listen(20)
    assert station.place_m()[1] > 50


def test_finding_22_the_end_with_a_return_and_the_end_without() -> None:
    """AUTO stays after the landing, state 5; without a return it hovers for ever."""
    station = ready()
    station.start((HOME_ITEM, TAKEOFF, waypoint(30, 0), RETURN))
    station.fly_until(lambda: not station.vehicle.armed)
    current = station.ask(ID["MISSION_CURRENT"])
    assert (station.now_mode, current["seq"], current["mission_state"]) == ("AUTO", 0, 5)
    reached = [m["seq"] for _, m in station.heard if m.name == "MISSION_ITEM_REACHED"]
    assert {1, 2} <= set(reached)
    hovers = ready()
    hovers.start(HOVERS)
    hovers.fly_until(lambda: hovers.vehicle.autopilot.mission.complete)
    hovers.listen(30)
    assert hovers.vehicle.armed
    assert hovers.height_m > 35
    assert hovers.ask(ID["MISSION_CURRENT"])["mission_state"] == 5


def test_finding_22_settings_are_not_reported_as_reached() -> None:
    """Only what is flown to is."""
    station = ready()
    station.start(SQUARE)
    station.fly_until(lambda: station.vehicle.autopilot.mission.current >= 5)
    reached = {m["seq"] for _, m in station.heard if m.name == "MISSION_ITEM_REACHED"}
    assert reached == {1, 4}


def test_finding_23_pausing_holds_the_item() -> None:
    """In flight by command or by BRAKE; refused on the ground; out of range is denied."""
    station = ready()
    assert station.command(Command.PAUSE_CONTINUE, 0) == FAILED
    station = on_patrol()
    assert station.command(Command.PAUSE_CONTINUE, 0) == ACCEPTED
    station.listen(8)
    here = station.place_m()
    station.listen(5)
    assert station.place_m() == pytest.approx(here, abs=1)
    assert station.command(Command.PAUSE_CONTINUE, 1) == ACCEPTED
    assert station.mode(BRAKE) == ACCEPTED
    assert station.mode(AUTO) == ACCEPTED
    assert station.vehicle.autopilot.mission.current == 2
    assert station.command(Command.SET_MISSION_CURRENT, 99) == DENIED


@pytest.mark.parametrize(
    ("fence", "answer"),
    [
        (polygon((0, 0), (9, 9)), M_ERROR),
        ([item(5003, 0, 0, param1=0.0)], M_ERROR),
        ([each | {"param1": 7.0} for each in BOX], M_ERROR),
        ([each | {"frame": 2} for each in BOX], M_FRAME),
        (polygon((0, 0), (50, 50), (50, 0), (0, 50)), 0),
    ],
)
def test_finding_24_a_fence_is_judged_after_its_last_item(fence: list[Item], answer: int) -> None:
    """Counts and radii are, bow-ties are not."""
    station = ready()
    assert station.upload(fence, 1)["type"] == answer
    if answer == M_ERROR:
        station.listen(0.2)
        assert station.texts()


def test_finding_25_a_fence_of_seventy_corners_still_fails_at_its_end() -> None:
    """It fits the count and not the store."""
    station = ready()
    ring = [(100.0 + index, 10.0 * (index % 2)) for index in range(70)]
    assert station.upload(polygon(*ring), 1)["type"] == M_ERROR
    station.listen(0.2)
    assert said(station, "Fence exceeds storage size")


def test_finding_26_one_circle_after_a_polygon_is_accepted_and_wiped() -> None:
    """Read back a second later it is gone; three circles stay."""
    circle = item(5003, 0, 0, param1=80.0)
    for count, left in ((1, 0), (3, 3)):
        station = ready()
        station.upload(BOX, 1)
        assert station.upload([circle] * count, 1)["type"] == 0
        station.listen(1.2)
        assert len(station.read_back(1)) == left


def test_finding_27_enabling_alone_means_a_circle_of_a_hundred_and_fifty_metres() -> None:
    """A long leg ends in RTL there; and enabling without a fence enables nothing."""
    station = ready()
    assert station.command(Command.FENCE_ENABLE, 1) == ACCEPTED
    assert station.vehicle.autopilot.cockpit.parameters["FENCE_ENABLE"] == 0
    station.set_parameter("FENCE_ENABLE", 1)
    station.start(LONG)
    station.fly_until(lambda: station.now_mode == "RTL")
    assert station.place_m()[0] == pytest.approx(150, abs=8)


def test_finding_28_an_aircraft_outside_its_fence_does_not_arm() -> None:
    """With the reason."""
    station = ready()
    station.upload(polygon((50, 50), (90, 50), (90, 90)), 1)
    station.set_parameter("FENCE_ENABLE", 1)
    station.set_parameter("FENCE_TYPE", 4)
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    station.listen(1)
    assert said(station, "Arm: Vehicle breaching Polygon fence")


@pytest.mark.parametrize(("action", "mode"), [(0, "AUTO"), (1, "RTL"), (4, "BRAKE")])
def test_finding_29_a_breach_is_acted_on_and_the_mode_stays(action: int, mode: str) -> None:
    """FENCE_STATUS tells it, AUTO is accepted again even then."""
    station = ready()
    station.upload(polygon((-60, -60), (120, -60), (120, 60), (-60, 60)), 1)
    for name, value in (("FENCE_TYPE", 4), ("FENCE_ACTION", action), ("FENCE_ENABLE", 1)):
        station.set_parameter(name, value)
    station.start(LONG)
    station.fly_until(lambda: said(station, "Polygon fence breached"))
    station.listen(0.5)
    status = station.ask(ID["FENCE_STATUS"])
    assert (status["breach_status"], status["breach_count"], status["breach_type"]) == (1, 1, 3)
    assert station.now_mode == mode
    if action == 1:
        station.fly_until(lambda: said(station, "Fence breach cleared"))
        station.listen(2)
        assert station.now_mode == "RTL"
    assert station.mode(AUTO) == ACCEPTED


@pytest.mark.parametrize(
    ("enabled", "system", "mode"), [(1, 255, "RTL"), (0, 255, "AUTO"), (1, 254, "AUTO")]
)
def test_findings_30_and_31_only_the_right_stations_silence_counts(
    enabled: int, system: int, mode: str
) -> None:
    """Off by default; on, it takes heartbeats of one system id; its mode stays."""
    station = on_patrol()
    station.set_parameter("FS_GCS_ENABLE", enabled)
    other = Station(station.vehicle, system=system, channel=1)
    other.send("HEARTBEAT")
    station.listen(4)
    assert station.now_mode == "AUTO"
    station.listen(2)
    assert station.now_mode == mode
    assert said(station, "GCS Failsafe") is (mode == "RTL")
    other.send("HEARTBEAT")
    station.listen(1)
    assert station.now_mode == mode
    assert said(station, "GCS Failsafe Cleared") is (mode == "RTL")


def test_finding_30_an_option_lets_the_mission_go_on() -> None:
    """FS_OPTIONS with bit 1."""
    station = on_patrol()
    station.set_parameter("FS_GCS_ENABLE", 1)
    station.set_parameter("FS_OPTIONS", 18)
    Station(station.vehicle, system=255, channel=1).send("HEARTBEAT")
    station.listen(7)
    assert said(station, "GCS Failsafe - Continuing Auto Mode")
    assert station.now_mode == "AUTO"


def test_finding_32_a_low_battery_returns_after_its_timer_and_auto_is_accepted_again() -> None:
    """Ten seconds after the drop; the client must refuse what the autopilot would not."""
    station = on_patrol(faults=(VehicleFault(VehicleFaultKind.BATTERY_SAG, 85.0, value=0.1),))
    for name, value in (("BATT_FS_LOW_ACT", 2), ("BATT_LOW_VOLT", 21.3)):
        station.set_parameter(name, value)
    station.fly_until(lambda: station.now_mode == "RTL")
    assert said(station, "Battery 1 is low")
    assert said(station, "Battery Failsafe")
    assert station.mode(AUTO) == ACCEPTED


def test_finding_34_terrain_frames_are_taken_and_do_not_arm() -> None:
    """Without terrain data."""
    station = ready()
    assert station.upload((HOME_ITEM, TAKEOFF, waypoint(9, 0, frame=10)))["type"] == 0
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    station.listen(1)
    assert said(station, "waiting for terrain data")


def test_finding_35_a_camera_shoots_by_distance_and_not_twice_at_once() -> None:
    """CAMERA_FEEDBACK for each picture; without a camera orders are taken and nothing shot."""
    trigger = item(Command.CAMERA_TRIGGER_DISTANCE, param1=10.0)
    items = (HOME_ITEM, TAKEOFF, trigger, waypoint(100, 0), RETURN)
    shots = []
    for fitted in (True, False):
        station = ready(camera_fitted=fitted)
        station.start(items)
        station.fly_until(lambda s=station: s.vehicle.autopilot.mission.current >= 4)
        shots.append(sum(m.name == "CAMERA_FEEDBACK" for _, m in station.heard))
        wanted = [ACCEPTED, FAILED] if fitted else [ACCEPTED, ACCEPTED]
        station.listen(1)
        assert station.mode(LOITER) == ACCEPTED
        station.listen(8)
        shoot = (Command.CAMERA_CONTROL, 0, 0, 0, 0, 1)
        assert [station.command(*shoot) for _ in range(2)] == wanted
        assert station.mode(RTL) == ACCEPTED
    assert shots[0] == pytest.approx(10, abs=2)
    assert shots[1] == 0
