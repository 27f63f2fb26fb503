"""No two aircraft come too near, whenever each of them really is where."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError
from flight.planning.leg_pairs import Leg, LegPair, nearest
from flight.planning.separation import (
    Change,
    Spacing,
    Track,
    find_encounters,
    keep_apart,
)

EXACT = Spacing(horizontal_m=30.0, vertical_m=10.0, late_s=0.0, drift=0.0)
LATE = Spacing(horizontal_m=30.0, vertical_m=10.0, late_s=8.0, drift=0.05)

metres = st.integers(-300, 300).map(float)
heights = st.sampled_from([0.0, 5.0, 30.0, 38.0, 45.0, 60.0])


def straight(
    vehicle: str, begin: tuple[float, ...], end: tuple[float, ...], start_s: float = 0.0
) -> Track:
    """A track at 10 m/s from one point to another."""
    lasts_s = math.dist(begin, end) / 10.0
    return Track(vehicle, np.array([start_s, start_s + lasts_s]), np.array([begin, end]))


@st.composite
def tracks(draw: st.DrawFn, vehicle: str = "a") -> Track:
    """From the ground over a few points to the ground, with waits and legs of no length."""
    around = draw(st.lists(st.tuples(metres, metres, heights), min_size=1, max_size=4))
    first, last = around[0], around[-1]
    points = [(*first[:2], 0.0), *around, (*last[:2], 0.0)]
    lasts_s = draw(st.lists(st.integers(0, 40), min_size=len(points) - 1, max_size=len(points) - 1))
    start_s = draw(st.integers(0, 60))
    times_s = start_s + np.concatenate([[0], np.cumsum(lasts_s)])
    return Track(vehicle, times_s, np.array(points))


def sampled(track: Track, spacing: Spacing, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Times on a track, and where it is then, with its lateness."""
    times_s = np.union1d(np.linspace(track.times_s[0], track.times_s[-1], count), track.times_s)
    where = [np.interp(times_s, track.times_s, track.points_m[:, axis]) for axis in range(3)]
    late_s = spacing.late_s + spacing.drift * (times_s - track.times_s[0])
    return np.stack([times_s, late_s]), np.stack(where)


def nearest_sampled_m(a: Track, b: Track, spacing: Spacing) -> float:
    """The least distance over the ground among samples that are too near in height."""
    (s, late_a), at_a = sampled(a, spacing)
    (t, late_b), at_b = sampled(b, spacing)
    meet = np.abs(s[:, None] - t[None, :]) <= late_a[:, None] + late_b[None, :]
    meet &= np.abs(at_a[2][:, None] - at_b[2][None, :]) < spacing.vertical_m - 1e-3
    apart_m = np.hypot(at_a[0][:, None] - at_b[0][None, :], at_a[1][:, None] - at_b[1][None, :])
    return float(np.where(meet, apart_m, np.inf).min())


def without_jumps(track: Track) -> bool:
    """Whether points of the same time are the same place, so that interpolation is a function."""
    steps = np.diff(track.times_s) == 0.0
    return bool((np.abs(np.diff(track.points_m, axis=0)).sum(axis=1)[steps] == 0.0).all())


@given(a=tracks("a"), b=tracks("b"), spacing=st.sampled_from([EXACT, LATE]))
@settings(max_examples=150, deadline=None)
def test_no_sample_is_nearer_than_the_closest_approach(
    a: Track, b: Track, spacing: Spacing
) -> None:
    """What is found is least, and what is not found does not happen."""
    assume(without_jumps(a) and without_jumps(b))
    found = find_encounters([a, b], spacing)
    nearest_m = found[0].horizontal_m if found else spacing.horizontal_m
    assert nearest_sampled_m(a, b, spacing) >= nearest_m - 1e-3


@given(a=tracks("a"), b=tracks("b"), spacing=st.sampled_from([EXACT, LATE]))
@settings(max_examples=150, deadline=None)
def test_every_encounter_can_happen(a: Track, b: Track, spacing: Spacing) -> None:
    """At the times told, both are where told, within their lateness, too near both ways."""
    assume(without_jumps(a) and without_jumps(b))
    for met in find_encounters([a, b], spacing):
        at = [
            [np.interp(when, track.times_s, track.points_m[:, axis]) for axis in range(3)]
            for track, when in ((a, met.first_s), (b, met.second_s))
        ]
        late_s = 2.0 * spacing.late_s + spacing.drift * (
            met.first_s - a.times_s[0] + met.second_s - b.times_s[0]
        )
        assert abs(met.first_s - met.second_s) <= late_s + 2e-6
        assert math.dist(at[0][:2], at[1][:2]) == pytest.approx(met.horizontal_m, abs=1e-4)
        assert abs(at[0][2] - at[1][2]) < spacing.vertical_m
        assert at[0] == pytest.approx(met.point_m, abs=1e-4)


@given(
    flights=st.lists(tracks(), min_size=2, max_size=5),
    spacing=st.sampled_from([EXACT, LATE]),
    lifts_m=st.sampled_from([(0.0,), (0.0, 12.0)]),
)
@settings(max_examples=60, deadline=None)
def test_after_the_repair_no_pair_is_ever_too_near(
    flights: list[Track], spacing: Spacing, lifts_m: tuple[float, ...]
) -> None:
    """Whoever flies where: delays and lifts, never a move to an earlier start."""
    flights = [Track(str(k % 3), t.times_s, t.points_m, 20.0) for k, t in enumerate(flights)]
    assume(all(map(without_jumps, flights)))
    changes = keep_apart(flights, spacing, lifts_m=lifts_m)
    moved = [track.moved(change) for track, change in zip(flights, changes, strict=True)]
    assert find_encounters(moved, spacing) == ()
    assert all(change.delay_s >= 0.0 and change.lift_m in lifts_m for change in changes)
    for a, b in itertools.combinations(moved, 2):
        # A lift within no time is a jump, between whose ends samples are not where anybody is.
        if a.vehicle != b.vehicle and without_jumps(a) and without_jumps(b):
            assert nearest_sampled_m(a, b, spacing) >= spacing.horizontal_m - 1e-3
        if a.vehicle == b.vehicle:
            early, late = sorted((a, b), key=lambda track: float(track.times_s[0]))
            assert late.times_s[0] >= early.times_s[-1] + 20.0 - 1e-9


