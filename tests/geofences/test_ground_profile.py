"""Tests of `geofences.ground_profile`."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.geodesy import LocalFrame, LonLat
from geofences.ground_profile import PROFILE_ERROR_M, GroundProfile, mesh_crossings
from geofences.terrain import FlatTerrain, Terrain
from tests.geofences.rasters import DEGREES, METRES, write_raster

FRAME = LocalFrame(LonLat(115.615, 33.19))
ENDS = st.tuples(st.floats(-1200.0, 1200.0), st.floats(-900.0, 900.0))


def _rough(folder: Path, crs: str = "EPSG:4326", gaps: int = 0) -> Terrain:
    rng = np.random.default_rng(7)
    heights = rng.uniform(0.0, 80.0, (120, 120)).astype(np.float32)
    heights.flat[rng.choice(heights.size, gaps, replace=False)] = np.nan
    transform = DEGREES if crs == "EPSG:4326" else METRES
    return Terrain.from_files(write_raster(folder / "rough.tif", heights, crs, transform))


@pytest.fixture(scope="module", params=["EPSG:4326", "EPSG:32650"])
def rough(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Terrain:
    """The roughest ground there is: every pixel up to 80 m from the next."""
    return _rough(tmp_path_factory.mktemp("rough"), request.param)


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> Terrain:
    """The same with a gap in every tenth pixel."""
    return _rough(tmp_path_factory.mktemp("holed"), gaps=1440)


def _sampled(terrain: Terrain, leg_m: np.ndarray, distance_m: np.ndarray) -> np.ndarray:
    way = leg_m[1] - leg_m[0]
    points = leg_m[0] + distance_m[:, None] * way / np.hypot(*way)
    return terrain.alt_amsl_m(*FRAME.to_lonlat(points[:, 0], points[:, 1]))


@given(start=ENDS, end=ENDS)
def test_between_knots_the_ground_is_straight(
    rough: Terrain, start: tuple[float, float], end: tuple[float, float]
) -> None:
    """At every metre of a leg the line between knots is the ground, within the stated error."""
    leg_m = np.array([start, end])
    length_m = float(np.hypot(*(leg_m[1] - leg_m[0])))
    profile = rough.under(leg_m[None], FRAME)
    if length_m < 1.0:
        return
    distance_m = np.linspace(0.0, length_m, int(length_m) + 2)
    line_m = np.interp(distance_m, profile.distance_m, profile.alt_amsl_m)
    truth_m = _sampled(rough, leg_m, distance_m)
    known = ~np.isnan(truth_m) & ~np.isnan(line_m)
    # A millimetre of place is worth up to a centimetre of height on such ground.
    assert np.abs(line_m - truth_m)[known].max(initial=0.0) <= PROFILE_ERROR_M + 0.01


@given(start=ENDS, end=ENDS)
def test_no_gap_under_a_leg_is_missed(
    holed: Terrain, start: tuple[float, float], end: tuple[float, float]
) -> None:
    """Wherever a sample is unknown the profile says so, and the known is not called unknown."""
    leg_m = np.array([start, end])
    length_m = float(np.hypot(*(leg_m[1] - leg_m[0])))
    if length_m < 1.0:
        return
    profile = holed.under(leg_m[None], FRAME)
    distance_m = np.linspace(0.0, length_m, int(length_m) * 2 + 2)
    unknown = np.isnan(_sampled(holed, leg_m, distance_m))
    at = np.clip(np.searchsorted(profile.distance_m, distance_m, side="right") - 1, 0, None)
    said = profile.unknown[np.minimum(at, len(profile.unknown) - 1)]
    assert said[unknown].all()
    assert (said == unknown).mean() > 0.9


def test_legs_are_kept_apart(rough: Terrain) -> None:
    """Each leg has both its ends, distances start anew, and a leg without length is one place."""
    legs_m = np.array(
        [[[0, 0], [300, 0]], [[50, 50], [50, 50]], [[-100, 0], [0, 250]]], dtype=float
    )
    profile = rough.under(legs_m, FRAME)
    for leg, length_m in enumerate((300.0, 0.0, 269.258)):
        distances_m = profile.distance_m[profile.leg == leg]
        assert distances_m[0] == 0.0
        assert distances_m[-1] == pytest.approx(length_m, abs=1e-3)
        assert (np.diff(distances_m) >= 0.0).all()
    assert profile.stretches.sum() == len(profile.leg) - 3


def test_flat_ground_needs_few_knots() -> None:
    """One every hundred metres."""
    profile = FlatTerrain(30.0).under(np.array([[[0.0, 0.0], [950.0, 0.0]]]), FRAME)
    assert len(profile.leg) == 11
    assert (profile.alt_amsl_m == 30.0).all()
    assert not profile.unknown.any()


def test_no_legs_have_no_ground() -> None:
    """Nothing in, nothing out."""
    profile = FlatTerrain(30.0).under(np.zeros((0, 2, 2)), FRAME)
    assert len(profile.leg) == 0
    assert len(profile.unknown) == 0


@given(
    line=st.lists(st.tuples(st.floats(-20.0, 20.0), st.floats(-20.0, 20.0)), min_size=2, max_size=6)
)
def test_every_crossing_is_on_a_whole_column_or_row(line: list[tuple[float, float]]) -> None:
    """And there are as many as whole numbers lie between."""
    column, row = np.array(line).T
    found = mesh_crossings(column, row)
    index = np.arange(len(line))
    at = np.stack([np.interp(found, index, column), np.interp(found, index, row)])
    assert np.abs(at - np.round(at)).min(axis=0).max(initial=0.0) < 1e-6
    crossed = sum(
        np.floor(max(a, b)) - np.ceil(min(a, b)) + 1 if a != b else 0
        for values in (column, row)
        for a, b in itertools.pairwise(values)
    )
    assert len(found) == crossed


def test_the_seam_of_a_projection_is_not_crossed() -> None:
    """Places that cannot be projected, and jumps to the other side of the Earth, are no legs."""
    column = np.array([0.2, np.nan, 0.4, 0.4 + 360_000.0, 0.4])
    assert len(mesh_crossings(column, column)) == 0


def test_a_stretch_beside_a_gap_is_unknown_only_within_its_leg() -> None:
    """The last knot of one leg and the first of the next are no stretch."""
    profile = GroundProfile(
        np.array([0, 0, 0, 1, 1]),
        np.array([0.0, 5.0, 9.0, 0.0, 4.0]),
        np.array([1.0, 2.0, np.nan, 3.0, 4.0]),
    )
    assert profile.unknown.tolist() == [False, True, False, False]
