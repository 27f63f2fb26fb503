"""Missions against the ground."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import TerrainError
from flight.missions import Action, Fence, Mission, MissionItem, RallyPoint
from flight.planning.items import place_at
from flight.planning.route_ground import CLEARANCE_M, GroundBelow
from flight.planning.terrain_checks import TerrainLimits, check_terrain
from flight.planning.terrain_following import HeightRule, follow_terrain
from flight.planning.terrain_returns import lowest_return_height_m
from geofences.checks import Finding, Severity
from geofences.geodesy import distance_m
from geofences.terrain import FlatTerrain
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.flight.planning.grounds import FRAME, ground, heights_above_ground, hills

NO_ZONES = ZoneIndex(())
FENCE = Fence(shapely.box(115.5, 33.0, 115.7, 33.3), (), 500.0)
HOME = (0.0, 0.0)
WAY = ((0.0, 0.0), (900.0, 0.0), (900.0, 60.0), (0.0, 60.0))


def _mission(
    heights_m: Sequence[float] | float,
    points_m: Sequence[tuple[float, float]] = WAY,
    home_alt_amsl_m: float | None = 40.0,
    **changes: object,
) -> Mission:
    heights = [heights_m] * len(points_m) if isinstance(heights_m, float) else heights_m
    flown = [
        MissionItem(
            Action.WAYPOINT if number else Action.TAKEOFF, place_at(point, FRAME), round(height, 2)
        )
        for number, (point, height) in enumerate(zip(points_m, heights, strict=True))
    ]
    items = (*flown, MissionItem(Action.RETURN_HOME))
    home = place_at(points_m[0], FRAME)
    mission = Mission(
        "m-1", "drone-1", "dock-1", home, items, FENCE, 8.0, 40.0, (), 0.0, 0.0,
        home_alt_amsl_m=home_alt_amsl_m,
    )  # fmt: skip
    return dataclasses.replace(mission, **changes)  # type: ignore[arg-type]


def _codes(findings: Sequence[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def _hill(top_m: float, at_px: int = 70) -> np.ndarray:
    """Flat ground at 40 m with a hill in the east, 560 m from the middle."""
    row, column = np.mgrid[:100, :100]
    away = np.hypot(row - 50, column - at_px)
    return np.asarray(40.0 + top_m * np.exp(-((away / 5.0) ** 2)))


def test_a_mission_over_a_plain_has_nothing_to_find() -> None:
    """40 m above home at the ground's own altitude."""
    assert check_terrain(_mission(40.0), NO_ZONES, FlatTerrain(40.0)) == ()


def test_a_hill_between_two_safe_waypoints_is_found(tmp_path: Path) -> None:
    """Both ends of the leg are high enough; what stands between them is not."""
    found = check_terrain(_mission(40.0), NO_ZONES, ground(tmp_path, _hill(30.0)))
    low = [each for each in found if each.code == "terrain.low_clearance"]
    assert len(low) == 2
    assert low[0].severity is Severity.ERROR
    assert low[0].position is not None
    assert distance_m(low[0].position, place_at((574.0, 0.0), FRAME)) < 40.0
    assert "m above the ground" in low[0].message
    assert "20 m are to be kept" in low[0].message


def test_a_leg_through_the_ground_says_below(tmp_path: Path) -> None:
    """The sentence cannot be read as a clearance."""
    found = check_terrain(_mission(40.0), NO_ZONES, ground(tmp_path, _hill(70.0)))
    assert any("BELOW the ground" in each.message for each in found)


def test_true_height_counts_not_height_above_home(tmp_path: Path) -> None:
    """100 m above home is legal on the plain and illegal over a pit, whatever the waypoints are."""
    pit = ground(tmp_path, _hill(-35.0))
    found = check_terrain(_mission(100.0), NO_ZONES, pit)
    high = [each for each in found if each.code == "terrain.above_ceiling"]
    assert len(high) == 2
    assert "134." in high[0].message or "135." in high[0].message
    assert "return.above_ceiling" in _codes(found)
    on_plateau = check_terrain(_mission(100.0, home_alt_amsl_m=70.0), NO_ZONES, FlatTerrain(40.0))
    assert "terrain.above_ceiling" in _codes(on_plateau)


