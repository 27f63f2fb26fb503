"""Invented ground for planning over: rasters of 30 m in metres, round the county's middle."""

from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from scipy import ndimage

from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import Terrain
from tests.geofences.rasters import write_raster

FRAME = LocalFrame(LonLat(115.62, 33.16))
PIXELS = 100
"""Three kilometres each way."""

_UPPER_LEFT = rasterio.Affine(0.0003, 0.0, 115.605, 0.0, -0.0003, 33.175)


def write_ground(folder: Path, heights: NDArray[np.float64], name: str = "ground.tif") -> Path:
    """Write heights round the middle as a file; rows from the north, columns from the west."""
    return write_raster(
        folder / name, heights.astype(np.float32), transform=_UPPER_LEFT, nodata=-9999.0
    )


def ground(folder: Path, heights: NDArray[np.float64]) -> Terrain:
    """Terrain of heights round the middle."""
    return Terrain.from_files(write_ground(folder, heights))


def hills(seed: int, relief_m: float, smooth_px: float = 4.0) -> NDArray[np.float64]:
    """Random hills from 30 m above the sea to so much higher."""
    rng = np.random.default_rng(seed)
    rough = ndimage.gaussian_filter(rng.normal(size=(PIXELS, PIXELS)), smooth_px)
    return np.asarray(30.0 + relief_m * (rough - rough.min()) / np.ptp(rough))


def heights_above_ground(
    terrain: Terrain, points_m: NDArray[np.float64], alt_amsl_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Height above ground at every metre of a route, NaN over unknown ground."""
    lengths_m = np.hypot(*np.diff(points_m, axis=0).T)
    along_m = np.concatenate([[0.0], np.cumsum(lengths_m)])
    every_m = np.linspace(0.0, along_m[-1], int(along_m[-1]) + 2)
    east_m, north_m = (np.interp(every_m, along_m, axis) for axis in points_m.T)
    ground_m = terrain.alt_amsl_m(*FRAME.to_lonlat(east_m, north_m))
    return np.asarray(np.interp(every_m, along_m, alt_amsl_m) - ground_m)
