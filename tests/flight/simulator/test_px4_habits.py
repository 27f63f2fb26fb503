"""What a PX4 tells, and does not tell, before and after it has a position (read in its source)."""

import math

import pytest

from flight.mavlink.protocol.messages import Message
from flight.mavlink.protocol.status_texts import StatusTexts
from flight.simulator.settings import Personality, VehicleFault, VehicleFaultKind, World
from tests.flight.simulator.station import EXACT, RETURN, TAKEOFF, ready, waypoint

COLD = World(boot_age_s=10, sigmas=EXACT, personality=Personality.PX4)
WARM = World(boot_age_s=60, sigmas=EXACT, personality=Personality.PX4)
ARM = (400, 1)
PREARM = 0x10000000


def named(messages: list[Message], name: str) -> list[Message]:
    """Return the messages of one kind."""
    return [message for message in messages if message.name == name]


def test_without_a_position_no_position_is_told() -> None:
    """Not even zeros; the clock shows in its attitudes."""
    heard = ready(COLD).listen(3.0)
    assert named(heard, "ATTITUDE")
    assert not named(heard, "GLOBAL_POSITION_INT")
    assert named(ready(WARM).listen(3.0), "GLOBAL_POSITION_INT")


def test_a_lost_position_is_told_no_more_five_seconds_later() -> None:
    """So long the estimate outlives the receivers."""
    station = ready(WARM, faults=(VehicleFault(VehicleFaultKind.GPS_DENIED, 61.0),))
    station.listen(3.0)
    assert named(station.listen(1.0), "GLOBAL_POSITION_INT")
    station.listen(4.0)
    assert not named(station.listen(2.0), "GLOBAL_POSITION_INT")


@pytest.mark.parametrize(("world", "armable"), [(COLD, False), (WARM, True)])
def test_whether_it_would_arm_shows_in_the_health_bit_alone(world: World, armable: bool) -> None:
    """The check is never called present or enabled."""
    status = named(ready(world).listen(3.0), "SYS_STATUS")[-1]
    assert bool(status["onboard_control_sensors_health"] & PREARM) is armable
    assert not status["onboard_control_sensors_enabled"] & PREARM
    assert not status["onboard_control_sensors_present"] & PREARM


def test_a_refusal_to_arm_is_temporary_and_ends_in_a_sentence_that_says_nothing() -> None:
    """Longer than one status text holds, and with a tab behind it."""
    station = ready(COLD)
    assert station.command(*ARM) == 1  # MAV_RESULT_TEMPORARILY_REJECTED
    chunks = named(station.listen(2.0), "STATUSTEXT")
    assert str(chunks[-1]["text"]).endswith("\t")
    texts = StatusTexts()
    told = [text for text in (texts.receive(chunk) for chunk in chunks) if text is not None]
    assert told[0].startswith("Preflight Fail: ")
    assert told[-1] == "Arming denied: Resolve system health failures first"


@pytest.mark.parametrize(("yaw_deg", "nose_deg"), [(math.nan, 90.0), (0.0, 0.0), (45.0, 45.0)])
def test_the_yaw_of_a_waypoint_turns_the_nose(yaw_deg: float, nose_deg: float) -> None:
    """NaN leaves it to the way that is flown."""
    station = ready(WARM)
    turned = {"param4": yaw_deg}
    station.upload([TAKEOFF | turned, waypoint(0, 300) | turned, RETURN])
    station.command(*ARM)
    station.command(176, 1, 4, 4)
    station.fly_until(lambda: station.place_m()[1] > 60)
    assert station.vehicle.truth().heading_deg == pytest.approx(nose_deg, abs=2.0)