def test_a_ceiling_zone_counts_from_the_ground_inside_it_only(tmp_path: Path) -> None:
    """Over the hill 45 m above home is low; beside it, in the zone, it is not."""
    terrain = ground(tmp_path, _hill(25.0))
    beside = shapely.box(100.0, -100.0, 300.0, 100.0)
    over = shapely.box(560.0, -20.0, 590.0, 20.0)
    for area, expected in ((beside, 2), (over, 0)):
        polygon = FRAME.geometry_to_lonlat(area)
        zones = ZoneIndex([Zone("z-1", ZoneKind.CEILING, polygon, "Airport", ceiling_m=40.0)])
        found = check_terrain(_mission(45.0), zones, terrain)
        high = [each for each in found if each.code == "terrain.above_ceiling"]
        assert len(high) == expected
        assert all("Airport (z-1)" in each.message for each in high)


def test_a_zone_is_met_between_the_knots_of_flat_ground() -> None:
    """A descending leg is judged where it enters the zone, not at the next knot."""
    area = FRAME.geometry_to_lonlat(shapely.box(630.0, -10.0, 670.0, 10.0))
    mission = _mission([80.0, 30.0], ((0.0, 0.0), (1000.0, 0.0)))
    for ceiling_m, codes in ((48.0, ["terrain.above_ceiling"]), (49.0, [])):
        zones = ZoneIndex([Zone("z-1", ZoneKind.CEILING, area, "Mast", ceiling_m=ceiling_m)])
        found = check_terrain(mission, zones, FlatTerrain(40.0))
        assert [each.code for each in found if "leg to item 1" in each.message] == codes


def test_unknown_ground_is_said_aloud(tmp_path: Path) -> None:
    """A warning with places and lengths, and an error where terrain is required."""
    heights = _hill(0.0)
    heights[:, 60:65] = -9999.0
    terrain = ground(tmp_path, heights)
    found, home = check_terrain(_mission(40.0), NO_ZONES, terrain)
    assert (found.code, found.severity) == ("terrain.unknown", Severity.WARNING)
    assert (home.code, home.severity) == ("return.unknown", Severity.WARNING)
    assert "From 2 waypoints (first: item 1)" in home.message
    assert "ground under 336 m" in found.message
    assert found.message.count("168 m from") == 2
    required = check_terrain(_mission(40.0), NO_ZONES, terrain, TerrainLimits(require_terrain=True))
    assert [each.severity for each in required] == [Severity.ERROR] * 2


def test_a_gap_that_goes_round_a_corner_is_one(tmp_path: Path) -> None:
    """Several legs over one gap make one stretch, and many gaps are counted."""
    heights = _hill(0.0)
    heights[:, 60:] = -9999.0
    found, _ = check_terrain(_mission(40.0), NO_ZONES, ground(tmp_path, heights))
    assert found.message.count(" m from") == 1
    striped = _hill(0.0)
    striped[:, 52:80:4] = -9999.0
    found, _ = check_terrain(_mission(40.0), NO_ZONES, ground(tmp_path, striped))
    assert "and 11 more" in found.message


@pytest.mark.parametrize(
    ("said_m", "terrain_m", "code", "severity"),
    [
        (40.0, 62.0, "terrain.home_disagrees", Severity.WARNING),
        (40.0, 44.0, None, None),
        (None, 40.0, "terrain.home_assumed", Severity.WARNING),
    ],
)
def test_homes_altitude_is_compared_with_the_terrain(
    said_m: float | None, terrain_m: float, code: str | None, severity: Severity | None
) -> None:
    """A geoid mixed up at the dock is tens of metres, and would lower every clearance."""
    found = check_terrain(_mission(60.0, home_alt_amsl_m=said_m), NO_ZONES, FlatTerrain(terrain_m))
    assert [(each.code, each.severity) for each in found] == ([(code, severity)] if code else [])


