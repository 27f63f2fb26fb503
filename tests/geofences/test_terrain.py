"""Tests of `geofences.terrain` on files, and so of `geofences.elevation_lattice`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.errors import ElevationFileError, InvalidGeometryError
from geofences.geodesy import LonLat, distance_m
from geofences.geoid import separation_m
from geofences.heights import HeightReference
from geofences.terrain import FlatTerrain, Terrain
from tests.geofences.rasters import DEGREES, METRES, slope, write_raster


def _centre(row: float, column: float) -> tuple[float, float]:
    lon, lat = DEGREES @ (column + 0.5, row + 0.5)
    return float(lon), float(lat)


def _height(terrain: Terrain, row: float, column: float) -> float:
    lon, lat = _centre(row, column)
    return float(terrain.alt_amsl_m([lon], [lat])[0])


@given(row=st.floats(0.0, 19.0), column=st.floats(0.0, 29.0))
def test_heights_are_bilinear_between_the_centres_of_pixels(
    tmp_path_factory: pytest.TempPathFactory, row: float, column: float
) -> None:
    """On a plane every place has the plane's height."""
    path = tmp_path_factory.mktemp("plane") / "a.tif"
    terrain = Terrain.from_files(write_raster(path, slope()))
    assert _height(terrain, row, column) == pytest.approx(100.0 + column + 10.0 * row, abs=2e-3)


@pytest.mark.parametrize(
    "options",
    [
        {"tiled": True, "blockxsize": 16, "blockysize": 16},
        {"blockysize": 1},
        {"blockysize": 600, "compress": "deflate", "predictor": 3},
    ],
    ids=["tiles", "rows", "one strip"],
)
def test_how_a_file_is_stored_does_not_matter(tmp_path: Path, options: dict[str, Any]) -> None:
    """Tiles, rows and one great strip tell the same heights, over the seams of blocks too."""
    heights = slope(600, 700)
    terrain = Terrain.from_files(write_raster(tmp_path / "a.tif", heights % 1000, **options))
    rng = np.random.default_rng(2)
    rows, columns = rng.integers(0, 600, 500), rng.integers(0, 700, 500)
    found = [_height(terrain, row, column) for row, column in zip(rows, columns, strict=True)]
    assert found == pytest.approx(heights[rows, columns] % 1000, abs=1e-3)


@pytest.mark.parametrize("epsg", [4490, 32650, 4547, 3857])
def test_any_coordinate_system_tells_the_same_ground(tmp_path: Path, epsg: int) -> None:
    """Heights made of the place itself come back at the place, whatever the file's projection."""
    to_file = pyproj.Transformer.from_crs(4326, epsg, always_xy=True)
    x, y = to_file.transform(115.62, 33.16)
    size = 0.0002 if epsg == 4490 else 20.0
    transform = rasterio.Affine(size, 0.0, x - 50 * size, 0.0, -size, y + 50 * size)
    column, row = np.meshgrid(np.arange(100) + 0.5, np.arange(100) + 0.5)
    file_x, file_y = transform @ (column, row)
    lon, lat = to_file.transform(file_x, file_y, direction="INVERSE")
    heights = ((lon - 115.6) * 5000 + (lat - 33.1) * 3000).astype(np.float32)
    path = write_raster(tmp_path / "a.tif", heights, f"EPSG:{epsg}", transform)
    terrain = Terrain.from_files(path)
    found = terrain.alt_amsl_m([115.6205, 115.6151], [33.1602, 33.1633])
    assert found == pytest.approx([0.0205 * 5000 + 180.6, 0.0151 * 5000 + 189.9], abs=0.01)


def test_a_gap_does_not_bleed(tmp_path: Path) -> None:
    """Beside a gap heights are those of the known; in every mesh it belongs to they are unknown."""
    heights = slope()
    heights[5, 5] = -9999.0
    terrain = Terrain.from_files(write_raster(tmp_path / "a.tif", heights, nodata=-9999.0))
    for row, column in ((4.0, 5.0), (5.0, 6.0), (4.0, 4.5), (6.0, 5.5), (3.99, 5.0)):
        expected = 100.0 + column + 10.0 * row
        assert _height(terrain, row, column) == pytest.approx(expected, abs=1e-3)
    for row, column in ((5.0, 5.0), (4.5, 5.5), (5.0, 5.9), (4.05, 5.0), (5.9, 4.1)):
        assert np.isnan(_height(terrain, row, column))


def test_outside_the_file_nothing_is_known(tmp_path: Path) -> None:
    """Beyond the outermost centres, far away, and where no coordinate is a number."""
    terrain = Terrain.from_files(write_raster(tmp_path / "a.tif", slope()))
    assert np.isnan(_height(terrain, -0.1, 3.0))
    assert np.isnan(_height(terrain, 3.0, 29.1))
    assert np.isnan(terrain.alt_amsl_m([0.0, -64.4, np.nan, 115.61], [0.0, -33.2, 33.1, 91])).all()
    in_metres = Terrain.from_files(write_raster(tmp_path / "b.tif", slope(), "EPSG:32650", METRES))
    assert np.isnan(in_metres.alt_amsl_m([0.0, 25.0, np.inf], [0.0, 89.0, 33.1])).all()


