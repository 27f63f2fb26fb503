"""Scenery laid out about a county's zones and roads."""

from itertools import combinations

import pytest
import shapely

from geofences.cells import Cell, Grid
from geofences.county import County, Road
from geofences.geodesy import LocalFrame
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.vision.simulator.builders import ORIGIN
from vision.simulator.demo_scenery import ROOM_M, Scenery, scenery_of
from vision.simulator.scene import Material

FRAME = LocalFrame(ORIGIN)
HALF_M = 90.0


def square(east_m: float, north_m: float, half_m: float) -> shapely.Polygon:
    """Return a square in longitude and latitude."""
    local = shapely.box(east_m - half_m, north_m - half_m, east_m + half_m, north_m + half_m)
    return FRAME.geometry_to_lonlat(local)


@pytest.fixture(scope="module")
def county() -> County:
    """A county of one cell with a market, a pond, a street and a lane."""
    zones = [
        Zone("market", ZoneKind.NO_VENDING, square(-40, -40, 15), "Market"),
        Zone("pond", ZoneKind.WATER, square(50, 50, 12), "Pond"),
        Zone("ceiling", ZoneKind.CEILING, square(0, 0, 80), "Ceiling", ceiling_m=60.0),
        Zone("far", ZoneKind.WATER, square(900, 900, 12), "Elsewhere"),
    ]
    street = shapely.LineString([FRAME.to_lonlat(-400.0, 0.0), FRAME.to_lonlat(400.0, 0.0)])
    lane = shapely.LineString([FRAME.to_lonlat(10.0, -400.0), FRAME.to_lonlat(10.0, 400.0)])
    roads = (Road("lane", "Lane", lane, 5.0), Road("street", "Street", street, 12.0))
    cell = Cell("341299001001001", square(0, 0, 90), "Cell", "Town", "Village")
    return County("Test", Grid([cell]), ZoneIndex(zones), (), roads)


@pytest.fixture(scope="module")
def scenery(county: County) -> Scenery:
    """Scenery about one stall."""
    return scenery_of(county, FRAME, HALF_M, [(-30.0, 40.0, "stall")], 5)


def test_zones_are_paved_by_kind(scenery: Scenery) -> None:
    """A market is paved, a pond is wet, a ceiling is not to be seen."""
    materials = [surface.material for surface in scenery.surfaces]
    assert materials.count(Material.PAVING) == 1
    assert materials.count(Material.WATER) == 1


def test_wide_roads_are_marked_asphalt_painted_last(scenery: Scenery) -> None:
    """A street runs through where a lane ends."""
    assert [road.width_m for road in scenery.roads] == [5.0, 12.0]
    assert [road.material for road in scenery.roads] == [Material.CONCRETE, Material.ASPHALT]
    assert [road.marked for road in scenery.roads] == [False, True]


def test_roads_are_cut_to_the_scene(scenery: Scenery) -> None:
    """No line runs on for kilometres."""
    reach = max(abs(c) for road in scenery.roads for point in road.line_m for c in point)
    assert reach == pytest.approx(HALF_M + 40, abs=0.5)


def test_houses_keep_off_streets_zones_and_objects(scenery: Scenery) -> None:
    """Walls touch neither asphalt nor water nor what must be seen."""
    forbidden = shapely.union_all(
        [
            shapely.box(-200, -6, 200, 6),
            shapely.box(7.5, -200, 12.5, 200),
            shapely.box(-55, -55, -25, -25),
            shapely.box(38, 38, 62, 62),
            shapely.Point(-30, 40).buffer(ROOM_M["stall"]),
        ]
    )
    assert len(scenery.buildings) > 5
    for house in scenery.buildings:
        assert not forbidden.contains(shapely.Point(house.centre_m))


def test_houses_do_not_overlap(scenery: Scenery) -> None:
    """Middles are at least a house's width apart."""
    for a, b in combinations(scenery.buildings, 2):
        gap = shapely.Point(a.centre_m).distance(shapely.Point(b.centre_m))
        assert gap > 8.0


def test_trees_do_not_grow_in_the_street(scenery: Scenery) -> None:
    """Crowns keep off the asphalt."""
    assert scenery.trees
    for tree in scenery.trees:
        assert abs(tree.centre_m[1]) > 6.0 + tree.crown_radius_m


def test_the_same_seed_lays_the_same_village(county: County, scenery: Scenery) -> None:
    """Layout follows from county and seed."""
    assert scenery_of(county, FRAME, HALF_M, [(-30.0, 40.0, "stall")], 5) == scenery
    assert scenery_of(county, FRAME, HALF_M, [(-30.0, 40.0, "stall")], 6) != scenery
