"""Modes and starting: what an ArduCopter accepts, and what it then does."""

import itertools
from typing import Any

import pytest

from flight.simulator.mavlink_ids import Command
from flight.simulator.settings import VehicleFault, VehicleFaultKind, World
from tests.flight.simulator.station import (
    AUTO,
    BRAKE,
    EXACT,
    GUIDED,
    HOME_ITEM,
    LAND,
    LOITER,
    RTL,
    SQUARE,
    TAKEOFF,
    Station,
    ready,
    waypoint,
)

ACCEPTED, DENIED, FAILED = 0, 2, 4


def armed(**changes: Any) -> Station:
    """Return a station whose vehicle is armed in GUIDED with the square on board."""
    station = ready(**changes)
    station.upload(SQUARE)
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == ACCEPTED
    return station


def test_commands_in_the_first_two_seconds_are_lost() -> None:
    """No acknowledgement comes for what is sent while booting."""
    station = ready(World(sigmas=EXACT))
    early = station.mode(GUIDED)
    station.listen(2.1)
    assert (early, station.mode(GUIDED)) == (None, ACCEPTED)


def test_mode_set_during_boot_is_lost() -> None:
    """It is accepted, and later found to be STABILIZE again."""
    station = ready(World(sigmas=EXACT))
    station.listen(2.5)
    assert station.mode(GUIDED) == ACCEPTED
    station.listen(3)
    assert station.now_mode == "STABILIZE"


def test_unknown_mode_fails_with_a_text() -> None:
    """Mode 99 does not exist."""
    station = ready()
    assert station.mode(99) == FAILED
    station.listen(0.1)
    assert "No such mode 99" in station.texts()


def test_set_mode_message_is_understood() -> None:
    """The old SET_MODE is acknowledged like the command."""
    station = ready()
    (ack,) = station.send("SET_MODE", base_mode=1, custom_mode=GUIDED)
    assert (ack.name, ack["result"], station.now_mode) == ("COMMAND_ACK", ACCEPTED, "GUIDED")


def test_guided_arm_mission_start_takes_off() -> None:
    """The way that works."""
    station = armed()
    assert station.command(Command.MISSION_START) == ACCEPTED
    station.fly_until(lambda: station.height_m > 39)


def test_guided_takeoff_then_auto_flies_the_mission() -> None:
    """The other way that works."""
    station = armed()
    assert station.command(Command.TAKEOFF, 0, 0, 0, 0, 0, 0, 15) == ACCEPTED
    station.fly_until(lambda: station.height_m > 14)
    assert station.mode(AUTO) == ACCEPTED
    station.fly_until(lambda: station.place_m()[0] > 60)


def test_auto_options_3_takes_off_when_armed_in_auto() -> None:
    """The third way: no GUIDED at all."""
    station = ready(parameters=(("AUTO_OPTIONS", 3),))
    station.upload(SQUARE)
    station.mode(AUTO)
    assert station.command(Command.ARM_DISARM, 1) == ACCEPTED
    station.fly_until(lambda: station.height_m > 39)


def test_auto_on_the_ground_is_a_trap() -> None:
    """Everything is accepted, nothing moves, and after DISARM_DELAY the motors stop."""
    station = armed()
    assert station.mode(AUTO) == ACCEPTED
    station.listen(9)
    still_armed = station.vehicle.armed
    station.listen(2)
    assert (still_armed, station.vehicle.armed) == (True, False)
    assert station.height_m == 0
    assert "Disarming motors" in station.texts()


def test_idle_aircraft_disarms_after_the_delay() -> None:
    """Ten seconds on the ground in GUIDED."""
    station = armed()
    station.listen(10.5)
    assert not station.vehicle.armed


def test_mission_start_is_accepted_disarmed_and_moves_nothing() -> None:
    """The mode changes, the aircraft stays."""
    station = ready()
    station.upload(SQUARE)
    assert station.command(Command.MISSION_START) == ACCEPTED
    station.listen(5)
    assert (station.now_mode, station.height_m) == ("AUTO", 0.0)


@pytest.mark.parametrize("params", [(1, 0), (0, 4)])
def test_mission_start_with_items_is_denied(params: tuple[int, int]) -> None:
    """First and last item must be zero."""
    assert armed().command(Command.MISSION_START, *params) == DENIED


def test_mission_without_takeoff_fails_on_the_ground() -> None:
    """The first item to be flown must be a take-off."""
    station = ready()
    station.upload([HOME_ITEM, waypoint(10, 10)])
    station.mode(GUIDED)
    station.command(Command.ARM_DISARM, 1)
    assert station.command(Command.MISSION_START) == FAILED
    station.listen(0.1)
    assert "Auto: Missing Takeoff Cmd" in station.texts()


def test_empty_mission_fails_armed_and_is_accepted_disarmed() -> None:
    """Disarmed there is only a warning."""
    station = ready()
    assert station.mode(AUTO) == ACCEPTED
    station.listen(0.1)
    assert "PreArm: Mode requires mission" in station.texts()
    station.mode(GUIDED)
    station.command(Command.ARM_DISARM, 1)
    assert station.command(Command.MISSION_START) == FAILED


def test_takeoff_command_fails_disarmed() -> None:
    """Motors first."""
    station = ready()
    station.mode(GUIDED)
    assert station.command(Command.TAKEOFF, 0, 0, 0, 0, 0, 0, 10) == FAILED