def _tiles(folder: Path, heights: np.ndarray) -> Path:
    for row in (0, 10):
        for column in (0, 10, 20):
            part = heights[row : row + 10, column : column + 10]
            corner = DEGREES @ rasterio.Affine.translation(column, row)
            write_raster(folder / f"tile_{row}_{column}.tif", part, transform=corner)
    return folder


def test_tiles_continue_each_other(tmp_path: Path) -> None:
    """On the seams between tiles of one raster the ground is as if it were one file."""
    terrain = Terrain.from_files(_tiles(tmp_path, slope()))
    rng = np.random.default_rng(4)
    for row, column in rng.uniform(0.0, (19.0, 29.0), (200, 2)):
        expected = 100.0 + column + 10.0 * row
        assert _height(terrain, row, column) == pytest.approx(expected, abs=2e-3)


def test_a_missing_tile_is_unknown_ground(tmp_path: Path) -> None:
    """It is neither zero nor its neighbours' height."""
    _tiles(tmp_path, slope())
    (tmp_path / "tile_0_10.tif").unlink()
    terrain = Terrain.from_files(tmp_path)
    assert np.isnan(_height(terrain, 5.0, 15.0))
    assert np.isnan(_height(terrain, 5.0, 9.5))
    assert _height(terrain, 5.0, 9.0) == pytest.approx(159.0)


def test_a_virtual_raster_is_read(tmp_path: Path) -> None:
    """A VRT over files gives what they give."""
    write_raster(tmp_path / "a.tif", slope())
    vrt = tmp_path / "all.vrt"
    vrt.write_text(
        '<VRTDataset rasterXSize="30" rasterYSize="20"><SRS>EPSG:4326</SRS>'
        f"<GeoTransform>{', '.join(map(str, DEGREES.to_gdal()))}</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">a.tif</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>",
        encoding="utf-8",
    )
    assert _height(Terrain.from_files(vrt), 3.0, 7.5) == pytest.approx(137.5)


def test_where_files_overlap_the_first_that_knows_decides(tmp_path: Path) -> None:
    """A fine file with gaps in front of a coarse one: the gaps are filled, the rest is fine."""
    fine = slope()
    fine[8:12, 8:12] = np.nan
    front = write_raster(tmp_path / "fine.tif", fine)
    behind = DEGREES @ rasterio.Affine.translation(-20.3, -20.3) @ rasterio.Affine.scale(10.0)
    back = write_raster(tmp_path / "coarse.tif", np.full((8, 8), 7.0, "f4"), transform=behind)
    terrain = Terrain.from_files([front, back])
    assert _height(terrain, 3.0, 3.0) == pytest.approx(133.0)
    assert _height(terrain, 10.0, 10.0) == pytest.approx(7.0)
    assert _height(terrain, -3.0, -3.0) == pytest.approx(7.0)
    assert terrain.resolution_m == pytest.approx(1109, abs=2)


def test_on_one_lattice_too_the_first_that_knows_decides(tmp_path: Path) -> None:
    """Tiles that overlap pixel on pixel: the first by name, and the next in its gaps."""
    first = slope()
    first[4, 4] = np.nan
    write_raster(tmp_path / "a.tif", first)
    write_raster(tmp_path / "b.tif", np.full((20, 30), 7.0, "f4"))
    terrain = Terrain.from_files(tmp_path)
    assert _height(terrain, 4.0, 4.0) == pytest.approx(7.0)
    assert _height(terrain, 8.0, 8.0) == pytest.approx(188.0)


def test_tiles_of_different_references_are_not_mixed(tmp_path: Path) -> None:
    """Side by side on one lattice, each is brought to sea level by its own rule."""
    write_raster(tmp_path / "a.tif", slope())
    beside = DEGREES @ rasterio.Affine.translation(30, 0)
    write_raster(tmp_path / "b.tif", slope(), crs="EPSG:4979", transform=beside)
    terrain = Terrain.from_files(tmp_path)
    lon, lat = _centre(5.0, 35.0)
    assert _height(terrain, 5.0, 5.0) == pytest.approx(155.0)
    assert _height(terrain, 5.0, 35.0) == pytest.approx(155.0 - float(separation_m(lon, lat)))


@given(turns=st.integers(-1, 1), column=st.floats(0.0, 29.0))
def test_the_antimeridian_is_no_edge(
    tmp_path_factory: pytest.TempPathFactory, turns: int, column: float
) -> None:
    """A file across 180 degrees is found from both sides."""
    folder = tmp_path_factory.mktemp("fiji")
    transform = rasterio.Affine(0.001, 0.0, 179.985, 0.0, -0.001, -17.0)
    terrain = Terrain.from_files(write_raster(folder / "a.tif", slope(), transform=transform))
    lon = 179.9855 + 0.001 * column
    lon = lon - 360.0 if lon > 180.0 else lon
    found = terrain.alt_amsl_m([lon + 360.0 * turns], [-17.0005])[0]
    assert found == pytest.approx(100.0 + column, abs=1e-3)


