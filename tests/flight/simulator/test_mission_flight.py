"""Flying a mission item by item: order, speed, progress, its end, and changes in flight."""

import math

import pytest

from flight.simulator.mavlink_ids import Command
from flight.simulator.settings import VehicleFault, VehicleFaultKind
from tests.flight.simulator.station import (
    AUTO,
    HOME_ITEM,
    LOITER,
    RETURN,
    SQUARE,
    TAKEOFF,
    Station,
    item,
    ready,
    waypoint,
)

NOT_STARTED, ACTIVE, COMPLETE = 2, 3, 5


@pytest.fixture(scope="module")
def flown() -> Station:
    """A station that has watched the whole square."""
    station = ready()
    station.command(Command.SET_MESSAGE_INTERVAL, 42, 200_000)
    station.start()
    station.fly_until(lambda: not station.vehicle.armed)
    station.listen(1)
    return station


def reached(station: Station) -> list[int]:
    """Return the items that were reported as reached."""
    return [each["seq"] for _, each in station.heard if each.name == "MISSION_ITEM_REACHED"]


def test_only_navigation_items_are_reached(flown: Station) -> None:
    """DO_ items give no MISSION_ITEM_REACHED."""
    assert reached(flown) == [1, 4, 5, 6]


def test_mission_current_jumps_over_do_items(flown: Station) -> None:
    """Speed and gimbal are never current."""
    shown = {each["seq"] for _, each in flown.heard if each.name == "MISSION_CURRENT"}
    assert {0, 1, 4, 5, 6} == shown


def test_total_leaves_home_out(flown: Station) -> None:
    """Seven items with home are six."""
    assert flown.ask(42)["total"] == 6


def test_mode_stays_auto_after_landing_and_the_mission_is_complete(flown: Station) -> None:
    """RTL last: lands, disarms, stays in AUTO, item 0, state COMPLETE."""
    current = flown.ask(42)
    assert (flown.now_mode, current["seq"], current["mission_state"]) == ("AUTO", 0, COMPLETE)


def test_gimbal_item_points_the_camera(flown: Station) -> None:
    """The camera still looks down by 60 degrees."""
    assert flown.vehicle.truth().gimbal_pitch_deg == pytest.approx(-60)


def test_mission_without_return_hovers_for_ever_in_auto() -> None:
    """Without RTL the aircraft waits at its last waypoint, state COMPLETE."""
    station = ready()
    station.start([HOME_ITEM, TAKEOFF, waypoint(40, 0)])
    station.fly_until(lambda: station.ask(42)["mission_state"] == COMPLETE)
    station.listen(30)
    assert (station.now_mode, station.vehicle.armed) == ("AUTO", True)
    assert station.place_m() == pytest.approx((40, 0), abs=1)


def test_land_item_ends_on_the_ground_at_its_place() -> None:
    """NAV_LAND with a position lands there."""
    station = ready()
    station.start([HOME_ITEM, TAKEOFF, waypoint(30, 0, 20), item(Command.LAND, 30, 0)])
    station.fly_until(lambda: not station.vehicle.armed)
    assert station.place_m() == pytest.approx((30, 0), abs=1)


def test_speed_item_sets_the_cruise_speed() -> None:
    """DO_CHANGE_SPEED 5 is flown at 5 m/s."""
    station = ready()
    station.start(
        [HOME_ITEM, TAKEOFF, item(Command.CHANGE_SPEED, param2=5.0), waypoint(200, 0), RETURN]
    )
    station.fly_until(lambda: station.place_m()[0] > 80)
    assert math.hypot(*station.vehicle.speed_mps[:2]) == pytest.approx(5, abs=0.05)


def test_corners_are_rounded_within_the_waypoint_radius() -> None:
    """A right angle is flown on without a stop, two metres off its corner at most."""
    station = ready()
    station.start([HOME_ITEM, TAKEOFF, waypoint(80, 0), waypoint(80, 80), RETURN])
    station.fly_until(lambda: station.place_m()[0] > 70)
    track = []
    while station.place_m()[1] < 10:
        station.listen(0.02)
        track.append((math.dist(station.place_m(), (80, 0)), station.vehicle.speed_mps))
    assert 0.7 < min(off_m for off_m, _ in track) < 2.05
    assert min(math.hypot(*speed[:2]) for _, speed in track) > 1.5


def test_straight_legs_are_flown_without_stopping() -> None:
    """A waypoint in line is passed at speed."""
    station = ready()
    station.start([HOME_ITEM, TAKEOFF, waypoint(80, 0), waypoint(160, 0), RETURN])
    station.fly_until(lambda: 2 in reached(station))
    assert math.hypot(*station.vehicle.speed_mps[:2]) > 9