def test_a_home_that_nobody_knows_leaves_nothing_to_check(tmp_path: Path) -> None:
    """It is said, and is an error where terrain is required."""
    terrain = ground(tmp_path, np.full((100, 100), -9999.0))
    mission = _mission(60.0, home_alt_amsl_m=None)
    (found,) = check_terrain(mission, NO_ZONES, terrain)
    assert (found.code, found.severity) == ("terrain.home_unknown", Severity.WARNING)
    (found,) = check_terrain(mission, NO_ZONES, terrain, TerrainLimits(require_terrain=True))
    assert found.severity is Severity.ERROR


def test_the_straight_way_home_is_checked_from_every_waypoint(tmp_path: Path) -> None:
    """The route goes round a hill that a failsafe would fly into; the sentence says how high."""
    terrain = ground(tmp_path, _hill(60.0, at_px=62))
    out = ((0.0, 0.0), (0.0, 600.0), (700.0, 600.0), (700.0, 0.0))
    way = (*out, *out[2::-1])
    found = check_terrain(_mission(45.0, way), NO_ZONES, terrain)
    (low,) = found
    assert low.code == "return.low_clearance"
    assert "worst: item 3" in low.message
    assert "Take off to 79 m or higher" in low.message
    lifted = [79.0, 45.0, 45.0, 45.0, 45.0, 45.0, 45.0]
    assert check_terrain(_mission(lifted, way), NO_ZONES, terrain) == ()


def test_the_return_height_that_is_asked_for_is_the_lowest_that_clears(tmp_path: Path) -> None:
    """At it the check is silent; half a metre lower it is not."""
    terrain = ground(tmp_path, hills(6, 70.0))
    home_alt_m = float(terrain.alt_amsl_m(*FRAME.to_lonlat(np.zeros(1), np.zeros(1)))[0])
    points = ((0.0, 0.0), (-600.0, 700.0), (800.0, 800.0))
    below = GroundBelow(terrain, FRAME, home_alt_m)
    height_m = lowest_return_height_m(np.array(points), np.zeros(2), below, CLEARANCE_M)
    for extra_m, clear in ((0.01, True), (-0.5, False)):
        mission = _mission([height_m + extra_m, 5.0, 5.0], points, home_alt_m)
        codes = _codes(check_terrain(mission, NO_ZONES, terrain))
        assert ("return.low_clearance" not in codes) is clear
    nowhere = GroundBelow(ground(tmp_path, np.full((100, 100), -9999.0)), FRAME, 0.0)
    assert lowest_return_height_m(np.array(points), np.zeros(2), nowhere, 20.0) == -np.inf


@pytest.mark.parametrize(("rally_m", "low"), [(30.0, True), (90.0, False)])
def test_the_way_to_a_nearer_rally_point_is_checked(
    tmp_path: Path, rally_m: float, low: bool
) -> None:
    """One behind a hill is found, unless it is so high that every return clears the hill."""
    terrain = ground(tmp_path, _hill(60.0, at_px=62))
    rally = RallyPoint(place_at((500.0, 0.0), FRAME), rally_m)
    mission = _mission([40.0, 40.0], ((0.0, 0.0), (300.0, 300.0)), rally=(rally,))
    found = [f for f in check_terrain(mission, NO_ZONES, terrain) if f.code.startswith("return.")]
    assert _codes(found) == ["return.low_clearance"] * low
    assert all("to rally point 1 at 40.0 m" in finding.message for finding in found)


def test_a_rally_point_spares_the_way_home(tmp_path: Path) -> None:
    """Home behind a ridge is not returned to where a rally point is nearer."""
    terrain = ground(tmp_path, _hill(60.0, at_px=62))
    low = _mission([40.0, 40.0], ((0.0, 0.0), (900.0, 0.0)))
    beside = RallyPoint(place_at((900.0, 50.0), FRAME), 30.0)
    assert "return.low_clearance" in _codes(check_terrain(low, NO_ZONES, terrain))
    spared = dataclasses.replace(low, rally=(beside,))
    assert "return.low_clearance" not in _codes(check_terrain(spared, NO_ZONES, terrain))