def test_heights_above_the_ellipsoid_are_brought_to_sea_level(tmp_path: Path) -> None:
    """Said by the file or by the person: both are lowered by the geoid, and by nothing else."""
    lon, lat = _centre(4.0, 4.0)
    by_file = Terrain.from_files(write_raster(tmp_path / "a.tif", slope(), crs="EPSG:4979"))
    silent = write_raster(tmp_path / "b.tif", slope())
    by_person = Terrain.from_files(silent, reference=HeightReference.ELLIPSOID)
    for terrain in (by_file, by_person):
        assert _height(terrain, 4.0, 4.0) == pytest.approx(144.0 - float(separation_m(lon, lat)))
    assert _height(Terrain.from_files(silent), 4.0, 4.0) == pytest.approx(144.0)
    with pytest.raises(ElevationFileError, match=r"a\.tif says"):
        Terrain.from_files(tmp_path / "a.tif", reference=HeightReference.SEA_LEVEL)


def test_a_file_that_has_gone_is_a_typed_error(tmp_path: Path) -> None:
    """Blocks are read when asked for; by then the file may have been deleted."""
    path = write_raster(tmp_path / "a.tif", slope())
    terrain = Terrain.from_files(path)
    path.unlink()
    with pytest.raises(ElevationFileError, match=r"a\.tif"):
        _height(terrain, 1.0, 1.0)


def test_a_profile_runs_from_end_to_end(tmp_path: Path) -> None:
    """Both ends are samples, no step is longer than asked, and heights are those of the places."""
    terrain = Terrain.from_files(write_raster(tmp_path / "a.tif", slope()))
    a, b = LonLat(*_centre(2.0, 2.0)), LonLat(*_centre(15.0, 20.0))
    distances_m, alt_amsl_m = terrain.profile(a, b, 7.0)
    assert distances_m[0] == 0.0
    assert distances_m[-1] == pytest.approx(distance_m(a, b))
    assert np.diff(distances_m).max() <= 7.0
    assert (alt_amsl_m[0], alt_amsl_m[-1]) == pytest.approx((122.0, 270.0), abs=1e-3)
    with pytest.raises(InvalidGeometryError, match="step of 0"):
        terrain.profile(a, b, 0.0)


@given(data=st.data())
def test_no_ground_of_an_area_is_outside_its_range(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The lowest and highest of a box hold for every place in it, above any reference."""
    heights = np.random.default_rng(data.draw(st.integers(0, 99))).uniform(0, 300, (300, 300))
    crs = data.draw(st.sampled_from(["EPSG:4326", "EPSG:4979"]))
    path = tmp_path_factory.mktemp("range") / "a.tif"
    terrain = Terrain.from_files(write_raster(path, heights.astype("f4"), crs=crs))
    row, column = data.draw(st.floats(0, 280)), data.draw(st.floats(0, 280))
    (west, north), (east, south) = _centre(row, column), _centre(row + 15, column + 17)
    found = terrain.range_in(shapely.box(west, south, east, north))
    lon, lat = np.random.default_rng(1).uniform((west, south), (east, north), (300, 2)).T
    inside = terrain.alt_amsl_m(lon, lat)
    assert found.whole
    assert found.lowest_alt_amsl_m - 1e-3 <= inside.min()
    assert inside.max() <= found.highest_alt_amsl_m + 1e-3


def test_a_range_says_when_it_does_not_know_all(tmp_path: Path) -> None:
    """Reaching out of the file, over a gap, or lying outside altogether."""
    heights = slope()
    heights[10, 10] = np.nan
    terrain = Terrain.from_files(write_raster(tmp_path / "a.tif", heights))

    def within(top: float, left: float, bottom: float, right: float) -> Any:
        (west, north), (east, south) = _centre(top, left), _centre(bottom, right)
        return terrain.range_in(shapely.box(west, south, east, north))

    assert within(1, 1, 5, 5).whole
    assert not within(9, 9, 12, 12).whole
    assert not within(1, 1, 5, 45).whole
    assert np.isnan(within(100, 100, 110, 110).lowest_alt_amsl_m)


def test_flat_ground_is_somebodys_word() -> None:
    """It has the declared height everywhere, and no height at no place."""
    terrain = FlatTerrain(32.5)
    assert terrain.alt_amsl_m([115.0, -70.0], [33.0, 12.0]).tolist() == [32.5, 32.5]
    assert np.isnan(terrain.alt_amsl_m([np.nan], [33.0]))
    assert terrain.range_in(shapely.box(0, 0, 1, 1)).highest_alt_amsl_m == 32.5
    with pytest.raises(InvalidGeometryError, match="nan"):
        FlatTerrain(float("nan"))