def test_waypoint_delay_is_waited() -> None:
    """Param1 of a waypoint is a hold in seconds."""
    station = ready()
    station.start([HOME_ITEM, TAKEOFF, waypoint(20, 0, param1=7.0), waypoint(20, 20), RETURN])
    station.fly_until(lambda: station.place_m()[0] > 19.8)
    arrived_s = station.vehicle.now_s
    station.fly_until(lambda: 2 in reached(station))
    assert 6.5 < station.vehicle.now_s - arrived_s < 9


def test_jump_repeats_as_often_as_it_says() -> None:
    """DO_JUMP goes back twice and then lets go on."""
    station = ready()
    station.start(
        [
            HOME_ITEM,
            TAKEOFF,
            waypoint(10, 0),
            waypoint(0, 0),
            item(Command.JUMP, param1=2.0, param2=2.0),
            RETURN,
        ]
    )
    station.fly_until(lambda: not station.vehicle.armed)
    assert reached(station) == [1, 2, 3, 2, 3, 2, 3, 5]


def test_heights_are_above_home_or_above_the_sea_by_frame() -> None:
    """Frame 0 is AMSL: 30 m of ground and 20 m above it."""
    station = ready()
    station.start([HOME_ITEM, TAKEOFF, waypoint(30, 0, 50, frame=0)])
    station.fly_until(lambda: 2 in reached(station))
    station.listen(10)
    assert station.height_m == pytest.approx(20, abs=0.5)


def test_mission_uploaded_in_flight_is_flown_at_the_same_index() -> None:
    """The index stays, so the aircraft goes to the new item of that number."""
    station = ready()
    station.start([HOME_ITEM, TAKEOFF, waypoint(200, 0), RETURN])
    station.fly_until(lambda: station.place_m()[0] > 40)
    assert station.upload([HOME_ITEM, TAKEOFF, waypoint(60, 60), RETURN])["type"] == 0
    station.listen(0.2)
    assert "Auto mission changed, restarted command" in station.texts()
    assert station.ask(42)["seq"] == 2
    station.fly_until(lambda: station.place_m()[1] > 55)


def test_clearing_while_auto_flies_is_an_error() -> None:
    """MISSION_ERROR, and the mission goes on; in LOITER it is cleared."""
    station = ready()
    station.start()
    station.listen(5)
    (refused,) = station.send("MISSION_CLEAR_ALL", mission_type=0)
    still = len(station.read_back())
    station.mode(LOITER)
    (cleared,) = station.send("MISSION_CLEAR_ALL", mission_type=0)
    assert (refused["type"], still, cleared["type"]) == (1, 7, 0)
    assert station.ask(42)["mission_state"] == 1


def test_set_current_skips_ahead_and_refuses_what_is_not_there() -> None:
    """Out of range is DENIED."""
    station = ready()
    station.start()
    station.fly_until(lambda: station.height_m > 39)
    assert station.command(Command.SET_MISSION_CURRENT, 99) == 2
    assert station.command(Command.SET_MISSION_CURRENT, 5) == 0
    assert station.ask(42)["seq"] == 5
    (current,) = station.send("MISSION_SET_CURRENT", seq=4)
    assert current["seq"] == 4


def test_disarming_restarts_the_mission() -> None:
    """After a landing in mid-mission the next start begins at the first item."""
    station = ready()
    station.start()
    station.fly_until(lambda: station.place_m()[0] > 40)
    station.mode(9)
    station.fly_until(lambda: not station.vehicle.armed)
    assert (station.ask(42)["seq"], station.ask(42)["mission_state"]) == (0, NOT_STARTED)


def test_second_flight_of_a_completed_mission_starts_anew() -> None:
    """Arming again after COMPLETE flies the same mission from its take-off."""
    station = ready()
    station.start([HOME_ITEM, item(Command.TAKEOFF, z=10.0), RETURN])
    station.fly_until(lambda: not station.vehicle.armed)
    station.mode(4)
    station.command(Command.ARM_DISARM, 1)
    assert station.command(Command.MISSION_START) == 0
    station.fly_until(lambda: station.height_m > 9)


def test_stuck_aircraft_hovers_until_it_is_free() -> None:
    """An item that never ends: the aircraft stands still in AUTO."""
    fault = VehicleFault(VehicleFaultKind.STUCK, start_s=85, duration_s=40)
    station = ready(faults=(fault,))
    station.start()
    station.fly_until(lambda: station.vehicle.now_s > 100)
    stuck = station.place_m()
    station.fly_until(lambda: station.vehicle.now_s > 124)
    assert station.place_m() == pytest.approx(stuck, abs=0.2)
    station.fly_until(lambda: not station.vehicle.armed)
    assert reached(station) == [1, 4, 5, 6]


def test_auto_without_mission_state_shows_not_started() -> None:
    """A mission on board that was never begun."""
    station = ready()
    station.upload(SQUARE)
    assert station.ask(42)["mission_state"] == NOT_STARTED
    station.mode(AUTO)
    assert station.ask(42)["mission_state"] == NOT_STARTED
