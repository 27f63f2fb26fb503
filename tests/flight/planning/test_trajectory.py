"""Routes of several legs: corners overlap, and the motion adds up."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.trajectory import Agility, Trajectory

coordinates = st.floats(-300, 300)
routes = st.lists(
    st.tuples(coordinates, coordinates, st.floats(10, 60)), min_size=2, max_size=7
).map(np.array)


def motion(points: np.ndarray, speed_mps: float = 8.0, radius_m: float = 2.0) -> Trajectory:
    """A route without hovers."""
    speeds = np.full(len(points) - 1, speed_mps)
    return Trajectory(points, speeds, np.zeros(len(points)), Agility(corner_radius_m=radius_m))


@settings(max_examples=30, deadline=None)
@given(routes)
def test_the_velocities_lead_from_the_first_point_to_the_last(route: np.ndarray) -> None:
    """Summed up over time, whatever is blended where."""
    path = motion(route)
    times = np.linspace(0.0, path.time_s, 4000)
    velocity, _ = path.at(times)
    moved = (velocity[1:] + velocity[:-1]).sum(axis=0) / 2.0 * times[1]
    assert moved == pytest.approx(route[-1] - route[0], abs=0.2)
    assert path.leg_times_s.sum() == pytest.approx(path.time_s)
    assert (path.leg_times_s > -1e-9).all()


@settings(max_examples=30, deadline=None)
@given(routes)
def test_the_steps_of_integration_hold_the_whole_motion(route: np.ndarray) -> None:
    """Between the instants, the trapezoid rule loses nothing worth mention."""
    path = motion(route)
    times = path.instants_s()
    velocity, _ = path.at(times)
    weights = np.diff(times)[:, None]
    moved = ((velocity[1:] + velocity[:-1]) / 2.0 * weights).sum(axis=0)
    assert moved == pytest.approx(route[-1] - route[0], abs=0.5)


@settings(max_examples=30, deadline=None)
@given(st.floats(5.0, 175.0), st.floats(0.5, 8.0))
def test_the_middle_of_a_turn_stays_within_the_radius(turn_deg: float, radius_m: float) -> None:
    """Half-way through the overlap the path is no farther from the corner than allowed."""
    turn = math.radians(turn_deg)
    corner = (200.0, 0.0, 40.0)
    end = (200.0 + 200.0 * math.cos(turn), 200.0 * math.sin(turn), 40.0)
    path = motion(np.array([(0.0, 0.0, 40.0), corner, end]), radius_m=radius_m)
    times = np.linspace(0.0, path.time_s, 6000)
    velocity, _ = path.at(times)
    places = np.cumsum(velocity, axis=0) * times[1]
    nearest_m = np.linalg.norm(places - np.array([200.0, 0.0, 0.0]), axis=1).min()
    assert nearest_m <= radius_m + 0.1


def test_a_wider_radius_saves_time() -> None:
    """Rounder corners are quicker."""
    square = np.array([[0, 0, 40], [100, 0, 40], [100, 100, 40], [0, 100, 40]], dtype=np.float64)
    times = [motion(square, radius_m=radius).time_s for radius in (0.5, 2.0, 5.0)]
    assert times == sorted(times, reverse=True)


def test_limits_hold_along_slopes() -> None:
    """Straight up as fast as the climb, along a slope as either part allows."""
    up, slope = np.array([[0.0, 0.0, 1.0]]), np.array([[0.8, 0.0, -0.6]])
    speeds, gains = Agility().along(np.vstack([up, slope]), np.full(2, 10.0))
    assert speeds == pytest.approx([2.5, 1.5 / 0.6])
    assert gains == pytest.approx([1.0, 1.0 / 0.6])
