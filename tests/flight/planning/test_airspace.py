"""The air over a patrol is clear of zones, and ways through it stay clear."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.airspace import Airspace, open_airspace
from geofences.county import Dock
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.flight.planning.scenes import FRAME, place, zone

AREA = shapely.box(0.0, 0.0, 300.0, 200.0)
MARGIN_M = 20.0
DOCK = Dock("dock-1", "Dock 1", place(-100.0, 100.0), 30.0)

discs = st.builds(
    lambda x, y, r: shapely.Point(x, y).buffer(r),
    st.integers(0, 400),
    st.integers(-50, 250),
    st.integers(5, 60),
)
spots = st.tuples(st.integers(-40, 340).map(float), st.integers(-40, 240).map(float))


def air(*zones: Zone, docks: tuple[Dock, ...] = (DOCK,)) -> Airspace:
    """The air over the area between some zones."""
    return open_airspace(AREA, docks, ZoneIndex(zones), FRAME, MARGIN_M)


def length_m(points: list[tuple[float, float]]) -> float:
    """Length of a way."""
    return float(shapely.LineString(points).length)


def test_without_zones_all_of_the_area_is_open() -> None:
    """And ways are straight."""
    open_air = air()
    assert shapely.equals(shapely.normalize(open_air.target), AREA)
    assert open_air.way((-100.0, 100.0), (300.0, 0.0), "out") == [(-100.0, 100.0), (300.0, 0.0)]


@settings(max_examples=40, deadline=None)
@given(discs, spots, spots)
def test_every_way_keeps_its_distance(
    disc: shapely.Polygon, start: tuple[float, float], end: tuple[float, float]
) -> None:
    """From no-fly zones, and it is no shorter than the straight one."""
    body = FRAME.geometry_to_local(zone(disc).polygon)
    open_air = air(zone(disc))
    if min(shapely.distance(body, shapely.Point(at)) for at in (start, end)) < MARGIN_M + 1.0:
        return
    way = open_air.way(start, end, "out")
    assert shapely.distance(shapely.LineString(way), body) >= MARGIN_M - 0.6
    assert length_m(way) >= math.dist(start, end) - 1e-6


@settings(max_examples=40, deadline=None)
@given(discs)
def test_the_target_leaves_out_the_margin_and_the_reachable_ground_does_not(
    disc: shapely.Polygon,
) -> None:
    """Nobody flies over the margin, but from beside it the ground there is seen."""
    body = FRAME.geometry_to_local(zone(disc).polygon)
    open_air = air(zone(disc))
    assert shapely.distance(open_air.target, body) >= MARGIN_M - 0.6
    assert shapely.covers(open_air.reachable, shapely.buffer(open_air.target, -1e-6))
    closed = shapely.intersection(AREA, body)
    assert open_air.reachable.area == pytest.approx(AREA.area - closed.area, abs=1.0)


def test_a_zone_far_away_is_nobodys_business() -> None:
    """It is neither flown round nor named."""
    far = shapely.Point(5000.0, 0.0).buffer(50.0)
    assert air(zone(far)).no_fly == ()


def test_a_zone_across_the_whole_area_is_flown_round() -> None:
    """A river or a railway cuts the cells in two, not the air."""
    wall = shapely.box(140.0, -100.0, 160.0, 300.0)
    way = air(zone(wall)).way((0.0, 100.0), (300.0, 100.0), "out")
    assert len(way) > 2
    assert length_m(way) > 500.0


@pytest.mark.parametrize("away_m", [0.0, 15.0])
def test_a_dock_in_a_zone_or_its_margin_is_refused(away_m: float) -> None:
    """The dock, the zone and the margin are named."""
    disc = shapely.Point(-100.0 + 30.0 + away_m, 100.0).buffer(30.0)
    with pytest.raises(PlanningError, match=r"Dock dock-1 lies in .* Power station .* 20 m"):
        air(zone(disc))


def test_a_dock_beyond_the_margin_is_open() -> None:
    """A metre is enough."""
    disc = shapely.Point(-100.0 + 30.0 + MARGIN_M + 1.0, 100.0).buffer(30.0)
    assert len(air(zone(disc)).no_fly) == 1


def test_cells_under_a_zone_leave_nothing_to_cover() -> None:
    """The zone is named."""
    with pytest.raises(NothingToCoverError, match="Power station"):
        air(zone(shapely.box(-20.0, -20.0, 320.0, 220.0)))


def test_a_place_walled_in_has_no_way() -> None:
    """What was to be reached is named, and the zone that is in the way."""
    ring = (
        shapely.Point(150.0, 100.0)
        .buffer(70.0)
        .difference(shapely.Point(150.0, 100.0).buffer(50.0))
    )
    with pytest.raises(PlanningError, match="no way to the yard that keeps clear of Power station"):
        air(zone(ring)).way((-100.0, 100.0), (150.0, 100.0), "to the yard")


def test_outside_a_keep_in_zone_nobody_flies() -> None:
    """And not within the margin of its edge."""
    west = zone(shapely.box(-300.0, -200.0, 150.0, 400.0), ZoneKind.KEEP_IN)
    target = air(west).target
    assert target.bounds == pytest.approx((0.0, 0.0, 150.0 - MARGIN_M, 200.0), abs=0.1)


def test_a_keep_in_zone_elsewhere_closes_everything() -> None:
    """Permission for the next town is none here."""
    away = zone(shapely.box(5000.0, 0.0, 6000.0, 900.0), ZoneKind.KEEP_IN)
    with pytest.raises(NothingToCoverError, match="keep-in zones"):
        air(away)


@pytest.mark.parametrize(
    "kind", [k for k in ZoneKind if k not in {ZoneKind.NO_FLY, ZoneKind.KEEP_IN, ZoneKind.CEILING}]
)
def test_rules_on_the_ground_do_not_close_the_air(kind: ZoneKind) -> None:
    """A fire lane is to be looked at."""
    assert air(zone(shapely.box(50.0, 50.0, 100.0, 100.0), kind)).target.area == AREA.area


def test_lengths_to_many_points_are_those_of_their_ways() -> None:
    """Some are seen from the start, some lie behind a zone."""
    free = air(zone(shapely.box(40.0, 40.0, 120.0, 160.0)))
    start, points = (-60.0, 100.0), [(-50.0, 0.0), (200.0, 100.0), (250.0, 30.0)]
    lengths_m = free.lengths_m(start, np.array(points), "there")
    expected = [length_m(free.way(start, point, "there")) for point in points]
    assert lengths_m == pytest.approx(expected)
    assert lengths_m[1] > math.dist(start, points[1])
