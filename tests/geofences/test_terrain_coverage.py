"""Tests of `geofences.terrain_coverage`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from geofences.errors import InvalidGeometryError
from geofences.terrain import FlatTerrain, Terrain
from geofences.terrain_coverage import coverage_of
from tests.geofences.rasters import slope, write_raster

AREA = shapely.box(115.602, 33.185, 115.622, 33.197)


def test_known_ground_has_no_gaps(tmp_path: Path) -> None:
    """Inside a whole file everything is known; flat ground is known everywhere."""
    terrain = Terrain.from_files(write_raster(tmp_path / "a.tif", slope()))
    for ground in (terrain, FlatTerrain(3.0)):
        found = coverage_of(ground, AREA)
        assert (found.known_share, found.gaps) == (1.0, ())


def test_gaps_are_found_where_they_are(tmp_path: Path) -> None:
    """The largest first, each with a place inside it and its area."""
    heights = slope()
    heights[5:8, 10:14] = np.nan
    heights[11, 5] = np.nan
    terrain = Terrain.from_files(write_raster(tmp_path / "a.tif", heights))
    found = coverage_of(terrain, AREA)
    pixel_m2 = 93.2 * 110.9
    # Unknown are the meshes that a gap belongs to: one more than its pixels in either direction.
    assert [gap.area_m2 for gap in found.gaps] == pytest.approx(
        [20 * pixel_m2, 4 * pixel_m2], rel=0.1
    )
    for gap in found.gaps:
        assert np.isnan(terrain.alt_amsl_m([gap.position.lon_deg], [gap.position.lat_deg])[0])
    assert found.known_share == pytest.approx(1.0 - 24 / (20 * 12), abs=0.01)


def test_a_sliver_is_looked_at_too(tmp_path: Path) -> None:
    """An area narrower than a pixel gets samples, and outside the file they are unknown."""
    terrain = Terrain.from_files(write_raster(tmp_path / "a.tif", slope()))
    assert coverage_of(terrain, shapely.box(115.602, 33.19, 115.622, 33.1901)).known_share == 1.0
    assert coverage_of(terrain, shapely.box(116.0, 33.19, 116.02, 33.1901)).known_share == 0.0


def test_an_empty_area_is_refused() -> None:
    """Nothing to look at is a mistake of the caller's."""
    with pytest.raises(InvalidGeometryError, match="empty area"):
        coverage_of(FlatTerrain(1.0), shapely.Polygon())
