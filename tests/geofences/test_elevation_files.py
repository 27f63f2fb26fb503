"""Tests of `geofences.elevation_files`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from geofences.elevation_files import inspect, listed
from geofences.errors import ElevationFileError
from geofences.heights import HeightReference
from tests.geofences.rasters import DEGREES, slope, write_raster


def _read(path: Path, **said: Any) -> np.ndarray:
    file = inspect(path, **said)
    return file.read(0, 0, file.width, file.height)


def test_every_way_to_mark_a_gap_gives_nan(tmp_path: Path) -> None:
    """No-data, NaN, a mask, and the undeclared -32768 and 3.4e38 of old files: never a height."""
    heights = slope()
    heights[2, 3] = -9999.0
    heights[2, 4] = np.nan
    heights[2, 5] = -32768.0
    heights[2, 6] = 3.4e38
    mask = np.full(heights.shape, 255, dtype=np.uint8)
    mask[2, 7] = 0
    declared = _read(write_raster(tmp_path / "a.tif", heights, nodata=-9999.0))
    assert np.isnan(declared[2, 3:7]).all()
    masked = _read(write_raster(tmp_path / "b.tif", slope(), mask=mask))
    assert np.isnan(masked[2, 7])
    assert np.isnan(declared).sum() == 4
    assert np.isnan(masked).sum() == 1


def test_a_zero_of_the_sea_is_a_height(tmp_path: Path) -> None:
    """Zero is a height unless the file says that it marks gaps."""
    heights = np.zeros((4, 4), dtype=np.int16)
    assert (_read(write_raster(tmp_path / "sea.tif", heights)) == 0.0).all()
    assert np.isnan(_read(write_raster(tmp_path / "gap.tif", heights, nodata=0))).all()


@given(
    scale=st.sampled_from([0.01, 0.1, 1.0, 2.0]),
    offset=st.sampled_from([-100.0, 0.0, 50.0]),
    unit=st.sampled_from([("metre", 1.0), ("ft", 0.3048), ("US survey foot", 1200 / 3937)]),
)
def test_scale_offset_and_unit_are_applied(
    tmp_path_factory: pytest.TempPathFactory, scale: float, offset: float, unit: tuple[str, float]
) -> None:
    """What is stored becomes metres, in that order."""
    path = tmp_path_factory.mktemp("units") / "scaled.tif"
    stored = np.array([[0, 100], [200, 300]], dtype=np.int16)
    write_raster(path, stored, scales=(scale,), offsets=(offset,), units=(unit[0],))
    assert _read(path) == pytest.approx((stored * scale + offset) * unit[1], rel=1e-6)


@pytest.mark.parametrize(
    ("crs", "reference", "name"),
    [
        ("EPSG:4326", HeightReference.SEA_LEVEL, ""),
        ("EPSG:4490", HeightReference.SEA_LEVEL, ""),
        ("EPSG:4326+5773", HeightReference.SEA_LEVEL, "EGM96 height"),
        ("EPSG:4326+3855", HeightReference.SEA_LEVEL, "EGM2008 height"),
        ("EPSG:4490+5737", HeightReference.SEA_LEVEL, "Yellow Sea 1985 height"),
        ("EPSG:4979", HeightReference.ELLIPSOID, "WGS 84"),
    ],
)
def test_the_coordinate_system_says_what_heights_are_above(
    tmp_path: Path, crs: str, reference: HeightReference, name: str
) -> None:
    """Compound and three-dimensional systems declare it; without them it is mean sea level."""
    file = inspect(write_raster(tmp_path / "a.tif", slope(), crs=crs))
    assert (file.reference, file.vertical_name) == (reference, name)
    assert len(file.crs.axis_info) == 2


def test_feet_of_the_vertical_system_become_metres(tmp_path: Path) -> None:
    """NAVD88 in US feet, declared only by the coordinate system."""
    path = write_raster(tmp_path / "a.tif", np.full((3, 3), 1000.0, "f4"), crs="EPSG:4326+6360")
    assert _read(path) == pytest.approx(304.8006, abs=1e-3)


def test_a_silent_file_is_above_what_the_person_says(tmp_path: Path) -> None:
    """The option holds where the file says nothing, and must agree where it does."""
    silent = write_raster(tmp_path / "silent.tif", slope())
    ellipsoid = HeightReference.ELLIPSOID
    assert inspect(silent, reference=ellipsoid).reference is ellipsoid
    said = write_raster(tmp_path / "said.tif", slope(), crs="EPSG:4326+5773")
    with pytest.raises(ElevationFileError, match=r"said\.tif says .* sea level, not .* ellipsoid"):
        inspect(said, reference=ellipsoid)
    with pytest.raises(ElevationFileError, match="from the ground itself"):
        inspect(silent, reference=HeightReference.GROUND)


def _no_place(path: Path) -> None:
    write_raster(path, slope(), transform=rasterio.Affine.identity())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"not a picture"), "cannot be read"),
        (lambda path: write_raster(path, slope(), crs=None), "coordinate system"),
        (_no_place, "where on Earth"),
        (lambda path: write_raster(path, np.zeros((3, 8, 8), np.uint8)), "3 bands"),
        (lambda path: write_raster(path, np.zeros((8, 8), np.complex64)), "complex64"),
        (lambda path: write_raster(path, slope(), units=("kelvin",)), "'kelvin'"),
        (lambda path: write_raster(path, slope(), crs="EPSG:4326+5862"), "depths"),
    ],
    ids=["damaged", "no-crs", "no-place", "picture", "complex", "unit", "depths"],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_file_that_does_not_say_enough_is_refused(tmp_path: Path, make: Any, said: str) -> None:
    """The sentence names the file and what is missing."""
    path = tmp_path / "bad.tif"
    make(path)
    with pytest.raises(ElevationFileError, match=said) as caught:
        inspect(path)
    assert "bad.tif" in str(caught.value)


def test_a_missing_coordinate_system_can_be_named(tmp_path: Path) -> None:
    """And nonsense for one is refused."""
    path = write_raster(tmp_path / "a.tif", slope(), crs=None)
    assert inspect(path, crs="EPSG:4490").crs.to_epsg() == 4490
    with pytest.raises(ElevationFileError, match="not understood"):
        inspect(path, crs="EPSG:nonsense")


def test_a_transparency_band_is_no_second_band_of_heights(tmp_path: Path) -> None:
    """Heights with an alpha band are read, and transparent pixels are gaps."""
    heights = np.stack([slope().astype(np.uint16), np.full((20, 30), 65535, np.uint16)])
    heights[1, 0, 0] = 0
    path = write_raster(tmp_path / "a.tif", heights, alpha="yes")
    assert np.isnan(_read(path)).sum() == 1


def test_a_folder_means_its_rasters_by_name(tmp_path: Path) -> None:
    """Other files are left alone; a folder without any is an error, and so is a wrong name."""
    for name in ("b.tif", "a.TIF", "notes.txt"):
        write_raster(tmp_path / name, slope(), transform=DEGREES)
    assert [path.name for path in listed(tmp_path)] == ["a.TIF", "b.tif"]
    assert listed([tmp_path / "b.tif", tmp_path]) == (tmp_path / "b.tif", tmp_path / "a.TIF")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ElevationFileError, match="has no heights"):
        listed(tmp_path / "empty")
    with pytest.raises(ElevationFileError, match=r"no file .*c\.tif"):
        listed([tmp_path / "c.tif"])
    with pytest.raises(ElevationFileError, match="No file of heights was named"):
        listed([])
