"""Steering: each manoeuvre flown by a point mass that obeys at once, and by the airframe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.manoeuvres import (
    Climb,
    Descend,
    Hold,
    Idle,
    Place,
    Sequence,
    braking_speed_mps,
    stopping_place,
)
from flight.simulator.physics import Multirotor, Wind
from flight.simulator.returning import return_to
from tests.flight.simulator.airborne import SPEEDS, airborne, fly, seen


@given(st.floats(0, 500))
def test_braking_speed_stops_within_the_distance(distance_m: float) -> None:
    """V squared over twice the braking acceleration is never more than what is left."""
    assert braking_speed_mps(distance_m) ** 2 / (2 * 1.2) <= distance_m + 1e-9


def test_hold_comes_to_rest_where_the_aircraft_can_stop() -> None:
    """From eight metres a second within some metres, and it stays there."""
    airframe = airborne()
    airframe.body.north_mps = 8.0
    expected = stopping_place(seen(airframe))
    fly(airframe, Hold(None, SPEEDS, for_s=20))
    assert airframe.body.north_m == pytest.approx(expected.north_m, abs=0.3)
    assert airframe.body.north_mps == pytest.approx(0, abs=0.05)


def test_climb_goes_straight_up_and_keeps_its_rate() -> None:
    """At most two and a half metres a second."""
    airframe = Multirotor(0.0, Wind(0, 0, 0))
    track = fly(airframe, Climb(40, SPEEDS))
    assert max(here.up_mps for here in track) == pytest.approx(2.5, abs=0.12)
    assert max(here.height_m for here in track) < 40.5


def test_descent_is_slow_near_the_ground_and_ends_on_it() -> None:
    """Half a metre a second below ten metres."""
    airframe = airborne()
    track = fly(airframe, Descend(Place(0, 0, 0), 0.0, SPEEDS))
    low = [here.up_mps for here in track if 0.5 < here.height_m < 8]
    assert airframe.body.on_ground
    assert min(low) == pytest.approx(-0.5, abs=0.05)
    assert min(here.up_mps for here in track) == pytest.approx(-1.5, abs=0.12)


def test_return_climbs_first_and_never_comes_home_lower() -> None:
    """A return from ten metres goes up to fifteen before it moves."""
    airframe = airborne(50, 0, 10)
    track = fly(airframe, return_to(seen(airframe), Place(0, 0, 0), 15, SPEEDS))
    moving = [here.height_m for here in track if 5 < here.north_m < 45]
    assert min(moving) > 14
    assert airframe.body.on_ground
    assert airframe.body.north_m == pytest.approx(0, abs=0.3)


def test_return_from_above_keeps_its_height() -> None:
    """From forty metres it comes home at forty."""
    airframe = airborne(50, 0, 40)
    track = fly(airframe, return_to(seen(airframe), Place(0, 0, 0), 15, SPEEDS))
    assert min(here.height_m for here in track if 5 < here.north_m < 45) > 39


def test_sequence_is_done_with_its_last_step() -> None:
    """One after the other."""
    airframe = airborne()
    steps = Sequence(Climb(35, SPEEDS), Hold(None, SPEEDS, for_s=2.0))
    fly(airframe, steps)
    assert steps.done
    assert airframe.body.height_m == pytest.approx(35, abs=0.6)


def test_idling_never_leaves_the_ground() -> None:
    """The motors turn, nothing else."""
    airframe = Multirotor(0.0, Wind(0, 0, 0))
    fly(airframe, Idle(), most_s=5)
    assert airframe.body.height_m == 0
