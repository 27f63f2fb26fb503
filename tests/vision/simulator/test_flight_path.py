"""Flights for footage: smooth, at speed, and measured with stated errors."""

import math
from itertools import pairwise

import numpy as np
import pytest

from geofences.geodesy import LocalFrame, distance_m
from geofences.view import CameraPose, PoseErrors
from tests.vision.simulator.builders import ORIGIN
from vision.simulator.flight_path import Flight, measured, poses_along

FRAME = LocalFrame(ORIGIN)
BEND = Flight(((0.0, 0.0), (0.0, 100.0), (100.0, 100.0)), speed_mps=8.0)


def flown(fps: float = 10.0) -> list[CameraPose]:
    """Return the true poses of a flight round a corner."""
    return poses_along(BEND, FRAME, fps, 3)


def test_a_flight_keeps_its_speed_on_the_straight() -> None:
    """Steps on the first leg are a frame's worth of way."""
    poses = flown()
    steps = [distance_m(a.position, b.position) for a, b in pairwise(poses[5:60])]
    assert np.mean(steps) == pytest.approx(0.8, rel=0.02)


def test_a_corner_is_flown_round() -> None:
    """Heading turns from north to east, by at most a few degrees a frame."""
    headings = np.unwrap(np.radians([pose.heading_deg for pose in flown()]))
    turned = np.degrees(np.diff(headings))
    assert math.degrees(headings[-1] - headings[0]) == pytest.approx(90.0, abs=4.0)
    assert np.abs(turned).max() < 8.0


def test_the_camera_sways_a_little() -> None:
    """Height and pitch wander about their nominal values."""
    poses = flown()
    heights = np.array([pose.height_ground_m for pose in poses])
    pitches = np.array([pose.pitch_deg for pose in poses])
    assert np.abs(heights - 40.0).max() < 1.0
    assert 0.05 < pitches.std() < 0.6


def test_times_count_frames() -> None:
    """A pose a frame, from zero."""
    assert [pose.time_s for pose in flown()[:3]] == [0.0, 0.1, 0.2]


def test_a_flight_repeats_exactly() -> None:
    """The same seed sways the same way."""
    assert flown() == flown()


def test_telemetry_errors_have_the_stated_size() -> None:
    """Over many flights errors of place and heading have their sigmas, and are stated."""
    errors = PoseErrors(0.8, 0.5, 1.0, 0.5)
    poses = flown(1.0)
    offsets = []
    for seed in range(150):
        told = measured(poses, errors, FRAME, seed)[10]
        east, north = FRAME.to_local(told.position.lon_deg, told.position.lat_deg)
        true_e, true_n = FRAME.to_local(poses[10].position.lon_deg, poses[10].position.lat_deg)
        turn = (told.heading_deg - poses[10].heading_deg + 180) % 360 - 180
        rise = told.height_ground_m - poses[10].height_ground_m
        offsets.append((east - true_e, north - true_n, rise, turn))
        assert told.errors == errors
    np.testing.assert_allclose(np.std(offsets, axis=0), [0.8, 0.8, 0.5, 1.0], rtol=0.25)


def test_telemetry_errors_wander_slowly() -> None:
    """Neighbouring frames have nearly the same error."""
    poses = flown()
    told = measured(poses, PoseErrors(1.0, 0.0, 0.0, 0.0), FRAME, 1)
    error = np.array([distance_m(a.position, b.position) for a, b in zip(poses, told, strict=True)])
    assert np.abs(np.diff(error)).max() < 0.8
    assert error.max() > 0.3
