"""Camera and gimbal, with and without them fitted."""

import pytest

from flight.simulator.mavlink_ids import Command
from tests.flight.simulator.station import (
    HOME_ITEM,
    RETURN,
    TAKEOFF,
    Station,
    item,
    ready,
    waypoint,
)

ACCEPTED, FAILED = 0, 4


@pytest.mark.parametrize(
    ("command", "result"),
    [
        (Command.CAMERA_CONTROL, ACCEPTED),
        (Command.CAMERA_TRIGGER_DISTANCE, ACCEPTED),
        (Command.IMAGE_START, FAILED),
        (Command.VIDEO_START, FAILED),
        (Command.GIMBAL_PITCH_YAW, FAILED),
        (Command.MOUNT_CONTROL, FAILED),
    ],
)
def test_commands_without_a_camera(command: int, result: int) -> None:
    """203 and 206 are accepted and trigger nothing, the others fail."""
    station = ready(camera_fitted=False)
    assert station.command(command, 5, 0, 1, 0, 1) == result
    assert "CAMERA_FEEDBACK" not in {message.name for message in station.listen(2)}


def test_camera_type_counts_from_the_next_boot() -> None:
    """CAM1_TYPE needs a reboot."""
    station = ready(camera_fitted=False)
    station.set_parameter("CAM1_TYPE", 1)
    before = station.command(Command.IMAGE_START, 0, 0, 1)
    station.command(Command.REBOOT, 1)
    station.listen(3)
    assert (before, station.command(Command.IMAGE_START, 0, 0, 1)) == (FAILED, ACCEPTED)


def test_second_shot_at_once_fails() -> None:
    """The shutter is still busy."""
    station = ready()
    shots = [station.command(Command.IMAGE_START, 0, 0, 1) for _ in range(2)]
    assert shots == [ACCEPTED, FAILED]


def test_pictures_by_interval_until_stopped() -> None:
    """One every two seconds."""
    station = ready()
    station.command(Command.IMAGE_START, 0, 2, 0)
    taken = [each for each in station.listen(9) if each.name == "CAMERA_FEEDBACK"]
    station.command(Command.IMAGE_STOP)
    assert [each["img_idx"] for each in taken] == [0, 1, 2, 3, 4]
    assert [each for each in station.listen(5) if each.name == "CAMERA_FEEDBACK"] == []


def test_pictures_by_distance() -> None:
    """Every ten metres along 100 m, and back."""
    station = ready()
    trigger = item(Command.CAMERA_TRIGGER_DISTANCE, param1=10.0)
    stop = item(Command.CAMERA_TRIGGER_DISTANCE, param1=0.0)
    station.start([HOME_ITEM, TAKEOFF, trigger, waypoint(100, 0), stop, RETURN])
    station.fly_until(lambda: not station.vehicle.armed)
    taken = [each for _, each in station.heard if each.name == "CAMERA_FEEDBACK"]
    assert len(taken) == pytest.approx(10, abs=1)


def test_gimbal_turns_at_a_limited_rate() -> None:
    """Ninety degrees take one and a half seconds."""
    station = ready()
    assert station.command(Command.GIMBAL_PITCH_YAW, -90) == ACCEPTED
    station.listen(0.5)
    assert station.vehicle.truth().gimbal_pitch_deg == pytest.approx(-30, abs=2)
    station.listen(1.5)
    assert station.vehicle.truth().gimbal_pitch_deg == -90


def test_gimbal_messages_agree() -> None:
    """MOUNT_STATUS in hundredths, GIMBAL_DEVICE_ATTITUDE_STATUS as a quaternion."""
    station = ready()
    station.command(Command.MOUNT_CONTROL, -60)
    station.listen(3)
    assert station.ask(158)["pointing_a"] == -6000
    assert station.ask(285)["q"] == pytest.approx([0.8660254, 0, -0.5, 0])


def test_video_is_switched() -> None:
    """Start and stop are accepted with a camera."""
    station = ready()
    assert station.command(Command.VIDEO_START) == ACCEPTED
    assert station.command(Command.VIDEO_STOP) == ACCEPTED


PITCHED = item(Command.GIMBAL_PITCH_YAW, param1=-60.0)
MAST = item(Command.SET_ROI_LOCATION, 50, 30, z=10.0)


def hovering(
    *before: dict[str, object], camera_fitted: bool = True, north_m: float = 50, east_m: float = 0
) -> Station:
    """A station whose vehicle stands for a minute 50 m north of home, 40 m high."""
    station = ready(camera_fitted=camera_fitted)
    stay = item(Command.LOITER_TIME, north_m, east_m, z=40.0, param1=60.0)
    station.start([HOME_ITEM, TAKEOFF, PITCHED, *before, stay, RETURN])
    station.fly_until(lambda: station.ask(42)["seq"] == 3 + len(before))
    station.listen(25)
    return station


def test_a_region_of_interest_turns_nose_and_gimbal() -> None:
    """30 m to the east and 30 m lower: heading 90, pitch -45, also while standing still."""
    truth = hovering(MAST).vehicle.truth()
    assert truth.heading_deg == pytest.approx(90.0, abs=3.0)
    assert truth.gimbal_heading_deg == truth.heading_deg
    assert truth.gimbal_pitch_deg == pytest.approx(-45.0, abs=2.0)


def test_an_aircraft_without_a_gimbal_turns_its_nose_all_the_same() -> None:
    """There is nothing to pitch."""
    truth = hovering(MAST, camera_fitted=False).vehicle.truth()
    assert truth.heading_deg == pytest.approx(90.0, abs=3.0)
    assert truth.gimbal_pitch_deg == 0.0


@pytest.mark.parametrize(
    "end", [item(Command.SET_ROI_NONE), item(Command.SET_ROI)], ids=["none", "zeroes"]
)
def test_the_camera_looks_ahead_again_when_the_region_ends(end: dict[str, object]) -> None:
    """Nose along the leg, gimbal as before."""
    truth = hovering(MAST, end).vehicle.truth()
    assert truth.heading_deg == pytest.approx(0.0, abs=3.0) or truth.heading_deg > 357.0
    assert truth.gimbal_pitch_deg == pytest.approx(-60.0, abs=0.5)


def test_a_region_right_below_is_looked_down_at() -> None:
    """Without spinning: there is no bearing to it."""
    below = item(Command.SET_ROI_LOCATION, 0, 50, z=0.0)
    truth = hovering(below, north_m=0, east_m=50).vehicle.truth()
    assert truth.gimbal_pitch_deg == pytest.approx(-90.0, abs=2.0)
    assert truth.heading_deg == pytest.approx(90.0, abs=3.0)


def test_another_mode_does_not_look_at_the_region() -> None:
    """On the way home the nose leads."""
    station = hovering(MAST)
    station.mode(6)
    station.listen(15)
    assert station.vehicle.truth().heading_deg == pytest.approx(180.0, abs=5.0)
