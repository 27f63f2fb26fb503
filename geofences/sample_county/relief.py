"""Make Sample County's ground: `python -m geofences.sample_county.relief OUT.tif`.

A plain at 30 to 40 m above sea level that rises to 50 m in the north; the river with its bed and
its banks; and on the land of Dagang 大岗, which means great ridge, a hill of 80 m that no flight at
40 m above home survives. It is bare ground, invented like the county, and meets its docks.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage

from geofences.geodesy import LocalFrame
from geofences.sample_county.generator import ORIGIN, build_county
from geofences.zones import ZoneIndex, ZoneKind

FloatArray = NDArray[np.float64]

STEP_DEG = 0.0003
"""Pixels of 28 by 33 m, as the free global models have."""

HILL_TOP_M = (-760.0, -390.0)
HILL_HEIGHT_M = 80.0
HILL_RADIUS_M = 680.0

# Without its vertical datum (EPSG:5737), because GDAL then loses the unit of the numbers.
_CRS = "EPSG:4490"
_UPPER_LEFT = (115.33, 33.37)
_ROWS, _COLUMNS = 1440, 1980
_UNIT_M = 0.1
_PLAIN_M = 32.0
_BED_M, _BANK_M = 5.0, 2.5
_BANK_FROM_M, _BANK_TO_M = 150.0, 350.0
_DOCK_REACH_M = 1500.0
_METRES_PER_DEG = 1.03e5  # between those of a degree east and a degree north here


def relief() -> FloatArray:
    """The ground, rows from the north.

    Returns:
        float64, (1440, 1980), metres above mean sea level.
    """
    frame, county = LocalFrame(ORIGIN), build_county()
    column, row = np.meshgrid(np.arange(_COLUMNS) + 0.5, np.arange(_ROWS) + 0.5)
    lon_deg, lat_deg = _transform() @ (column, row)
    east_m, north_m = frame.to_local(lon_deg, lat_deg)
    ground_m = _plain(east_m, north_m) + _river(county.zones) + _hill(east_m, north_m)
    places = {
        frame.to_local(dock.position.lon_deg, dock.position.lat_deg): dock.alt_amsl_m
        for dock in county.docks
    }
    return ground_m + _at_docks(places, ground_m, east_m, north_m)


def write_relief(out: Path) -> None:
    """Write the ground as a GeoTIFF of int16 decimetres."""
    stored = np.round(relief() / _UNIT_M).astype(np.int16)
    with rasterio.open(
        out, "w", driver="GTiff", dtype="int16", count=1, height=_ROWS, width=_COLUMNS,
        crs=_CRS, transform=_transform(), nodata=-32768,
        tiled=True, compress="deflate", predictor=2, zlevel=9,
    ) as file:  # fmt: skip
        file.write(stored, 1)
        file.scales, file.units = (_UNIT_M,), ("metre",)
        file.set_band_description(1, "Sample County, bare ground, invented")


def _transform() -> rasterio.Affine:
    west, north = _UPPER_LEFT
    return rasterio.Affine(STEP_DEG, 0.0, west, 0.0, -STEP_DEG, north)


def _plain(east_m: FloatArray, north_m: FloatArray) -> FloatArray:
    """Long swells of two metres, and a rise of a metre per kilometre beyond the north of town."""
    swells = np.sin(east_m / 4100.0 + 0.7) * np.cos(north_m / 3300.0)
    swells += 0.6 * np.sin((east_m + 1.7 * north_m) / 1900.0)
    return np.asarray(_PLAIN_M + 1.3 * swells + np.maximum(north_m - 9000.0, 0.0) * 1.4e-3)


def _hill(east_m: FloatArray, north_m: FloatArray) -> FloatArray:
    """A bell whose foot is level: the steepest of its sides rises 18 %."""
    away = np.hypot(east_m - HILL_TOP_M[0], north_m - HILL_TOP_M[1]) / HILL_RADIUS_M
    return np.asarray(HILL_HEIGHT_M * np.cos(np.pi / 2.0 * np.minimum(away, 1.0)) ** 2)


def _river(zones: ZoneIndex) -> FloatArray:
    """A bed under the river, and a bank on either side."""
    rivers = [zone.polygon for zone in zones.of_kind(ZoneKind.WATER) if zone.zone_id == "river"]
    wet = rasterize(rivers, (_ROWS, _COLUMNS), transform=_transform(), all_touched=True)
    away_m = ndimage.distance_transform_edt(wet == 0, sampling=STEP_DEG * _METRES_PER_DEG)
    banks_m = np.interp(
        away_m,
        [0.0, _BANK_FROM_M, _BANK_FROM_M + 60.0, _BANK_TO_M],
        [-_BED_M, _BANK_M, _BANK_M, 0.0],
    )
    return np.asarray(ndimage.gaussian_filter(banks_m, 1.0))


def _at_docks(
    altitudes: dict[tuple[float, float], float],
    ground_m: FloatArray,
    east_m: FloatArray,
    north_m: FloatArray,
) -> FloatArray:
    """Low mounds and hollows that bring the ground at each dock to the dock's altitude."""
    fading = [_fading(np.hypot(east_m - x, north_m - y)) for x, y in altitudes]
    nearest = [int(each.argmax()) for each in fading]
    missing_m = np.array(list(altitudes.values())) - ground_m.ravel()[nearest]
    # Two docks are near one another, so each mound must allow for the other.
    shares = np.array([each.ravel()[nearest] for each in fading]).T
    heights_m = np.linalg.solve(shares, missing_m).tolist()
    return np.asarray(sum(h * each for h, each in zip(heights_m, fading, strict=True)))


def _fading(away_m: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-((away_m / _DOCK_REACH_M) ** 2)))


def main() -> None:
    """Write the ground to the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the GeoTIFF to write")
    write_relief(parser.parse_args().out)


if __name__ == "__main__":
    main()
