"""Ground by a formula, for rays to be cast on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geofences.geodesy import LocalFrame
from geofences.terrain import GroundRange, Terrain
from tests.geofences.shapes import HOME

FloatArray = NDArray[np.float64]

FRAME = LocalFrame(HOME)


class Hills(Terrain):
    """Heights above sea level as a function of metres east and north of home."""

    def __init__(
        self, alt_m: Callable[[FloatArray, FloatArray], FloatArray], resolution_m: float = 10.0
    ) -> None:
        self.resolution_m = resolution_m
        self._alt_m = alt_m

    def alt_amsl_m(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> FloatArray:
        """The formula's height."""
        lon, lat = np.broadcast_arrays(np.asarray(lon_deg, float), np.asarray(lat_deg, float))
        return np.asarray(self._alt_m(*FRAME.to_local(lon.ravel(), lat.ravel())), np.float64)

    def range_in(self, area: shapely.Geometry) -> GroundRange:
        """Not needed here."""
        raise NotImplementedError

    def _crossings(self, lon_deg: FloatArray, lat_deg: FloatArray) -> FloatArray:
        raise NotImplementedError


def plane(east_slope: float, north_slope: float, alt_m: float = 100.0) -> Hills:
    """Ground that rises evenly."""
    return Hills(lambda east, north: alt_m + east_slope * east + north_slope * north)


def waves(height_m: float, length_m: float) -> Hills:
    """Rolling hills."""
    turn = 2.0 * np.pi / length_m
    return Hills(
        lambda east, north: 100.0 + height_m * np.sin(turn * east) * np.cos(0.8 * turn * north)
    )
