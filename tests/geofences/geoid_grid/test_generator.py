"""Tests of `geofences.geoid_grid.generator`, and of the file it made."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import rasterio

from geofences.errors import FileFormatError
from geofences.geoid_grid.generator import COLUMNS, ROWS, grid_from_gtx, write_grid
from geofences.geoid_grid.location import geoid_grid_path


def _gtx(metres: np.ndarray, south: float = -90.0) -> bytes:
    header = struct.pack(">4d2i", south, -180.0, 0.25, 0.25, *metres.shape)
    return header + metres.astype(">f4").tobytes()


def test_rows_are_turned_to_run_from_north_to_south() -> None:
    """A GTX file begins in the south; values are rounded to the nearest centimetre."""
    metres = np.zeros((ROWS, COLUMNS))
    metres[0] = -29.534
    metres[-1, 7] = 13.606
    grid_cm = grid_from_gtx(_gtx(metres))
    assert (grid_cm[-1] == -2953).all()
    assert grid_cm[0, 7] == 1361


@pytest.mark.parametrize(
    "content",
    [b"", b"short", _gtx(np.zeros((ROWS, COLUMNS)), south=-60.0), _gtx(np.zeros((360, 720)))],
    ids=["empty", "short", "elsewhere", "coarse"],
)
def test_another_grid_is_refused(content: bytes) -> None:
    """The sentence says which file is wanted."""
    with pytest.raises(FileFormatError, match=r"egm96_15\.gtx"):
        grid_from_gtx(content)


def test_the_file_reads_back_what_was_written(tmp_path: Path) -> None:
    """Every centimetre is kept, and the file itself says what its numbers are."""
    rng = np.random.default_rng(1)
    grid_cm = rng.integers(-10_000, 9_000, (ROWS, COLUMNS), dtype=np.int16)
    write_grid(grid_cm, tmp_path / "grid.tif")
    with rasterio.open(tmp_path / "grid.tif") as file:
        assert (file.read(1) == grid_cm).all()
        assert (file.scales, file.units) == ((0.01,), ("metre",))
        assert file.xy(0, 0) == (-180.0, 90.0)


def test_the_shipped_file_is_small_and_whole() -> None:
    """Below 1 MB, the whole Earth, and within the known extremes of EGM96."""
    assert geoid_grid_path().stat().st_size < 1_000_000
    with rasterio.open(geoid_grid_path()) as file:
        grid_cm = file.read(1)
    assert grid_cm.shape == (ROWS, COLUMNS)
    assert (grid_cm.min(), grid_cm.max()) == (-10699, 8539)
