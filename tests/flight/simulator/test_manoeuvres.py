"""Steering: each manoeuvre flown by a point mass that obeys at once, and by the airframe."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from flight.simulator.manoeuvres import (
    Climb,
    Descend,
    Hold,
    Idle,
    Leg,
    LegEnd,
    Manoeuvre,
    Place,
    Sequence,
    Speeds,
    braking_speed_mps,
    return_home,
    stopping_place,
)
from flight.simulator.physics import Multirotor, SetPoint, Wind
from flight.simulator.sensors import Estimate

STEP_S = 0.02
SPEEDS = Speeds(cruise_mps=8.0)
START = Place(0, 0, 30)


def airborne(north_m: float = 0, east_m: float = 0, height_m: float = 30) -> Multirotor:
    """Return an aircraft hovering at a place."""
    airframe = Multirotor(0.0, Wind(0, 0, 0))
    body = airframe.body
    body.north_m, body.east_m, body.height_m, body.on_ground = north_m, east_m, height_m, False
    return airframe


def seen(airframe: Multirotor) -> Estimate:
    """Return an estimate without errors."""
    body = airframe.body
    return Estimate(
        body.north_m,
        body.east_m,
        body.height_m,
        body.north_mps,
        body.east_mps,
        body.up_mps,
        on_ground=body.on_ground,
    )


def fly(airframe: Multirotor, manoeuvre: Manoeuvre, most_s: float = 300) -> list[Estimate]:
    """Fly until the manoeuvre is done and return the track."""
    track: list[Estimate] = []
    while not manoeuvre.done and len(track) * STEP_S < most_s:
        here = seen(airframe)
        track.append(here)
        wanted = manoeuvre.steer(here, len(track) * STEP_S)
        heading_deg = 0.0 if wanted.heading_deg is None else wanted.heading_deg
        velocity = (wanted.north_mps, wanted.east_mps, wanted.up_mps)
        airframe.step(SetPoint(True, *velocity, heading_deg), STEP_S)
    return track


@given(st.floats(0, 500))
def test_braking_speed_stops_within_the_distance(distance_m: float) -> None:
    """V squared over twice the braking acceleration is never more than what is left."""
    assert braking_speed_mps(distance_m) ** 2 / (2 * 1.2) <= distance_m + 1e-9


@effort(max_examples=25, deadline=None)
@given(st.floats(-120, 120), st.floats(-120, 120), st.floats(10, 80))
def test_leg_arrives_without_leaving_its_line(north_m: float, east_m: float, up_m: float) -> None:
    """From rest to rest: done within the radius, never far off the line or past its end."""
    airframe = airborne()
    end = Place(north_m, east_m, up_m)
    leg = Leg(START, end, SPEEDS)
    track = fly(airframe, leg)
    assert leg.done
    last = track[-1]
    assert math.dist((last.north_m, last.east_m), (north_m, east_m)) <= 2.0
    length_m = math.hypot(north_m, east_m)
    if length_m > 1:
        off_m = [abs(p.north_m * east_m - p.east_m * north_m) / length_m for p in track]
        along_m = [(p.north_m * north_m + p.east_m * east_m) / length_m for p in track]
        assert max(off_m) < 0.5
        assert max(along_m) < length_m + 1.0


def test_leg_climbs_evenly_along_its_way() -> None:
    """Half-way along it is half-way up."""
    track = fly(airborne(), Leg(START, Place(200, 0, 60), SPEEDS))
    half = min(track, key=lambda here: abs(here.north_m - 100))
    assert half.height_m == pytest.approx(45, abs=1.5)


def test_steep_leg_is_flown_as_slowly_as_the_climb_needs() -> None:
    """Ten metres along and forty up: the aircraft does not arrive early and low."""
    track = fly(airborne(), Leg(START, Place(10, 0, 70), SPEEDS))
    assert max(math.hypot(here.north_mps, here.east_mps) for here in track) < 1.5
    assert track[-1].height_m == pytest.approx(70, abs=1.5)


def test_leg_of_no_length_only_climbs() -> None:
    """Two places above each other."""
    track = fly(airborne(), Leg(START, replace(START, height_m=40), SPEEDS))
    assert track[-1].height_m == pytest.approx(40, abs=1.5)
    assert max(abs(here.north_m) for here in track) < 0.1


def test_leg_goes_back_to_its_line() -> None:
    """An aircraft that starts ten metres beside the line joins it."""
    track = fly(airborne(east_m=10), Leg(START, Place(150, 0, 30), SPEEDS))
    beside = [abs(here.east_m) for here in track if here.north_m > 100]
    assert max(beside) < 0.5


def test_passing_speed_is_kept_at_the_end() -> None:
    """A leg that ends at six metres a second is not braked to a stop."""
    track = fly(airborne(), Leg(START, Place(100, 0, 30), SPEEDS, LegEnd(speed_mps=6.0)))
    assert track[-1].north_mps > 5.5


def test_pause_at_the_end_is_waited_there() -> None:
    """Three seconds within the radius."""
    moving = fly(airborne(), Leg(START, Place(20, 0, 30), SPEEDS))
    waiting = fly(airborne(), Leg(START, Place(20, 0, 30), SPEEDS, LegEnd(pause_s=3.0)))
    assert (len(waiting) - len(moving)) * STEP_S == pytest.approx(3, abs=0.05)
    assert waiting[-1].north_m == pytest.approx(20, abs=0.5)


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
    assert max(here.up_mps for here in track) == pytest.approx(2.5, abs=0.05)
    assert max(here.height_m for here in track) < 40.5


def test_descent_is_slow_near_the_ground_and_ends_on_it() -> None:
    """Half a metre a second below ten metres."""
    airframe = airborne()
    track = fly(airframe, Descend(Place(0, 0, 0), 0.0, SPEEDS))
    low = [here.up_mps for here in track if 0.5 < here.height_m < 8]
    assert airframe.body.on_ground
    assert min(low) == pytest.approx(-0.5, abs=0.05)
    assert min(here.up_mps for here in track) == pytest.approx(-1.5, abs=0.05)


def test_return_climbs_first_and_never_comes_home_lower() -> None:
    """A return from ten metres goes up to fifteen before it moves."""
    airframe = airborne(50, 0, 10)
    track = fly(airframe, return_home(seen(airframe), Place(0, 0, 0), 15, SPEEDS))
    moving = [here.height_m for here in track if 5 < here.north_m < 45]
    assert min(moving) > 14
    assert airframe.body.on_ground
    assert airframe.body.north_m == pytest.approx(0, abs=0.3)


def test_return_from_above_keeps_its_height() -> None:
    """From forty metres it comes home at forty."""
    airframe = airborne(50, 0, 40)
    track = fly(airframe, return_home(seen(airframe), Place(0, 0, 0), 15, SPEEDS))
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
