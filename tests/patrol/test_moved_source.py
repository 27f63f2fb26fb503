"""Frames are chosen by the way over the ground."""

from collections.abc import Callable

import pytest

from geofences.view import CameraPose
from patrol.moved_source import MovedSource
from tests.vision.builders import BlankSource, pose
from vision.errors import PoseError


def times_s(pose_at: Callable[[float], CameraPose], every_m: float = 4.0) -> list[float]:
    """Times of the frames that are given of five seconds with ten frames each."""
    return [frame.time_s for frame in MovedSource(BlankSource(50), pose_at, every_m)]


def test_who_flies_is_looked_at_by_his_way() -> None:
    """At 10 m/s four metres take 0.4 s."""
    found = times_s(lambda time_s: pose(10.1 * time_s))
    assert found == pytest.approx([0.4 * i for i in range(13)])


def test_who_hovers_is_looked_at_once_a_second() -> None:
    """Things below him may move all the same."""
    assert times_s(lambda _: pose()) == pytest.approx([0.0, 1.0, 2.0, 3.0, 4.0])


def test_who_turns_where_he_hovers_looks_elsewhere() -> None:
    """From 40 m up, 60 degrees down, the middle of the picture lies 23 m ahead."""
    found = times_s(lambda time_s: pose(heading_deg=30.0 * time_s))
    assert found[:4] == pytest.approx([0.0, 0.4, 0.8, 1.2])
    seen = times_s(lambda time_s: pose(pitch_deg=-60.0 + 10.0 * time_s))
    assert len(seen) > 5


def test_a_trembling_view_near_the_horizon_is_no_way() -> None:
    """There a degree is a hundred metres of ground."""
    tremble = {0: -6.0, 1: -6.5}
    found = times_s(lambda time_s: pose(pitch_deg=tremble[round(10 * time_s) % 2]))
    assert len(found) == 5


def test_frames_without_a_pose_are_all_given() -> None:
    """So that they are counted and told of."""

    def pose_at(time_s: float) -> CameraPose:
        if time_s < 1.0:
            raise PoseError("none yet")
        return pose()

    assert times_s(pose_at)[:11] == pytest.approx([0.1 * i for i in range(11)])
    assert len(times_s(pose_at)) == 14
