"""Tests of `geofences.sample_county.relief`, and of the file it made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from geofences.county import County
from geofences.formats.county_files import read_county
from geofences.geodesy import LocalFrame
from geofences.sample_county.generator import ORIGIN
from geofences.sample_county.location import sample_county_path, sample_terrain_path
from geofences.sample_county.relief import HILL_HEIGHT_M, HILL_RADIUS_M, HILL_TOP_M
from geofences.terrain import Terrain
from geofences.terrain_coverage import coverage_of
from geofences.zones import ZoneKind

FRAME = LocalFrame(ORIGIN)


@pytest.fixture(scope="module")
def county() -> County:
    """The county as shipped."""
    return read_county(sample_county_path())


@pytest.fixture(scope="module")
def terrain() -> Terrain:
    """Its ground as shipped."""
    return Terrain.from_files(sample_terrain_path())


def _at(terrain: Terrain, east_m: float, north_m: float) -> float:
    lon_deg, lat_deg = FRAME.to_lonlat(east_m, north_m)
    return float(terrain.alt_amsl_m([lon_deg], [lat_deg])[0])


def test_the_command_writes_the_shipped_file(tmp_path: Path) -> None:
    """To the last decimetre, in a file of less than 300 kB."""
    out = tmp_path / "terrain.tif"
    command = [sys.executable, "-m", "geofences.sample_county.relief", str(out)]
    subprocess.run(command, check=True)
    with rasterio.open(out) as made, rasterio.open(sample_terrain_path()) as shipped:
        assert (made.read(1) == shipped.read(1)).all()
        assert (made.transform, made.crs) == (shipped.transform, shipped.crs)
    assert sample_terrain_path().stat().st_size < 300_000


def test_the_ground_is_known_under_the_whole_county(county: County, terrain: Terrain) -> None:
    """No cell has a gap, and neither has any dock."""
    cells = shapely.multipolygons([cell.polygon for cell in county.grid.cells])
    assert coverage_of(terrain, cells).known_share == 1.0


def test_docks_stand_on_the_ground(county: County, terrain: Terrain) -> None:
    """Their altitudes are those of the ground to a decimetre, so that no check complains."""
    for dock in county.docks:
        place = FRAME.to_local(dock.position.lon_deg, dock.position.lat_deg)
        assert _at(terrain, *place) == pytest.approx(dock.alt_amsl_m, abs=0.2)


def test_the_hill_stands_where_flights_meet_it(terrain: Terrain) -> None:
    """80 m above its foot, at the edge of town, gentle enough to be followed."""
    top_m = _at(terrain, *HILL_TOP_M)
    assert top_m > 31.0 + 40.0 + 20.0
    assert top_m == pytest.approx(32.0 + HILL_HEIGHT_M, abs=4.0)
    sides_m = [
        _at(terrain, HILL_TOP_M[0] + away_m, HILL_TOP_M[1])
        for away_m in np.arange(0.0, HILL_RADIUS_M, 20.0)
    ]
    assert np.diff(sides_m).min() > -0.2 * 20.0


def test_the_demo_village_is_flat(county: County, terrain: Terrain) -> None:
    """What is flown there 40 m above the dock keeps its distance without any terrain."""
    cells = county.grid.in_village("341299001001")
    found = terrain.range_in(shapely.multipolygons([cell.polygon for cell in cells]))
    assert found.whole
    assert found.highest_alt_amsl_m - found.lowest_alt_amsl_m < 4.0
    assert found.highest_alt_amsl_m < 31.0 + 5.0


def test_the_river_lies_in_its_bed_between_banks(county: County, terrain: Terrain) -> None:
    """Lower than the ground beside it on every crossing, which rises to the banks."""
    (river,) = [zone for zone in county.zones.of_kind(ZoneKind.WATER) if zone.zone_id == "river"]
    east_m, north_m = FRAME.to_local(*river.polygon.representative_point().coords[0])
    around = [(dx, dy) for dx in (-260.0, 260.0) for dy in (-260.0, 260.0)]
    bed_m = _at(terrain, east_m, north_m)
    assert max(_at(terrain, east_m + dx, north_m + dy) for dx, dy in around) > bed_m + 4.0
