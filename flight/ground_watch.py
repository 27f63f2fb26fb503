"""Watching limits that count from the ground right below an aircraft, over ground that is known.

A fence's ceiling is above home, the law's is above the ground: on a slope one holds where the other
is broken. The height above ground is the height above home plus what the ground falls from home to
here, so that neither the barometer's datum nor the geoid has a part in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geofences.errors import GroundError
from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import Terrain

FloatArray = NDArray[np.float64]

_STEP_S = 0.25  # 2.5 m at patrol speed; ground and zones are no finer
_SLOWEST_MPS = 1.0  # a planned way is not judged as slower than this


@dataclass(frozen=True, slots=True)
class GroundBound:
    """Air that is closed between heights, at least one of them above the ground.

    Attributes:
        name: For people.
        polygon: Metres in the mission's frame; None for everywhere.
        lower_ground_m: From above this on it is closed.
        upper_ground_m: Up to here.
        lower_home_m: Likewise, above home; both pairs must hold.
        upper_home_m: Up to here.
    """

    name: str
    polygon: shapely.Polygon | None
    lower_ground_m: float = -math.inf
    upper_ground_m: float = math.inf
    lower_home_m: float = -math.inf
    upper_home_m: float = math.inf


@dataclass(frozen=True, slots=True)
class Path:
    """Where an aircraft will be.

    Attributes:
        times_s: float64, (N,): from now, rising from 0.
        places_m: float64, (N, 2): east and north in the mission's frame.
        heights_home_m: float64, (N,): above home.
    """

    times_s: FloatArray
    places_m: FloatArray
    heights_home_m: FloatArray


@dataclass(frozen=True, slots=True)
class GroundStatus:
    """How an aircraft stands to the limits above ground.

    Attributes:
        height_ground_m: Its true height; None where the ground is not known.
        breached: Names of limits that it is on the wrong side of.
        breach_in_s: Until it will be, along its path; infinite if not on that path.
        ahead: Whose limit that is.
    """

    height_ground_m: float | None = None
    breached: tuple[str, ...] = ()
    breach_in_s: float = math.inf
    ahead: str = ""


class GroundWatch:
    """The limits above ground of one mission.

    Args:
        terrain: How high the ground is.
        bounds: What is closed.
        frame: Of their polygons.
    """

    def __init__(self, terrain: Terrain, bounds: Sequence[GroundBound], frame: LocalFrame) -> None:
        self._terrain = terrain
        self._bounds = tuple(bounds)
        self._frame = frame
        for bound in self._bounds:
            if bound.polygon is not None:
                shapely.prepare(bound.polygon)

    def check(self, home: LonLat, paths: Sequence[Path]) -> GroundStatus:
        """Judge where an aircraft is and where it will be.

        Where the ground is not known, its height counts as home's.

        Args:
            home: Where its heights above home count from.
            paths: Where it may be, each from now on; at least one.
        """
        statuses = [self._along(home, path) for path in paths]
        return min(statuses, key=lambda status: status.breach_in_s)

    def _along(self, home: LonLat, path: Path) -> GroundStatus:
        falls_m = self._falls_m(home, path)
        known = math.isfinite(falls_m[0])
        heights_m = path.heights_home_m + np.where(np.isfinite(falls_m), falls_m, 0.0)
        breached: list[str] = []
        first_s, ahead = math.inf, ""
        for bound in self._bounds:
            closed = np.flatnonzero(_closed(bound, path, heights_m))
            if len(closed) and closed[0] == 0:
                breached.append(bound.name)
            if len(closed) and path.times_s[closed[0]] < first_s:
                first_s, ahead = float(path.times_s[closed[0]]), bound.name
        height_m = float(heights_m[0]) if known else None
        return GroundStatus(height_m, tuple(breached), first_s, ahead)

    def _falls_m(self, home: LonLat, path: Path) -> FloatArray:
        """How far the ground lies below home's, along a path; NaN where nobody knows."""
        lon_deg, lat_deg = self._frame.to_lonlat(path.places_m[:, 0], path.places_m[:, 1])
        try:
            ground_m = self._terrain.alt_amsl_m(
                np.append(lon_deg, home.lon_deg), np.append(lat_deg, home.lat_deg)
            )
        except (GroundError, OSError):  # a file that has gone must not end a flight
            return np.full(len(path.times_s), math.nan)
        falls_m: FloatArray = ground_m[-1] - ground_m[:-1]
        return falls_m


def _closed(bound: GroundBound, path: Path, heights_ground_m: FloatArray) -> NDArray[np.bool_]:
    """Tell for each moment of a path whether it is in closed air; float64 (N,) in, bool (N,) out.

    A limit itself may be flown at.
    """
    home_m = path.heights_home_m
    closed = (heights_ground_m > bound.lower_ground_m) & (heights_ground_m < bound.upper_ground_m)
    closed &= (home_m > bound.lower_home_m) & (home_m < bound.upper_home_m)
    if bound.polygon is not None and closed.any():
        closed &= shapely.contains_xy(bound.polygon, path.places_m[:, 0], path.places_m[:, 1])
    return np.asarray(closed, dtype=np.bool_)


def straight_path(
    place: tuple[float, float],
    height_home_m: float,
    velocity_mps: tuple[float, float, float],
    horizon_s: float,
) -> Path:
    """Where a velocity leads.

    Args:
        place: Metres east and north, now.
        height_home_m: Now.
        velocity_mps: East, north, up.
        horizon_s: How far ahead.
    """
    times_s = np.arange(0.0, horizon_s + _STEP_S / 2, _STEP_S)
    places_m = np.asarray(place) + times_s[:, None] * np.asarray(velocity_mps[:2])
    return Path(times_s, places_m, height_home_m + times_s * velocity_mps[2])


def planned_path(points_m: FloatArray, speed_mps: float, horizon_s: float) -> Path:
    """Where a way of straight legs leads.

    Args:
        points_m: float64, (K, 3): east, north and above home, from where the aircraft is.
        speed_mps: Its speed, in three dimensions.
        horizon_s: How far ahead.
    """
    lengths_m = np.linalg.norm(np.diff(points_m, axis=0), axis=1)
    at_s = np.concatenate([[0.0], np.cumsum(lengths_m)]) / max(speed_mps, _SLOWEST_MPS)
    times_s = np.arange(0.0, min(horizon_s, float(at_s[-1])) + _STEP_S / 2, _STEP_S)
    east_m, north_m, height_m = (np.interp(times_s, at_s, axis) for axis in points_m.T)
    return Path(times_s, np.column_stack([east_m, north_m]), height_m)
