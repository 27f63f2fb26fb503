"""Routes that follow the ground."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanningError, TerrainError
from flight.planning.route_ground import GroundBelow
from flight.planning.terrain_following import FollowedRoute, HeightRule, follow_terrain
from geofences.geodesy import distance_m
from geofences.terrain import FlatTerrain, Terrain
from tests.flight.planning.grounds import (
    FRAME,
    ground,
    heights_above_ground,
    hills,
)

HOME_ALT_M = 42.0
RULE = HeightRule(70.0, 10.0, clearance_m=30.0, climb_gradient=0.4, descent_gradient=0.3)
CORNER = st.tuples(st.floats(-1200.0, 1200.0), st.floats(-1200.0, 1200.0))
ROUTES = st.lists(CORNER, min_size=2, max_size=8).map(np.array)


def _below(terrain: Terrain, **changes: object) -> GroundBelow:
    return GroundBelow(terrain, FRAME, HOME_ALT_M, **changes)  # type: ignore[arg-type]


def _heights(terrain: Terrain, found: FollowedRoute) -> np.ndarray:
    return heights_above_ground(terrain, found.points_m, found.height_home_m + HOME_ALT_M)


@settings(max_examples=60)
@given(route_m=ROUTES, seed=st.integers(0, 500), relief_m=st.floats(0.0, 250.0))
def test_every_metre_obeys_what_is_claimed(
    tmp_path_factory: pytest.TempPathFactory, route_m: np.ndarray, seed: int, relief_m: float
) -> None:
    """Between clearance and ceiling always, and within the tolerance if no departure is told."""
    terrain = ground(tmp_path_factory.mktemp("hills"), hills(seed, relief_m))
    try:
        found = follow_terrain(route_m, _below(terrain), RULE)
    except TerrainError:
        assert relief_m > 60.0
        return
    height_m = _heights(terrain, found)
    assert height_m.min() >= RULE.clearance_m
    assert height_m.max() <= RULE.ceiling_m
    if not found.departures:
        assert np.abs(height_m - RULE.height_ground_m).max() <= RULE.tolerance_m
    assert found.points_m[found.route_index >= 0].tolist() == route_m.tolist()
    far = np.hypot(*np.diff(found.points_m, axis=0).T)
    climbed = np.diff(found.height_home_m)
    assert (climbed <= far * RULE.climb_gradient + 1e-3).all()
    assert (-climbed <= far * RULE.descent_gradient + 1e-3).all()


@settings(max_examples=30)
@given(route_m=ROUTES, seed=st.integers(0, 500))
def test_departures_are_told_where_they_are(
    tmp_path_factory: pytest.TempPathFactory, route_m: np.ndarray, seed: int
) -> None:
    """Whatever is outside the tolerance is counted, and only as far as the climb limits ask."""
    terrain = ground(tmp_path_factory.mktemp("steep"), hills(seed, 160.0, 3.0))
    lazy = HeightRule(70.0, 8.0, climb_gradient=0.25, descent_gradient=0.2)
    try:
        found = follow_terrain(route_m, _below(terrain), lazy)
    except TerrainError:
        return
    height_m = _heights(terrain, found)
    outside_m = float((np.abs(height_m - lazy.height_ground_m) > lazy.tolerance_m).sum())
    told_m = sum(each.length_m for each in found.departures)
    assert told_m >= outside_m - 2.0 * (len(found.departures) + len(found.points_m))
    for each in found.departures:
        assert each.lowest_height_ground_m >= lazy.clearance_m
        assert each.highest_height_ground_m <= lazy.ceiling_m


@settings(max_examples=30)
@given(seed=st.integers(0, 200), extra_m=st.floats(0.0, 40.0), row=st.integers(30, 69))
def test_more_ground_never_means_less_clearance(
    tmp_path_factory: pytest.TempPathFactory, seed: int, extra_m: float, row: int
) -> None:
    """A mound put anywhere is flown over with the same clearance, or the route is refused."""
    heights = hills(seed, 60.0)
    mounded = heights.copy()
    mounded[row : row + 4, row : row + 4] += extra_m
    route_m = np.array([[-900.0, -900.0], [900.0, 900.0], [-900.0, 900.0], [900.0, -900.0]])
    folder = tmp_path_factory.mktemp("mound")
    for each in (heights, mounded):
        terrain = ground(folder, each)
        try:
            found = follow_terrain(route_m, _below(terrain), RULE)
        except TerrainError:
            continue
        assert _heights(terrain, found).min() >= RULE.clearance_m


@pytest.mark.parametrize("home_alt_m", [-20.0, 0.0, 400.0])
def test_only_heights_above_home_depend_on_home(tmp_path: Path, home_alt_m: float) -> None:
    """The flight above sea level is the same from every home; heights above home are not."""
    route_m = np.array([[-800.0, -500.0], [700.0, 600.0]])
    terrain = ground(tmp_path, hills(5, 80.0))
    here = follow_terrain(route_m, _below(terrain), RULE)
    there = follow_terrain(route_m, GroundBelow(terrain, FRAME, home_alt_m), RULE)
    assert there.points_m.tolist() == here.points_m.tolist()
    shift_m = HOME_ALT_M - home_alt_m
    assert there.height_home_m == pytest.approx(here.height_home_m + shift_m)


def test_flat_ground_adds_nothing() -> None:
    """Over a plain the route keeps its points, at one height above home."""
    route_m = np.array([[0.0, 0.0], [900.0, 0.0], [900.0, 60.0], [0.0, 60.0]])
    found = follow_terrain(route_m, _below(FlatTerrain(40.0)), RULE)
    assert found.points_m.tolist() == route_m.tolist()
    assert found.route_index.tolist() == [0, 1, 2, 3]
    assert found.height_home_m == pytest.approx(70.0 + 40.0 - HOME_ALT_M)
    assert (found.departures, found.unknown) == ((), ())


def test_the_routes_own_points_come_back_in_order(tmp_path: Path) -> None:
    """Even those in one place, so that what happens at a point still happens there."""
    route_m = np.array([[0.0, 0.0], [0.0, 0.0], [1000.0, 50.0], [1000.0, 50.0], [-900.0, 300.0]])
    found = follow_terrain(route_m, _below(ground(tmp_path, hills(1, 120.0))), RULE)
    own = found.route_index >= 0
    assert found.route_index[own].tolist() == [0, 1, 2, 3, 4]
    assert found.points_m[own].tolist() == route_m.tolist()
    assert (~own).sum() > 0
    heights = found.height_home_m[own]
    assert (heights[0], heights[2]) == (heights[1], heights[3])


def test_a_route_of_one_point_has_one_height() -> None:
    """It is the wanted one above the ground there."""
    found = follow_terrain(np.array([[5.0, 5.0]]), _below(FlatTerrain(50.0)), RULE)
    assert found.height_home_m == pytest.approx([70.0 + 50.0 - HOME_ALT_M])
    with pytest.raises(PlanningError, match="without points"):
        follow_terrain(np.zeros((0, 2)), _below(FlatTerrain(50.0)), RULE)


def test_a_hill_takes_few_points(tmp_path: Path) -> None:
    """Autopilots hold 649 items: a smooth hill of 80 m costs a handful, not one for each pixel."""
    column = np.arange(100)
    heights = np.tile(40.0 + 80.0 * np.exp(-(((column - 50) / 12.0) ** 2)), (100, 1))
    terrain = ground(tmp_path, heights)
    route_m = np.array([[-1200.0, 0.0], [1200.0, 0.0]])
    found = follow_terrain(route_m, _below(terrain), RULE)
    assert 3 <= len(found.points_m) - 2 <= 5
    assert not found.departures


def test_a_ditch_too_narrow_to_descend_into_is_flown_over_high(tmp_path: Path) -> None:
    """The flight stays above the tolerance rather than below it, and says where."""
    heights = np.full((100, 100), 80.0)
    heights[:, 48:52] = 50.0
    terrain = ground(tmp_path, heights)
    found = follow_terrain(np.array([[-900.0, 0.0], [900.0, 0.0]]), _below(terrain), RULE)
    (ditch,) = found.departures
    assert ditch.lowest_height_ground_m >= RULE.height_ground_m - RULE.tolerance_m
    assert RULE.height_ground_m + RULE.tolerance_m < ditch.highest_height_ground_m <= 120.0
    assert distance_m(ditch.position, FRAME.origin) < 150.0
    assert 60.0 < ditch.length_m < 160.0


def test_a_cliff_too_high_is_refused_with_its_place(tmp_path: Path) -> None:
    """A step of 150 m cannot be flown at 30 % between clearance and ceiling."""
    heights = np.full((100, 100), 30.0)
    heights[:, 50:] = 180.0
    route_m = np.array([[-900.0, 0.0], [900.0, 0.0]])
    with pytest.raises(TerrainError, match="too steep") as caught:
        follow_terrain(route_m, _below(ground(tmp_path, heights)), RULE)
    (finding,) = caught.value.findings
    assert finding.code == "terrain.too_steep"
    assert finding.position is not None
    assert distance_m(finding.position, FRAME.origin) < 400.0


def test_a_low_ceiling_is_kept_where_it_holds(tmp_path: Path) -> None:
    """In the zone, edge included, the flight is below its ceiling above the ground there."""
    terrain = ground(tmp_path, hills(3, 60.0))
    zone = shapely.box(-200.0, -300.0, 250.0, 300.0)
    route_m = np.array([[-1000.0, 10.0], [1000.0, 20.0]])
    found = follow_terrain(route_m, _below(terrain, ceilings=((zone, 50.0),)), RULE)
    east_m = np.arange(-200.0, 251.0)
    points = found.points_m[:, 0]
    alt_m = np.interp(east_m, points, found.height_home_m) + HOME_ALT_M
    north_m = 10.0 + (east_m + 1000.0) * 10.0 / 2000.0
    ground_m = terrain.alt_amsl_m(*FRAME.to_lonlat(east_m, north_m))
    assert (alt_m - ground_m).max() <= 50.0
    assert _heights(terrain, found).min() >= RULE.clearance_m
    assert found.departures
    with pytest.raises(TerrainError, match="no room above the clearance"):
        follow_terrain(route_m, _below(terrain, ceilings=((zone, 25.0),)), RULE)


def test_unknown_ground_is_refused_with_all_its_places(tmp_path: Path) -> None:
    """Each gap has a finding with its place and length."""
    heights = hills(2, 40.0)
    heights[:, 30:34] = -9999.0
    heights[:, 60:61] = -9999.0
    route_m = np.array([[-1200.0, 0.0], [1200.0, 0.0]])
    below = _below(ground(tmp_path, heights))
    with pytest.raises(TerrainError, match="is not known") as caught:
        follow_terrain(route_m, below, RULE)
    assert [each.code for each in caught.value.findings] == ["terrain.unknown"] * 2
    found = follow_terrain(route_m, below, RULE, bridge_gaps=True)
    assert [each.length_m for each in found.unknown] == pytest.approx([5 * 27.97, 2 * 27.97], abs=1)
    height_m = _heights(below.terrain, found)
    assert np.nanmin(height_m) >= RULE.clearance_m
    assert np.nanmax(np.abs(height_m - 70.0)) <= RULE.tolerance_m


def test_ground_known_nowhere_cannot_be_bridged(tmp_path: Path) -> None:
    """With not one height there is nothing to go by."""
    below = _below(ground(tmp_path, np.full((100, 100), -9999.0)))
    for route in ([[0.0, 0.0], [50.0, 0.0]], [[0.0, 0.0]]):
        with pytest.raises(TerrainError, match="is not known"):
            follow_terrain(np.array(route), below, RULE, bridge_gaps=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tolerance_m": 0.5}, "tolerance of 0.5 m"),
        ({"clearance_m": 0.0}, "clearance of 0 m"),
        ({"clearance_m": 90.0}, "70 m above ground is not between"),
        ({"ceiling_m": 60.0}, "70 m above ground is not between"),
        ({"ceiling_m": 20.0}, "ceiling of 20 m"),
        ({"descent_gradient": 0.0}, "gradients above zero"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(changes: dict[str, float], said: str) -> None:
    """The sentence says which figure is impossible."""
    with pytest.raises(PlanningError, match=said):
        HeightRule(70.0, **changes)
