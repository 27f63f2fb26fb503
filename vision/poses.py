"""Camera poses recorded beside a clip: ``<clip>.telemetry.jsonl``.

The first line is a header: ``camera`` (name, width_px, height_px, hfov_deg, and whatever else
`geofences.camera.Camera` knows of its lens, axis and errors), ``errors`` (horizontal_m, vertical_m,
heading_deg, pitch_deg: one standard deviation each; bias_share and correlation_s where it is known
how long they stay what they are, see `geofences.view.PoseErrors`) and ``start_utc``, the time of
the clip's first frame. Each further line is a pose of the camera: time_s on the
clip's clock, lon_deg, lat_deg, height_ground_m, heading_deg, pitch_deg, roll_deg.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geofences.errors import GroundError
from geofences.geodesy import LonLat
from geofences.view import Camera, CameraPose, PoseErrors
from vision.errors import PoseError

_KEYS = (
    "time_s", "lon_deg", "lat_deg", "height_ground_m", "heading_deg", "pitch_deg", "roll_deg",
)  # fmt: skip
_MOST_GAP_S = 2.0
_MOST_BEYOND_S = 0.2


@dataclass(frozen=True, eq=False)
class Telemetry:
    """The poses of one clip.

    Attributes:
        camera: the camera.
        errors: how well the poses are known.
        start_utc: time of the first frame, aware.
        rows: float64 (N, 7), times ascending, columns as in the file; angles unwrapped.
        name: what errors call it.
    """

    camera: Camera
    errors: PoseErrors
    start_utc: datetime
    rows: NDArray[np.float64]
    name: str

    def pose_at(self, time_s: float) -> CameraPose:
        """The pose at a time of the clip, interpolated between its neighbours.

        Raises:
            PoseError: the time lies outside the record, or in a gap of more than two seconds.
        """
        times_s = self.rows[:, 0]
        if not times_s[0] - _MOST_BEYOND_S <= time_s <= times_s[-1] + _MOST_BEYOND_S:
            raise PoseError(
                f"{self.name}: has poses from {times_s[0]:.1f} to {times_s[-1]:.1f} s, "
                f"none at {time_s:.1f} s."
            )
        after = int(np.searchsorted(times_s, time_s))
        inside = 0 < after < len(times_s)
        if inside and times_s[after] - times_s[after - 1] > _MOST_GAP_S:
            raise PoseError(
                f"{self.name}: has no poses between {times_s[after - 1]:.1f} and "
                f"{times_s[after]:.1f} s."
            )
        lon, lat, height, heading, pitch, roll = (
            float(np.interp(time_s, times_s, column)) for column in self.rows.T[1:]
        )
        return CameraPose(
            time_s=time_s,
            position=LonLat(lon, lat),
            height_ground_m=height,
            heading_deg=heading % 360.0,
            pitch_deg=pitch,
            roll_deg=roll,
            errors=self.errors,
        )


def telemetry_beside(clip: Path) -> Path | None:
    """The telemetry file of a clip if there is one."""
    if not clip.name:
        return None
    for path in (clip.with_suffix(".telemetry.jsonl"), Path(f"{clip}.telemetry.jsonl")):
        if path.is_file():
            return path
    return None


def read_telemetry(path: Path) -> Telemetry:
    """Read a telemetry file.

    Raises:
        PoseError: the file cannot be read, or a line is not what it should be.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PoseError(f"{path}: cannot be read ({error}); check the file.") from error
    records = [_record(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if len(records) < 2:
        raise PoseError(f"{path}: holds no poses; a header line and pose lines are expected.")
    camera, errors, start_utc = _header(path, records[0])
    rows = _rows(path, records[1:])
    return Telemetry(camera, errors, start_utc, rows, path.name)


def _record(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise PoseError(f"{path}, line {number}: is not JSON ({error.msg}).") from error
    if not isinstance(record, dict):
        raise PoseError(f"{path}, line {number}: is not a JSON object.")
    return record


def _header(path: Path, header: Mapping[str, Any]) -> tuple[Camera, PoseErrors, datetime]:
    try:
        camera = Camera(**header["camera"])
        errors = PoseErrors(**header["errors"])
        start_utc = datetime.fromisoformat(header["start_utc"])
    except (KeyError, TypeError, ValueError, GroundError) as error:
        raise PoseError(
            f"{path}, line 1: the header needs camera, errors and start_utc ({error})."
        ) from error
    if start_utc.tzinfo is None:
        raise PoseError(f"{path}, line 1: start_utc must name its time zone, for instance +00:00.")
    return camera, errors, start_utc


def _rows(path: Path, records: Iterable[Mapping[str, Any]]) -> NDArray[np.float64]:
    rows: list[list[float]] = []
    for number, record in enumerate(records, 2):
        try:
            row = [float(record[key]) for key in _KEYS]
        except (KeyError, TypeError, ValueError) as error:
            raise PoseError(f"{path}, pose line {number}: {error} is missing or wrong.") from error
        if not all(math.isfinite(value) for value in row):
            raise PoseError(f"{path}, pose line {number}: holds a value that is not a number.")
        if rows and row[0] <= rows[-1][0]:
            raise PoseError(f"{path}, pose line {number}: its time does not come after the last.")
        rows.append(row)
    table = np.array(rows, np.float64)
    for column in (4, 6):
        table[:, column] = np.degrees(np.unwrap(np.radians(table[:, column])))
    return table
