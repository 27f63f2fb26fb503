"""When an ArduCopter lets its motors be started, and how it says no."""

import pytest

from flight.simulator.mavlink_ids import Command
from flight.simulator.settings import BatterySettings, World
from tests.flight.simulator.station import (
    AUTO,
    BOX,
    BRAKE,
    EXACT,
    GUIDED,
    HOME_ITEM,
    LAND,
    RTL,
    SQUARE,
    STABILIZE,
    TAKEOFF,
    Station,
    polygon,
    ready,
    waypoint,
)

ACCEPTED, FAILED = 0, 4
PREARM_BIT = 1 << 28


def booting() -> Station:
    """Return a station whose vehicle has just been switched on."""
    return ready(World(sigmas=EXACT))


def prearm_good(station: Station) -> bool:
    """Tell what SYS_STATUS says of the arming check."""
    return bool(station.ask(1)["onboard_control_sensors_health"] & PREARM_BIT)


def test_arming_is_refused_first_and_explained_later() -> None:
    """FAILED comes at once, the reasons follow as status texts."""
    station = booting()
    station.listen(6)
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    assert [text for text in station.texts() if text.startswith("Arm:")] == []
    station.listen(1)
    assert {"Arm: GPS 1: Bad fix", "Arm: Need Position Estimate"} <= set(station.texts())


def test_prearm_bit_is_for_the_present_mode() -> None:
    """STABILIZE is ready long before GUIDED is."""
    station = booting()
    station.listen(24)
    station.mode(STABILIZE)
    in_stabilize = prearm_good(station)
    station.mode(GUIDED)
    assert (in_stabilize, prearm_good(station)) == (True, False)
    assert station.command(Command.ARM_DISARM, 1) == FAILED


def test_guided_is_armable_after_forty_two_seconds() -> None:
    """The EKF needs that long for a position."""
    station = booting()
    station.listen(41.5)
    station.mode(GUIDED)
    early = station.command(Command.ARM_DISARM, 1)
    station.listen(1)
    assert (early, station.command(Command.ARM_DISARM, 1)) == (FAILED, ACCEPTED)


def test_armed_bit_follows_the_acknowledgement() -> None:
    """The next heartbeat, up to a second later, shows what was accepted."""
    station = ready()
    station.listen(0.1)
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == ACCEPTED
    (heartbeat,) = [each for each in station.listen(1) if each.name == "HEARTBEAT"]
    assert heartbeat["base_mode"] & 128


def test_arming_twice_is_accepted() -> None:
    """An armed aircraft accepts to be armed."""
    station = ready()
    station.mode(GUIDED)
    assert [station.command(Command.ARM_DISARM, 1) for _ in range(2)] == [ACCEPTED] * 2


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (AUTO, "Arm: AUTO mode not armable"),
        (RTL, "Arm: RTL mode not armable"),
        (LAND, "Arm: LAND mode not armable"),
        (BRAKE, "Arm: BRAKE mode not armable"),
    ],
)
def test_mode_that_cannot_be_armed(mode: int, reason: str) -> None:
    """AUTO and the modes that bring the aircraft down refuse."""
    station = ready()
    station.upload(SQUARE)
    station.mode(mode)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    station.listen(1)
    assert reason in station.texts()


def test_auto_options_bit_0_lets_auto_be_armed() -> None:
    """AUTO_OPTIONS=1 arms in AUTO, but does not take off."""
    station = ready(parameters=(("AUTO_OPTIONS", 1),))
    station.upload(SQUARE)
    station.mode(AUTO)
    assert station.command(Command.ARM_DISARM, 1) == ACCEPTED
    station.listen(11)
    assert not station.vehicle.armed


def test_forcing_skips_the_checks() -> None:
    """The magic number arms whatever the reasons against it."""
    station = booting()
    station.listen(6)
    assert station.command(Command.ARM_DISARM, 1, 21196) == ACCEPTED


def test_empty_battery_is_refused() -> None:
    """Nobody starts with a flat pack."""
    station = ready(battery=BatterySettings(initial_fraction=0.02))
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == FAILED


def test_aircraft_outside_its_fence_is_refused() -> None:
    """An enabled polygon that does not hold the aircraft keeps it on the ground."""
    station = ready(parameters=(("FENCE_ENABLE", 1),))
    station.upload(polygon((100, 100), (200, 100), (200, 200)), 1)
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    station.listen(1)
    assert "Arm: Vehicle breaching Polygon fence" in station.texts()


def test_fence_of_no_type_is_refused() -> None:
    """Enabled, but nothing selected."""
    station = ready(parameters=(("FENCE_ENABLE", 1), ("FENCE_TYPE", 0)))
    station.upload(BOX, 1)
    station.mode(GUIDED)
    station.command(Command.ARM_DISARM, 1)
    station.listen(1)
    assert "Arm: Fences enabled, but none selected" in station.texts()


def test_terrain_frame_is_taken_at_upload_and_refused_at_arming() -> None:
    """There is no terrain data on board."""
    station = ready()
    assert station.upload([HOME_ITEM, TAKEOFF, waypoint(9, 9, frame=11)])["type"] == ACCEPTED
    station.mode(GUIDED)
    assert station.command(Command.ARM_DISARM, 1) == FAILED
    station.listen(1)
    assert "Arm: waiting for terrain data" in station.texts()
