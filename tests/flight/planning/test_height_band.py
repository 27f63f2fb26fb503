"""The fewest points inside a band of altitudes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.planning.height_band import Band, Gradients, fewest_points

STEEP = Gradients(1.0, 0.5)


@st.composite
def bands(draw: st.DrawFn) -> Band:
    """Random ground, a band above it that the gradients allow, and some corners."""
    count = draw(st.integers(2, 24))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    distance_m = np.cumsum(rng.uniform(1.0, 40.0, count))
    ground_m = np.cumsum(rng.normal(0.0, draw(st.sampled_from([0.0, 2.0, 15.0])), count))
    low_m = STEEP.raised(distance_m, ground_m)
    high_m = np.maximum(STEEP.lowered(distance_m, ground_m + draw(st.floats(0.0, 30.0))), low_m)
    corner = rng.random(count) < draw(st.sampled_from([0.0, 0.3]))
    corner[[0, -1]] = True
    return Band(distance_m, low_m, high_m, (low_m + high_m) / 2.0, corner)


@given(band=bands())
def test_the_flight_stays_in_the_band(band: Band) -> None:
    """At every knot, and it is nowhere steeper than allowed; corners are always points."""
    knots, altitudes_m = fewest_points(band, STEEP)
    flown_m = np.interp(band.distance_m, band.distance_m[knots], altitudes_m)
    assert (flown_m >= band.lowest_m - 1e-5).all()
    assert (flown_m <= band.highest_m + 1e-5).all()
    slopes = np.diff(altitudes_m) / np.diff(band.distance_m[knots])
    assert slopes.max() <= STEEP.climb + 1e-5
    assert slopes.min() >= -STEEP.descent - 1e-5
    assert set(np.flatnonzero(band.corner)) <= set(knots.tolist())


def _least_on_a_lattice(band: Band, levels: int = 17) -> int:
    """The fewest points by trying all flights between some altitudes at every knot."""
    count = len(band.distance_m)
    share = np.linspace(0.0, 1.0, levels)
    altitudes = band.lowest_m[:, None] + share * (band.highest_m - band.lowest_m)[:, None]
    least = np.full((count, levels), np.inf)
    least[0] = 1
    for start in range(count - 1):
        for end in range(start + 1, count):
            way = (band.distance_m[start : end + 1] - band.distance_m[start])[None, None]
            slope = (altitudes[end][None, :] - altitudes[start][:, None]) / way[..., -1]
            flown = altitudes[start][:, None, None] + slope[..., None] * way
            inside = (flown >= band.lowest_m[start : end + 1] - 1e-6).all(axis=2)
            inside &= (flown <= band.highest_m[start : end + 1] + 1e-6).all(axis=2)
            inside &= (slope <= STEEP.climb + 1e-6) & (slope >= -STEEP.descent - 1e-6)
            costs = np.where(inside, least[start][:, None] + 1, np.inf).min(axis=0)
            least[end] = np.minimum(least[end], costs)
            if band.corner[end]:
                break
    return int(least[-1].min())


@given(band=bands())
def test_hardly_any_point_is_wasted(band: Band) -> None:
    """Never more than one for each leg above the best among thousands of flights tried."""
    knots, _ = fewest_points(band, STEEP)
    legs = int(band.corner.sum()) - 1
    assert len(knots) <= _least_on_a_lattice(band) + legs


def test_most_often_no_point_is_wasted() -> None:
    """Over a hundred bands the count is at most two in a hundred above the best of a lattice."""
    rng = np.random.default_rng(3)
    ours = best = 0
    for _ in range(100):
        distance_m = np.cumsum(rng.uniform(5.0, 40.0, 16))
        low_m = STEEP.raised(distance_m, np.cumsum(rng.normal(0.0, 10.0, 16)))
        high_m = STEEP.lowered(distance_m, low_m + 15.0)
        corner = np.zeros(16, dtype=bool)
        corner[[0, -1]] = True
        band = Band(distance_m, low_m, np.maximum(low_m, high_m), low_m, corner)
        ours += len(fewest_points(band, STEEP)[0])
        best += _least_on_a_lattice(band)
    assert ours <= 1.02 * best


def test_flat_ground_needs_only_the_corners() -> None:
    """And there the altitude is the wanted one."""
    distance_m = np.arange(50.0)
    flat = np.full(50, 100.0)
    corner = np.isin(np.arange(50), (0, 20, 49))
    knots, altitudes_m = fewest_points(Band(distance_m, flat - 5, flat + 5, flat, corner), STEEP)
    assert knots.tolist() == [0, 20, 49]
    assert altitudes_m == pytest.approx(100.0)


def test_one_place_is_one_point() -> None:
    """A route of one knot has the altitude that is wanted there."""
    one = np.array([7.0])
    knots, altitudes_m = fewest_points(Band(one, one - 1, one + 1, one, one > 0), STEEP)
    assert (knots.tolist(), altitudes_m.tolist()) == ([0], [7.0])


def test_a_band_without_width_is_followed_exactly() -> None:
    """Where there is no choice every bend is a point."""
    distance_m = np.array([0.0, 10.0, 20.0, 30.0])
    only = np.array([0.0, 8.0, 3.5, 6.0])
    corner = np.array([True, False, False, True])
    knots, altitudes_m = fewest_points(Band(distance_m, only, only, only, corner), STEEP)
    assert knots.tolist() == [0, 1, 2, 3]
    assert altitudes_m == pytest.approx(only, abs=1e-5)


@given(seed=st.integers(0, 1000))
def test_raising_and_lowering_are_the_nearest_flights(seed: int) -> None:
    """No flight that keeps to the gradients fits closer, because they touch or are at a limit."""
    rng = np.random.default_rng(seed)
    distance_m = np.cumsum(rng.uniform(1.0, 20.0, 30))
    alt_m = rng.uniform(0.0, 40.0, 30)
    for found, sign in (
        (STEEP.raised(distance_m, alt_m), 1),
        (STEEP.lowered(distance_m, alt_m), -1),
    ):
        slopes = np.diff(found) / np.diff(distance_m)
        assert (sign * (found - alt_m) >= -1e-9).all()
        assert slopes.max() <= STEEP.climb + 1e-9
        assert slopes.min() >= -STEEP.descent - 1e-9
        rising, falling = np.append(slopes, 0.0), np.append(0.0, slopes)
        held = (np.abs(rising - STEEP.climb) < 1e-9) | (np.abs(falling + STEEP.descent) < 1e-9)
        held_below = (np.abs(rising + STEEP.descent) < 1e-9) | (
            np.abs(falling - STEEP.climb) < 1e-9
        )
        at_limit = held if sign > 0 else held_below
        assert (at_limit | np.isclose(found, alt_m)).all()