def test_disarming_in_the_air_fails() -> None:
    """Unless it is forced."""
    station = ready()
    station.hover(20)
    assert station.command(Command.ARM_DISARM, 0) == FAILED
    assert station.command(Command.ARM_DISARM, 0, 21196) == ACCEPTED
    station.fly_until(lambda: station.vehicle.on_ground, 10)


def test_return_flies_home_lands_and_disarms() -> None:
    """RTL climbs to its height, comes back and stops the motors."""
    station = armed()
    station.command(Command.MISSION_START)
    station.fly_until(lambda: station.place_m()[0] > 60)
    assert station.command(Command.RETURN) == ACCEPTED
    station.fly_until(lambda: not station.vehicle.armed)
    assert (station.now_mode, station.height_m) == ("RTL", 0.0)
    assert station.place_m() == pytest.approx((0, 0), abs=0.5)


def test_land_comes_down_where_it_is() -> None:
    """LAND does not go home."""
    station = armed()
    station.command(Command.MISSION_START)
    station.fly_until(lambda: station.place_m()[0] > 60)
    assert station.mode(LAND) == ACCEPTED
    station.fly_until(lambda: not station.vehicle.armed)
    assert station.place_m()[0] > 59


def test_brake_stops_and_auto_goes_on_with_the_same_item() -> None:
    """Pausing by mode resumes the item that was left."""
    station = armed()
    station.command(Command.MISSION_START)
    station.fly_until(lambda: station.place_m()[0] > 40)
    station.mode(BRAKE)
    station.listen(10)
    stopped = station.place_m()
    station.listen(5)
    assert station.place_m() == pytest.approx(stopped, abs=0.2)
    assert station.ask(42)["seq"] == 4
    station.mode(AUTO)
    station.fly_until(lambda: station.place_m()[0] > 77)
    assert station.ask(42)["seq"] in (4, 5)


def test_pause_and_continue_by_command() -> None:
    """DO_PAUSE_CONTINUE holds in AUTO and goes on."""
    station = armed()
    station.command(Command.MISSION_START)
    station.fly_until(lambda: station.place_m()[0] > 40)
    assert station.command(Command.PAUSE_CONTINUE, 0) == ACCEPTED
    station.listen(10)
    stopped = station.place_m()
    station.listen(5)
    assert station.place_m() == pytest.approx(stopped, abs=0.2)
    assert (station.now_mode, station.ask(42)["mission_state"]) == ("AUTO", 4)
    assert station.command(Command.PAUSE_CONTINUE, 1) == ACCEPTED
    station.fly_until(lambda: station.place_m()[0] > 77)


def test_pause_fails_on_the_ground() -> None:
    """There is nothing to pause."""
    assert armed().command(Command.PAUSE_CONTINUE, 0) == FAILED


def test_pilot_takeover_leaves_auto_for_loiter() -> None:
    """The pilot's switch wins, and the mode stays his."""
    fault = VehicleFault(VehicleFaultKind.PILOT_TAKEOVER, start_s=90)
    station = armed(faults=(fault,))
    station.command(Command.MISSION_START)
    station.listen(29)
    before = station.now_mode
    station.listen(15)
    assert (before, station.now_mode) == ("AUTO", "LOITER")


@pytest.mark.parametrize("mode", [LOITER, BRAKE, GUIDED])
def test_hovering_modes_hold_the_place(mode: int) -> None:
    """They stay where the aircraft could stop."""
    station = ready()
    station.hover(20)
    station.mode(mode)
    station.listen(3)
    place, height_m = station.place_m(), station.height_m
    station.listen(20)
    assert station.place_m() == pytest.approx(place, abs=0.1)
    assert station.height_m == pytest.approx(height_m, abs=0.3)


def test_mode_that_needs_a_position_is_refused_without_one() -> None:
    """RTL is FAILED while GPS is away, LAND is not."""
    fault = VehicleFault(VehicleFaultKind.GPS_DENIED, start_s=80)
    station = ready(faults=(fault,))
    station.hover(20)
    station.fly_until(lambda: station.vehicle.now_s > 81)
    assert station.mode(RTL) == FAILED
    assert station.mode(LAND) == ACCEPTED
    station.listen(0.1)
    assert any("requires position" in text for text in station.texts())


def test_takeoff_and_landing_show_in_the_landed_state() -> None:
    """EXTENDED_SYS_STATE: motors spooling up, taking off, in the air, on the ground again."""
    station = armed()
    station.command(Command.SET_MESSAGE_INTERVAL, 245, 200_000)
    station.command(Command.MISSION_START)
    station.fly_until(lambda: not station.vehicle.armed)
    station.listen(1)
    states = [m["landed_state"] for _, m in station.heard if m.name == "EXTENDED_SYS_STATE"]
    changes = [state for state, _ in itertools.groupby(states)]
    assert changes == [1, 3, 2, 1]


def test_takeoff_without_takeoff_item_works_in_the_air() -> None:
    """A mission that starts with a waypoint may be begun while flying."""
    station = ready()
    station.upload([HOME_ITEM, waypoint(30, 0, 20), TAKEOFF])
    station.hover(20)
    assert station.command(Command.MISSION_START) == ACCEPTED
    station.fly_until(lambda: station.place_m()[0] > 25)


def test_motors_stop_soon_after_a_landing() -> None:
    """One second on the ground, not DISARM_DELAY, once the aircraft came down to land."""
    station = ready()
    station.hover(10)
    station.mode(LAND)
    station.fly_until(lambda: station.vehicle.on_ground)
    station.listen(0.5)
    soon = station.vehicle.armed
    station.listen(1)
    assert (soon, station.vehicle.armed) == (True, False)
