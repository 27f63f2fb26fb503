"""Tests of `geofences.sample_county.generator`, and of the file it made."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import shapely

from geofences.checks import check_cells
from geofences.county import County
from geofences.formats.county_files import read_county
from geofences.geodesy import LocalFrame, LonLat, distance_m
from geofences.sample_county.generator import ORIGIN, build_county
from geofences.sample_county.location import sample_county_path
from geofences.zones import ZoneKind

DEMO_VILLAGE = "341299001001"
FRAME = LocalFrame(ORIGIN)


@pytest.fixture(scope="module")
def county() -> County:
    """The county as shipped."""
    return read_county(sample_county_path())


@pytest.fixture(scope="module")
def village(county: County) -> shapely.Polygon:
    """The land of the demo village, in metres."""
    cells = county.grid.in_village(DEMO_VILLAGE)
    return shapely.union_all([FRAME.geometry_to_local(cell.polygon) for cell in cells])


def test_the_shipped_file_is_what_the_generator_makes(county: County) -> None:
    """Same cells, zones, docks and roads, to the last coordinate."""
    made = build_county()
    assert [c.polygon.wkb for c in made.grid.cells] == [c.polygon.wkb for c in county.grid.cells]
    assert made.grid.cells == county.grid.cells
    assert made.zones.zones == county.zones.zones
    assert (made.docks, made.roads) == (county.docks, county.roads)


def test_the_command_writes_the_same_file_each_time(tmp_path: Path) -> None:
    """The file is the shipped one, byte for byte where the libraries are the same."""
    command = [sys.executable, "-m", "geofences.sample_county.generator"]
    for name in ("a.gpkg", "b.gpkg"):
        subprocess.run([*command, str(tmp_path / name)], check=True)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_the_command_says_where_it_cannot_write(tmp_path: Path) -> None:
    """A folder that is not there is a sentence and an exit code, not a traceback."""
    command = [sys.executable, "-m", "geofences.sample_county.generator"]
    done = subprocess.run(
        [*command, str(tmp_path / "none" / "a.gpkg")], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "There is no folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_seed_makes_another_county_of_the_same_size(county: County) -> None:
    """The seed moves the villages; the count stays."""
    other = build_county(seed=1)
    assert len(other.grid) == len(county.grid) == 4747
    assert other.grid.cells[-1].polygon != county.grid.cells[-1].polygon


def test_there_is_nothing_to_correct(county: County) -> None:
    """No overlap, gap, sliver or malformed code among 4,747 cells."""
    assert check_cells(county.grid.cells) == ()


def test_the_file_is_small() -> None:
    """It is shipped with the package, so it stays under 3 MB."""
    assert sample_county_path().stat().st_size < 3_000_000


def test_towns_villages_and_cells_are_nested(county: County) -> None:
    """Sixteen towns of one district; a village has one town and numbers its cells from 001."""
    assert {c.code[:6] for c in county.grid.cells} == {"341299"}
    assert len({c.code[:9] for c in county.grid.cells}) == 16
    assert len({(c.code[:9], c.town) for c in county.grid.cells}) == 16
    assert len({(c.village_code, c.village) for c in county.grid.cells}) == len(
        {c.village_code for c in county.grid.cells}
    )
    for village_code, count in Counter(c.village_code for c in county.grid.cells).items():
        numbers = [int(c.code[12:]) for c in county.grid.in_village(village_code)]
        assert numbers == list(range(1, count + 1))


def test_every_name_is_in_both_languages(county: County) -> None:
    """Chinese first, then letters."""
    for cell in county.grid.cells:
        for name in (cell.name, cell.town, cell.village):
            chinese, english = name.split(" ", maxsplit=1)
            assert not chinese.isascii()
            assert english.isascii()


def test_the_county_has_the_size_of_one(county: County) -> None:
    """About 50 km by 45 km, about 33.16 N, 115.62 E; town cells 1 ha, village cells larger."""
    bounds = shapely.total_bounds([FRAME.geometry_to_local(c.polygon) for c in county.grid.cells])
    assert 40_000 < bounds[2] - bounds[0] < 60_000
    assert 38_000 < bounds[3] - bounds[1] < 52_000
    areas_m2 = {c.code: FRAME.geometry_to_local(c.polygon).area for c in county.grid.cells}
    urban = [area for code, area in areas_m2.items() if code.startswith("341299001")]
    assert 8_000 < min(urban) <= max(urban) < 12_000
    assert 20_000 < max(areas_m2.values()) < 160_000


def test_numbers_run_from_north_to_south(county: County) -> None:
    """The first cell of a village lies north of its last."""
    for code in {c.village_code for c in county.grid.cells}:
        cells = county.grid.in_village(code)
        first, last = (FRAME.geometry_to_local(c.polygon).centroid for c in (cells[0], cells[-1]))
        assert first.y > last.y


def test_the_demo_village_is_as_promised(village: shapely.Polygon, county: County) -> None:
    """Eight cells, 0.08 km2, one piece, with a notch."""
    assert len(county.grid.in_village(DEMO_VILLAGE)) == 8
    assert village.geom_type == "Polygon"
    assert village.area == pytest.approx(80_000, rel=0.05)
    assert village.area < 0.95 * village.convex_hull.area
    assert county.grid.cell_at(ORIGIN) in county.grid.in_village(DEMO_VILLAGE)


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        (ZoneKind.ROADWAY, 0.03),
        (ZoneKind.NO_PARKING, 0.005),
        (ZoneKind.NO_VENDING, 0.03),
        (ZoneKind.FIRE_LANE, 0.005),
        (ZoneKind.RESTRICTED, 0.01),
        (ZoneKind.WATER, 0.02),
        (ZoneKind.NO_FLY, 0.02),
    ],
)
def test_the_demo_village_has_every_zone(
    county: County, village: shapely.Polygon, kind: ZoneKind, share: float
) -> None:
    """Each kind covers enough of the village to meet something."""
    zones = [FRAME.geometry_to_local(zone.polygon) for zone in county.zones.of_kind(kind)]
    covered = shapely.union_all(zones).intersection(village).area / village.area
    assert share < covered < 0.15


def test_the_no_fly_zone_cuts_a_corner(county: County, village: shapely.Polygon) -> None:
    """It takes part of the village and leaves the rest in one piece."""
    zones = [z for z in county.zones.of_kind(ZoneKind.NO_FLY) if z.zone_id == "demo-substation"]
    (zone,) = (FRAME.geometry_to_local(z.polygon) for z in zones)
    assert zone.overlaps(village)
    assert village.difference(zone).geom_type == "Polygon"


def test_the_market_lies_beside_the_road_not_on_it(county: County) -> None:
    """Rule zones of the demo village do not cover each other by mistake."""
    zones = [z for z in county.zones.zones if z.zone_id.startswith("demo-")]
    apart = [z for z in zones if not z.zone_id.startswith("demo-roadway")]
    for first, second in itertools.combinations(apart, 2):
        assert not first.polygon.intersects(second.polygon), (first.zone_id, second.zone_id)
    for road in set(map(id, zones)) - set(map(id, apart)):
        (shape,) = (z.polygon for z in zones if id(z) == road)
        market = next(z.polygon for z in zones if z.zone_id == "demo-market")
        assert not shape.intersects(market)


def test_two_docks_reach_the_demo_village(county: County, village: shapely.Polygon) -> None:
    """One within 400 m of it, another within a kilometre, none where flying is forbidden."""
    assert [dock.dock_id for dock in county.docks] == ["dock-1", "dock-2", "dock-3", "dock-4"]
    away_m = [
        village.distance(shapely.Point(FRAME.to_local(d.position.lon_deg, d.position.lat_deg)))
        for d in county.docks
    ]
    assert away_m[0] < 400
    assert away_m[1] < 1000
    for dock in county.docks:
        zones = county.zones.at(dock.position)
        assert not [z for z in zones if z.kind in {ZoneKind.NO_FLY, ZoneKind.ROADWAY}]


def test_roads_start_and_end_somewhere(county: County) -> None:
    """Each road's zone covers it, but for the two streets whose zones end with the village."""
    for road in county.roads:
        ends = [LonLat(*road.line.coords[0]), LonLat(*road.line.coords[-1])]
        assert distance_m(*ends) > 300
    named = {zone.zone_id for zone in county.zones.of_kind(ZoneKind.ROADWAY)}
    for road in county.roads[2:]:
        assert road.road_id.replace("road-", "roadway-") in named
