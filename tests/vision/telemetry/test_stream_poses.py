"""Tests of `vision.telemetry.stream_poses`."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from geofences.terrain import FlatTerrain
from tests.vision.telemetry.test_misb_track import packet
from vision.errors import PoseError
from vision.telemetry.film_poses import Completion
from vision.telemetry.stream_misb import StreamTelemetry
from vision.telemetry.stream_poses import StreamPoses

SIZE_PX = (640, 480)
Changes = Mapping[str, float | None]
NONE: Changes = {}
FLAT = Completion(terrain=FlatTerrain(30.0))


@pytest.fixture
def telemetry() -> StreamTelemetry:
    """A stream whose pictures begin with its clock."""
    telemetry = StreamTelemetry("udp://uav")
    telemetry.begin()
    telemetry.lay(0.0, 0.0, 0.0)
    return telemetry


def tell(
    telemetry: StreamTelemetry,
    from_s: float,
    to_s: float,
    changes: Mapping[str, float | None] = NONE,
) -> StreamTelemetry:
    """Packets come five times a second."""
    for number in range(round(from_s * 5), round(to_s * 5) + 1):
        telemetry.take(packet(number / 5, timed=True, **changes).data, number / 5, None)
    return telemetry


def test_poses_are_those_that_the_stream_tells(telemetry: StreamTelemetry) -> None:
    """With the camera, and what a person should know of them."""
    poses = StreamPoses(tell(telemetry, 0.0, 2.0), FLAT, SIZE_PX)
    pose = poses.pose_at(1.1)
    assert poses.camera.hfov_deg == pytest.approx(60.0, abs=0.01)
    assert poses.camera.size_wh_px == SIZE_PX
    assert pose.time_s == 1.1
    assert pose.heading_deg == pytest.approx(90.0, abs=0.01)
    assert pose.pitch_deg == pytest.approx(-60.0, abs=0.01)
    assert pose.height_ground_m == pytest.approx(80.0, abs=0.2)
    assert poses.terrain is FLAT.terrain
    assert poses.said.startswith("Poses from udp://uav, MISB ST 0601 inside: height above sea")


def test_what_comes_later_is_known_later(telemetry: StreamTelemetry) -> None:
    """The aircraft climbs and turns after watching began."""
    poses = StreamPoses(tell(telemetry, 0.0, 2.0), FLAT, SIZE_PX)
    with pytest.raises(PoseError):
        poses.pose_at(20.0)
    tell(telemetry, 18.0, 22.0, {"t5": 180.0, "t15": 130.0})
    assert poses.pose_at(20.0).height_ground_m == pytest.approx(100.0, abs=0.2)
    assert poses.pose_at(20.0).heading_deg == pytest.approx(180.0, abs=0.01)


def test_who_watches_before_take_off_has_poses_from_when_it_flies(
    telemetry: StreamTelemetry,
) -> None:
    """On the ground a receiver may tell a height below the terrain."""
    poses = StreamPoses(tell(telemetry, 0.0, 2.0, {"t15": 28.0}), FLAT, SIZE_PX)
    assert "there is none yet" in poses.said
    with pytest.raises(PoseError, match="under the ground"):
        poses.pose_at(1.0)
    tell(telemetry, 8.0, 12.0)
    assert poses.pose_at(10.0).height_ground_m == pytest.approx(80.0, abs=0.2)


@pytest.mark.parametrize(
    ("changes", "completion", "said"),
    [
        ({"t16": None}, FLAT, "--hfov"),
        ({"t19": None}, FLAT, "--gimbal-pitch"),
        ({}, Completion(), "--ground-alt"),
    ],
)
def test_what_is_missing_is_asked_for(
    telemetry: StreamTelemetry,
    changes: dict[str, float | None],
    completion: Completion,
    said: str,
) -> None:
    """By the option that gives it."""
    with pytest.raises(PoseError, match=said):
        StreamPoses(tell(telemetry, 0.0, 2.0, changes), completion, SIZE_PX)


def test_what_a_person_says_completes_it() -> None:
    """As it does with films."""
    telemetry = StreamTelemetry("udp://uav", -0.4)
    telemetry.begin()
    telemetry.lay(0.0, 0.0, 0.0)
    given = replace(FLAT, hfov_deg=70.0, offset_s=-0.4)
    tell(telemetry, 0.0, 1.0, {"t16": None})
    tell(telemetry, 1.2, 3.0, {"t16": None, "t5": 100.0})
    poses = StreamPoses(telemetry, given, SIZE_PX)
    assert poses.camera.hfov_deg == 70.0
    assert poses.pose_at(1.4).heading_deg == pytest.approx(90.0, abs=0.01)
    assert poses.pose_at(1.6).heading_deg == pytest.approx(100.0, abs=0.01)


def test_a_height_that_is_no_longer_told_is_not_made_up(telemetry: StreamTelemetry) -> None:
    """The sensor goes over to heights of another kind, or tells none."""
    poses = StreamPoses(tell(telemetry, 0.0, 2.0), FLAT, SIZE_PX)
    tell(telemetry, 18.0, 22.0, {"t15": None, "t75": 110.0})
    with pytest.raises(PoseError, match="height above ground is not known"):
        poses.pose_at(20.0)
    tell(telemetry, 38.0, 42.0, {"t15": None})
    with pytest.raises(PoseError):
        poses.pose_at(40.0)


def test_a_camera_that_zooms_later_is_not_taken_for_what_it_was(
    telemetry: StreamTelemetry,
) -> None:
    """Places would be far off."""
    poses = StreamPoses(tell(telemetry, 0.0, 2.0), FLAT, SIZE_PX)
    tell(telemetry, 18.0, 22.0, {"t16": 20.0})
    with pytest.raises(PoseError, match="zoomed"):
        poses.pose_at(20.0)


def test_before_the_first_picture_nobody_knows_its_shape(telemetry: StreamTelemetry) -> None:
    """Streams that were begun long ago wait for a key picture."""
    with pytest.raises(PoseError, match="No picture came yet"):
        StreamPoses(tell(telemetry, 0.0, 2.0), FLAT, (0, 0))
