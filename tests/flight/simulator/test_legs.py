"""Legs are flown straight, in the time of their S-curve, and blend at corners."""

import itertools
import math
from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from flight.simulator.legs import Leg, LegEnd
from flight.simulator.manoeuvres import Place
from flight.simulator.sensors import Estimate
from tests.flight.simulator.airborne import SPEEDS, START, STEP_S, airborne, fly

RAMP_8_S = 8.0 / 2.5 + 2.5 + 0.3  # speed / acceleration + acceleration / jerk + build-up


def fly_course(*places: Place, wind_mps: float = 0.0) -> list[Estimate]:
    """Fly legs from the start through all places, without a stop between."""
    airframe = airborne(wind_mps=wind_mps)
    track: list[Estimate] = []
    before: Leg | None = None
    for start, end, onward in zip((START, *places), places, (*places[1:], None), strict=False):
        before = Leg(start, end, SPEEDS, LegEnd(onward=onward), before)
        track += fly(airframe, before)
    return track


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


def test_pause_at_the_end_is_waited_there() -> None:
    """Three seconds within the radius."""
    moving = fly(airborne(), Leg(START, Place(20, 0, 30), SPEEDS))
    waiting = fly(airborne(), Leg(START, Place(20, 0, 30), SPEEDS, LegEnd(pause_s=3.0)))
    assert (len(waiting) - len(moving)) * STEP_S == pytest.approx(3, abs=0.05)
    assert waiting[-1].north_m == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("length_m", [60.0, 400.0])
def test_leg_takes_the_time_of_its_s_curve(length_m: float) -> None:
    """Way at cruise, and one ramp for starting and stopping together."""
    track = fly(airborne(), Leg(START, Place(length_m, 0, 30), SPEEDS))
    assert len(track) * STEP_S == pytest.approx(length_m / 8.0 + RAMP_8_S, abs=0.3)


def test_jerk_and_acceleration_stay_within_what_was_planned() -> None:
    """1 m/s3 and 2.5 m/s2, seen from the velocities."""
    track = fly(airborne(), Leg(START, Place(200, 0, 30), SPEEDS))
    gains = [(b.north_mps - a.north_mps) / STEP_S for a, b in itertools.pairwise(track)]
    assert max(map(abs, gains)) < 2.6
    assert max(abs(b - a) / 0.5 for a, b in zip(gains, gains[25:], strict=False)) < 1.2


def test_points_in_line_are_passed_at_cruise() -> None:
    """Two legs in line take as long as one."""
    track = fly_course(Place(100, 0, 30), Place(200, 0, 30))
    assert len(track) * STEP_S == pytest.approx(200 / 8.0 + RAMP_8_S, abs=0.4)


@effort(max_examples=8, deadline=None)
@given(st.floats(-170, 170))
def test_corners_are_cut_by_no_more_than_the_radius(turn_deg: float) -> None:
    """The track passes every corner within two metres, and flies on."""
    turn = math.radians(turn_deg)
    corner = Place(120, 0, 30)
    end = Place(120 + 120 * math.cos(turn), 120 * math.sin(turn), 30)
    track = fly_course(corner, end)
    off_m = min(math.dist((here.north_m, here.east_m), (120, 0)) for here in track)
    assert off_m < 2.2
    assert math.dist((track[-1].north_m, track[-1].east_m), (end.north_m, end.east_m)) < 2.0
    stopping_s = 240 / 8.0 + 2 * RAMP_8_S
    assert len(track) * STEP_S < stopping_s - 2.0


def test_the_points_wait_for_an_aircraft_that_falls_behind() -> None:
    """Against 18 m/s only 5.5 m/s over the ground are left; the line is kept all the same."""
    track = fly_course(Place(150, 0, 30), Place(150, 60, 30), wind_mps=-18.0)
    assert max(here.north_mps for here in track) < 6.5
    assert track[-1].east_m > 58
    on_leg = [abs(here.east_m) for here in track if here.north_m < 140]
    assert max(on_leg) < 0.5


@effort(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-60, 60), st.integers(-60, 60), st.integers(20, 50)),
        min_size=2,
        max_size=5,
    ),
    st.floats(-12, 12),
)
def test_any_course_is_kept_to_and_ends(rows: list[tuple[int, int, int]], wind_mps: float) -> None:
    """Reversals, climbs and short hops: within three metres of the lines, to the last place."""
    places = [Place(*row) for row in rows]
    track = fly_course(*places, wind_mps=wind_mps)
    lines = shapely.LineString([(START.north_m, START.east_m), *(row[:2] for row in rows)])
    flown = shapely.points([(here.north_m, here.east_m) for here in track])
    assert shapely.distance(lines, flown).max() < 3.0
    assert math.dist((track[-1].north_m, track[-1].east_m), rows[-1][:2]) < 2.0
    assert len(track) * STEP_S < 290
