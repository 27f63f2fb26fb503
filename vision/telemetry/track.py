"""What telemetry told of an aircraft and its camera while a film ran, as it was told.

A `PoseTrack` holds heights together with what they are measured from and angles only where they
were told; it guesses nothing. `vision.telemetry.film_poses` makes camera poses of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geofences.geodesy import LonLat
from vision.errors import PoseError

FloatArray = NDArray[np.float64]

MOST_GAP_S = 2.0
"""Between two records further apart than this nothing is known."""

MOST_BEYOND_S = 0.5
"""So long before the first and after the last record they count as still true."""

_ACCELERATION_MPS2 = 2.0
_LEAST_STEP_S = 0.25


class HeightAbove(StrEnum):
    """What a height of telemetry is measured from."""

    SEA_LEVEL = "sea-level"
    ELLIPSOID = "ellipsoid"
    TAKE_OFF = "take-off"
    GROUND = "ground"
    UNSTATED = "unstated"


@dataclass(frozen=True, eq=False)
class Heights:
    """Heights from one reference.

    Attributes:
        values_m: float64 (N,), NaN where not told.
        sigma_m: one standard deviation.
    """

    values_m: FloatArray
    sigma_m: float


@dataclass(frozen=True, slots=True)
class TrackErrors:
    """One standard deviation of what telemetry tells, heights apart.

    Attributes:
        horizontal_m: of the position, along each of east and north.
        heading_deg: of the heading as told.
        pitch_deg: of the camera's pitch as told.
        clock_s: of the telemetry's clock against the film's.
    """

    horizontal_m: float
    heading_deg: float
    pitch_deg: float
    clock_s: float


@dataclass(frozen=True, slots=True)
class Moment:
    """What is told of one moment; an angle is NaN where it is not.

    Attributes:
        position: the point below the camera.
        heights_m: by what they are measured from.
        heading_deg: clockwise from true north, any turn.
        pitch_deg: of the camera, -90 is straight down.
        roll_deg: of the camera.
        hfov_deg: horizontal field of view.
        speed_mps: over ground.
        turn_dps: how fast the heading turns; 0 where no heading is told.
        course_deg: where the aircraft moves to.
        apart_m: how far from the straight line between two records, or from the last of them, it
            may have been: one standard deviation.
    """

    position: LonLat
    heights_m: Mapping[HeightAbove, float]
    heading_deg: float
    pitch_deg: float
    roll_deg: float
    hfov_deg: float
    speed_mps: float
    turn_dps: float
    course_deg: float
    apart_m: float


@dataclass(frozen=True, eq=False)
class PoseTrack:
    """The telemetry of one film.

    Attributes:
        name: what it is and where it lies, for messages.
        time_s: float64 (N,), ascending, on the film's clock (0 is its first picture).
        lon_deg: float64 (N,).
        lat_deg: float64 (N,).
        heights: by what they are measured from.
        errors: of everything but the heights.
        heading_deg: float64 (N,) with NaN where not told; None where never told.
        pitch_deg: likewise, of the camera.
        roll_deg: likewise, of the camera.
        hfov_deg: likewise, horizontal field of view.
        start_utc: when the film begins, aware; None where not told.
        home: where the aircraft took off; None where not told.
        heading_of: "camera" or "aircraft": whose heading it is.
        notes: what a person should know of it.

    Raises:
        PoseError: there are fewer than two records, or their times do not ascend.
    """

    name: str
    time_s: FloatArray
    lon_deg: FloatArray
    lat_deg: FloatArray
    heights: Mapping[HeightAbove, Heights]
    errors: TrackErrors
    heading_deg: FloatArray | None = None
    pitch_deg: FloatArray | None = None
    roll_deg: FloatArray | None = None
    hfov_deg: FloatArray | None = None
    start_utc: datetime | None = None
    home: LonLat | None = None
    heading_of: str = "camera"
    notes: tuple[str, ...] = ()
    _lon: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.time_s) < 2:
            raise PoseError(f"{self.name}: tells {len(self.time_s)} positions; two make a track.")
        if not (np.diff(self.time_s) > 0).all():
            raise PoseError(f"{self.name}: its times do not ascend; the record is damaged.")
        if not self.heights:
            raise PoseError(f"{self.name}: tells no height, so nothing can be located from it.")
        places = np.abs(self.lon_deg) <= 180.0
        if not (places & (np.abs(self.lat_deg) <= 90.0)).all():
            raise PoseError(f"{self.name}: tells positions that are not on Earth.")
        object.__setattr__(self, "_lon", np.unwrap(self.lon_deg, period=360.0))

    @property
    def extent(self) -> str:
        """From when to when it tells, in words."""
        return f"{self.time_s[0]:.1f} to {self.time_s[-1]:.1f} s"

    def at(self, time_s: float) -> Moment:
        """What is told of a moment of the film, interpolated between its neighbours.

        Raises:
            PoseError: it lies more than `MOST_BEYOND_S` outside the record, or in a gap of more
                than `MOST_GAP_S`.
        """
        after = self._bracket(time_s)
        before_s, after_s = self.time_s[after - 1], self.time_s[after]
        east_mps, north_mps = self._velocity_mps(time_s)
        speed_mps = math.hypot(east_mps, north_mps)
        inside_s = min(max(time_s, before_s), after_s)
        bulge_m = _ACCELERATION_MPS2 * (inside_s - before_s) * (after_s - inside_s) / 2.0
        heights_m = {
            above: _linear(time_s, self.time_s, heights.values_m, after)
            for above, heights in self.heights.items()
        }
        lon_deg = (float(np.interp(time_s, self.time_s, self._lon)) + 180.0) % 360.0 - 180.0
        return Moment(
            position=LonLat(lon_deg, float(np.interp(time_s, self.time_s, self.lat_deg))),
            heights_m=heights_m,
            heading_deg=self._angle(self.heading_deg, time_s, after),
            pitch_deg=self._angle(self.pitch_deg, time_s, after),
            roll_deg=self._angle(self.roll_deg, time_s, after),
            hfov_deg=self._angle(self.hfov_deg, time_s, after),
            speed_mps=speed_mps,
            turn_dps=self._turn_dps(after),
            course_deg=math.degrees(math.atan2(east_mps, north_mps)) % 360.0,
            apart_m=bulge_m + speed_mps * abs(time_s - inside_s),
        )

    def _bracket(self, time_s: float) -> int:
        """The record after a moment, never the first."""
        times_s = self.time_s
        if not times_s[0] - MOST_BEYOND_S <= time_s <= times_s[-1] + MOST_BEYOND_S:
            raise PoseError(f"{self.name}: tells poses from {self.extent}, none at {time_s:.1f} s.")
        after = min(max(int(np.searchsorted(times_s, time_s)), 1), len(times_s) - 1)
        told = times_s[after - 1] <= time_s <= times_s[after]
        if told and times_s[after] - times_s[after - 1] > MOST_GAP_S and time_s != times_s[after]:
            raise PoseError(
                f"{self.name}: tells nothing between {times_s[after - 1]:.1f} and "
                f"{times_s[after]:.1f} s, and nobody knows where it was then."
            )
        return after

    def _velocity_mps(self, time_s: float) -> tuple[float, float]:
        """East and north over the second around a moment, which smooths what positions jitter."""
        half_s = max(0.5, float(np.median(np.diff(self.time_s))), _LEAST_STEP_S)
        ends_s = np.clip([time_s - half_s, time_s + half_s], self.time_s[0], self.time_s[-1])
        passed_s = ends_s[1] - ends_s[0]
        if passed_s <= 0.0:
            return 0.0, 0.0
        lat_deg = np.interp(ends_s, self.time_s, self.lat_deg)
        lon_deg = np.interp(ends_s, self.time_s, self._lon)
        per_deg_m = 111_320.0
        east_m = (lon_deg[1] - lon_deg[0]) * per_deg_m * math.cos(math.radians(lat_deg[0]))
        north_m = (lat_deg[1] - lat_deg[0]) * per_deg_m
        return float(east_m / passed_s), float(north_m / passed_s)

    def _turn_dps(self, after: int) -> float:
        if self.heading_deg is None:
            return 0.0
        first, second = self.heading_deg[after - 1 : after + 1]
        turn_deg = (second - first + 180.0) % 360.0 - 180.0
        rate = abs(float(turn_deg)) / float(self.time_s[after] - self.time_s[after - 1])
        return rate if math.isfinite(rate) else 0.0

    def _angle(self, values_deg: FloatArray | None, time_s: float, after: int) -> float:
        """An angle the short way round; NaN where one of the neighbours is not told."""
        if values_deg is None:
            return math.nan
        pair = np.unwrap(values_deg[after - 1 : after + 1], period=360.0)
        return float(np.interp(time_s, self.time_s[after - 1 : after + 1], pair))


def _linear(time_s: float, times_s: FloatArray, values: FloatArray, after: int) -> float:
    pair = slice(after - 1, after + 1)
    return float(np.interp(time_s, times_s[pair], values[pair]))


def column(values: ArrayLike) -> FloatArray | None:
    """Values as float64 (N,), None where not one of them is told."""
    numbers = np.asarray(values, np.float64)
    return None if np.isnan(numbers).all() else numbers
