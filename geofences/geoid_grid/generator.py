"""Make the shipped geoid grid: `python -m geofences.geoid_grid.generator EGM96.gtx OUT.tif`.

The source is the EGM96 grid of the US National Geospatial-Intelligence Agency, which is in the
public domain, as PROJ packages it (`egm96_15.gtx`, in Debian's package `proj-data`). A GTX file is
a header of four float64 and two int32 (south, west, step north, step east, rows, columns) and then
float32 metres from south to north and from west to east, all big-endian.
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

from geofences.errors import FileFormatError

Centimetres = NDArray[np.int16]

ROWS, COLUMNS = 721, 1440
STEP_DEG = 0.25

_HEADER = struct.Struct(">4d2i")
_WHOLE_EARTH = (-90.0, -180.0, STEP_DEG, STEP_DEG, ROWS, COLUMNS)


def grid_from_gtx(content: bytes) -> Centimetres:
    """The grid of a GTX file, from north to south, rounded to centimetres.

    Args:
        content: the whole file.

    Returns:
        int16, (721, 1440); the first column is at longitude -180.

    Raises:
        FileFormatError: it is not a 15-minute grid of the whole Earth.
    """
    expected = _HEADER.size + 4 * ROWS * COLUMNS
    if len(content) != expected or _HEADER.unpack_from(content) != _WHOLE_EARTH:
        raise FileFormatError(
            f"The geoid grid has {len(content)} bytes or another extent, not the {expected} bytes "
            "of 15 minutes round the whole Earth; give PROJ's egm96_15.gtx."
        )
    metres = np.frombuffer(content, ">f4", offset=_HEADER.size).reshape(ROWS, COLUMNS)
    return np.round(metres[::-1].astype(np.float64) * 100.0).astype(np.int16)


def write_grid(grid_cm: Centimetres, out: Path) -> None:
    """Write a grid as the GeoTIFF that the package ships."""
    # Pixels are centred on the grid's points, so the outermost reach half a step further.
    corner = rasterio.Affine(STEP_DEG, 0.0, -180.0 - STEP_DEG / 2, 0.0, -STEP_DEG, 90.125)
    with rasterio.open(
        out, "w", driver="GTiff", dtype="int16", count=1, height=ROWS, width=COLUMNS,
        crs="EPSG:4326", transform=corner, compress="deflate", predictor=2, zlevel=9,
        blockysize=ROWS,
    ) as file:  # fmt: skip
        file.write(grid_cm, 1)
        file.scales, file.units = (0.01,), ("metre",)
        file.set_band_description(1, "EGM96 geoid above the WGS-84 ellipsoid")


def main() -> None:
    """Convert the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gtx", type=Path, help="PROJ's egm96_15.gtx")
    parser.add_argument("out", type=Path, help="the GeoTIFF to write")
    given = parser.parse_args()
    try:
        write_grid(grid_from_gtx(given.gtx.read_bytes()), given.out)
    except (OSError, FileFormatError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