def test_a_planned_return_from_afar_is_a_leg(tmp_path: Path) -> None:
    """A mission that ends far out returns straight, at its highest item, and must be legal."""
    terrain = ground(tmp_path, _hill(-50.0))
    mission = _mission([80.0, 80.0], ((0.0, 0.0), (1000.0, 0.0)))
    found = check_terrain(mission, NO_ZONES, terrain)
    named = [each.message for each in found if each.code == "terrain.above_ceiling"]
    assert any("leg to item 1" in message for message in named)
    assert any("leg to item 2" in message for message in named)


def test_a_landing_without_a_height_is_checked_on_its_way(tmp_path: Path) -> None:
    """It flies there at the height it has."""
    terrain = ground(tmp_path, _hill(30.0))
    landing = MissionItem(Action.LAND, place_at((900.0, 0.0), FRAME))
    takeoff = MissionItem(Action.TAKEOFF, place_at(HOME, FRAME), 40.0)
    mission = _mission(40.0, items=(takeoff, landing))
    assert "terrain.low_clearance" in _codes(check_terrain(mission, NO_ZONES, terrain))


def test_a_mission_that_goes_nowhere_has_only_a_home() -> None:
    """Other checks refuse it; this one does not stumble."""
    mission = _mission(40.0, items=(MissionItem(Action.RETURN_HOME),))
    assert check_terrain(mission, NO_ZONES, FlatTerrain(40.0)) == ()


@settings(max_examples=40)
@given(seed=st.integers(0, 400), relief_m=st.floats(0.0, 150.0))
def test_what_follows_the_terrain_passes_its_checks(
    tmp_path_factory: pytest.TempPathFactory, seed: int, relief_m: float
) -> None:
    """After rounding to what autopilots hold, no leg is too low or too high."""
    terrain = ground(tmp_path_factory.mktemp("both"), hills(seed, relief_m))
    home_alt_m = float(terrain.alt_amsl_m(*FRAME.to_lonlat(np.zeros(1), np.zeros(1)))[0])
    route = np.array([*WAY, (-800.0, 900.0), (0.0, 0.0)])
    try:
        followed = follow_terrain(
            route, GroundBelow(terrain, FRAME, home_alt_m), HeightRule(100.0, 15.0)
        )
    except TerrainError:
        return
    points = [tuple(point) for point in followed.points_m.tolist()]
    mission = _mission(followed.height_home_m.tolist(), points, home_alt_m)
    codes = set(_codes(check_terrain(mission, NO_ZONES, terrain)))
    assert codes <= {"return.low_clearance", "return.above_ceiling"}


@settings(max_examples=40)
@given(seed=st.integers(0, 400), height_m=st.floats(10.0, 200.0))
def test_checks_agree_with_samples_at_every_metre(
    tmp_path_factory: pytest.TempPathFactory, seed: int, height_m: float
) -> None:
    """A leg is found if and only if some metre of it is out of bounds."""
    terrain = ground(tmp_path_factory.mktemp("samples"), hills(seed, 80.0))
    points = ((-900.0, -300.0), (700.0, 500.0))
    mission = _mission([height_m, height_m], points, 40.0)
    sampled_m = heights_above_ground(
        terrain, np.array(points), np.full(2, round(height_m, 2) + 40.0)
    )
    # Half of what is found between samples, and the rounding of positions.
    near_m = 0.3
    codes = [
        each.code
        for each in check_terrain(mission, NO_ZONES, terrain)
        if "leg to item 1" in each.message
    ]
    for code, beyond_m in (
        ("terrain.low_clearance", CLEARANCE_M - sampled_m.min()),
        ("terrain.above_ceiling", sampled_m.max() - 120.0),
    ):
        if abs(beyond_m) > near_m:
            assert (code in codes) == (beyond_m > 0.0)