def test_crossing_ways_meet_only_if_flown_at_the_same_time() -> None:
    """Two lines cross in the middle; one flown a minute later is far from the other."""
    east = straight("a", (-200.0, 0.0, 40.0), (200.0, 0.0, 40.0))
    north = straight("b", (0.0, -200.0, 40.0), (0.0, 200.0, 40.0))
    later = straight("b", (0.0, -200.0, 40.0), (0.0, 200.0, 40.0), start_s=60.0)
    (met,) = find_encounters([east, north], EXACT)
    assert met.first_s == pytest.approx(20.0)
    assert met.horizontal_m == pytest.approx(0.0, abs=1e-9)
    assert find_encounters([east, later], EXACT) == ()


def test_lateness_brings_those_together_who_would_just_miss_each_other() -> None:
    """Ten seconds apart at the crossing are enough only for those who fly to the second."""
    east = straight("a", (-200.0, 0.0, 40.0), (200.0, 0.0, 40.0))
    north = straight("b", (0.0, -200.0, 40.0), (0.0, 200.0, 40.0), start_s=10.0)
    assert find_encounters([east, north], EXACT) == ()
    assert len(find_encounters([east, north], LATE)) == 1


def test_a_lift_saves_the_delay() -> None:
    """Where another height is allowed nobody waits; else the second one does."""
    points = [(-200.0, 0.0, 0.0), (-200.0, 0.0, 40.0), (200.0, 0.0, 40.0), (200.0, 0.0, 0.0)]
    back = [(x, y, z) for x, y, z in reversed(points)]
    times_s = np.array([0.0, 20.0, 60.0, 80.0])
    flights = [Track("a", times_s, np.array(points)), Track("b", times_s, np.array(back))]
    spacing = Spacing(30.0, 10.0, 0.0, 0.0)
    lifted = keep_apart(flights, spacing, lifts_m=(0.0, 15.0))
    waiting = keep_apart(flights, spacing)
    assert lifted[0] == waiting[0] == Change()
    assert lifted[1].lift_m == 15.0
    assert lifted[1].delay_s < waiting[1].delay_s


def test_a_lift_leaves_the_ground_where_it_is() -> None:
    """Who waits at the dock is not lifted, nor who has landed."""
    heights_m = [0.0, 0.0, 40.0, 40.0, 0.0, 0.0]
    points_m = np.array([[10.0 * (k == 3), 0.0, z] for k, z in enumerate(heights_m)])
    points_m[4:, 0] = 10.0
    lifted = Track("a", np.arange(6.0), points_m).moved(Change(5.0, 12.0))
    assert lifted.points_m[:, 2].tolist() == [0.0, 0.0, 52.0, 52.0, 0.0, 0.0]
    assert lifted.times_s[0] == 5.0


def test_an_aircraft_does_not_meet_itself() -> None:
    """Its next flight begins where the last one ended; it only has to wait for that."""
    first = straight("a", (0.0, 0.0, 40.0), (400.0, 0.0, 40.0))
    again = straight("a", (400.0, 0.0, 40.0), (0.0, 0.0, 40.0), start_s=30.0)
    assert find_encounters([first, again], LATE) == ()
    assert keep_apart([first, again], LATE)[1].delay_s == pytest.approx(10.0)


def test_two_that_land_at_once_are_seen_to_meet() -> None:
    """Both sink at one place, one faster; at some moment they are at one height."""
    times_s = ([5.0, 6.0, 45.0], [20.0, 21.0, 40.0])
    column = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 30.0], [0.0, 0.0, 0.0]])
    flights = [Track(str(k), np.array(when), column) for k, when in enumerate(times_s)]
    assert len(find_encounters(flights, EXACT)) == 1


def test_two_legs_at_rest_are_as_near_as_their_points() -> None:
    """Hovering aircraft have no speed to divide by."""
    still = [Leg((0.0, 10.0), (x, 0.0, 40.0), (x, 0.0, 40.0)) for x in (0.0, 12.0)]
    found = nearest(LegPair(still[0], still[1], 10.0), (0.0, 0.0))
    assert found is not None
    assert found[2] == 12.0


@pytest.mark.parametrize(
    "wrong",
    [{"horizontal_m": 0.0}, {"late_s": -1.0}, {"drift": 0.5}],
)
def test_a_spacing_makes_sense(wrong: dict[str, float]) -> None:
    """A drift of a second per second would keep everybody on the ground for ever."""
    with pytest.raises(PlanningError):
        Spacing(**wrong)


def test_a_track_makes_sense() -> None:
    """Times ascend, and there is a point for each."""
    with pytest.raises(ValueError, match="ascend"):
        Track("a", np.array([1.0, 0.0]), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="points"):
        Track("a", np.array([0.0, 1.0]), np.zeros((3, 3)))
    with pytest.raises(ValueError, match="not a number"):
        Track("a", np.array([0.0, np.nan]), np.zeros((2, 3)))
    with pytest.raises(PlanningError, match="lift"):
        keep_apart([], EXACT, lifts_m=())
