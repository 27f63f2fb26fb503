"""Small rasters of heights, written as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

DEGREES = rasterio.Affine(0.001, 0.0, 115.6, 0.0, -0.001, 33.2)
"""Pixels of about 93 by 111 m; the upper left corner is near the sample county's middle."""

METRES = rasterio.Affine(30.0, 0.0, 370_000.0, 0.0, -30.0, 3_675_000.0)
"""Pixels of 30 m in UTM zone 50 north, near the same place."""

_OF_BANDS = ("units", "scales", "offsets")


def write_raster(
    path: Path,
    heights: NDArray[Any],
    crs: str | None = "EPSG:4326",
    transform: rasterio.Affine = DEGREES,
    **options: Any,
) -> Path:
    """Write heights of rows and columns, or of bands, rows and columns, as a GeoTIFF."""
    bands = heights.reshape(-1, *heights.shape[-2:])
    texts = {key: options.pop(key) for key in _OF_BANDS if key in options}
    mask = options.pop("mask", None)
    with rasterio.open(
        path, "w", driver="GTiff", count=len(bands), height=bands.shape[1], width=bands.shape[2],
        dtype=bands.dtype, crs=crs, transform=transform, **options,
    ) as file:  # fmt: skip
        file.write(bands)
        for key, values in texts.items():
            setattr(file, key, values)
        if mask is not None:
            file.write_mask(mask)
    return path


def slope(rows: int = 20, columns: int = 30) -> NDArray[np.float32]:
    """Heights that rise by 1 m a column and 10 m a row: a plane, on which bilinear is exact."""
    row, column = np.mgrid[:rows, :columns]
    return np.asarray(100.0 + column + 10.0 * row, dtype=np.float32)
