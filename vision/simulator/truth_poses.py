"""Camera poses from the truth log of a simulated vehicle, read while it is still being written.

Each line is a JSON object with `time_boot_s`, `lon_deg`, `lat_deg`, `height_ground_m`,
`gimbal_pitch_deg` and `gimbal_heading_deg` (and more that is not needed here); the last line is
`{"end": true}`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from geofences.errors import InvalidGeometryError
from geofences.geodesy import LonLat
from geofences.view import CameraPose, PoseErrors
from vision.errors import SourceError

_EXACT = PoseErrors(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Patience:
    """How long to wait for a log to grow.

    Attributes:
        poll_s: Pause between looks at a log that has nothing new.
        give_up_s: Silence after which the writer is taken for dead.
    """

    poll_s: float = 0.05
    give_up_s: float = 60.0


def follow_truth(
    path: Path,
    stopped: threading.Event,
    patience: Patience = Patience(),
) -> Iterator[CameraPose]:
    """Yield the camera's true poses as they are written, until the log's end.

    Args:
        path: The truth log; it need not exist yet.
        stopped: Set from outside to end early.
        patience: How long to wait.

    Raises:
        SourceError: The log stays silent, or a line of it is not a pose.
    """
    for number, line in enumerate(_whole_lines(path, stopped, patience), 1):
        record = _record(path, number, line)
        if record.get("end"):
            return
        yield _pose(path, number, record)


def _whole_lines(path: Path, stopped: threading.Event, patience: Patience) -> Iterator[str]:
    file = _opened(path, stopped, patience)
    if file is None:
        return
    with file:
        begun, silent_s = "", 0.0
        while not stopped.is_set():
            piece = file.readline()
            if not piece:
                silent_s = _waited(path, stopped, patience, silent_s)
                continue
            silent_s = 0.0
            begun += piece
            if begun.endswith("\n"):
                yield begun
                begun = ""


def _opened(path: Path, stopped: threading.Event, patience: Patience) -> TextIO | None:
    silent_s = 0.0
    while not stopped.is_set():
        try:
            return path.open(encoding="utf-8")
        except FileNotFoundError:
            silent_s = _waited(path, stopped, patience, silent_s)
        except OSError as error:
            raise SourceError(f"{path}: cannot be read ({error.strerror}); check it.") from error
    return None


def _waited(path: Path, stopped: threading.Event, patience: Patience, silent_s: float) -> float:
    """Wait a little and return the silence so far.

    Raises:
        SourceError: Patience is at its end.
    """
    if silent_s >= patience.give_up_s:
        raise SourceError(
            f"{path}: nothing new for {patience.give_up_s:.0f} s and no end mark; "
            "check that the simulator still runs."
        )
    stopped.wait(patience.poll_s)
    return silent_s + patience.poll_s


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise SourceError(f"{path}, line {number}: is not JSON ({error.msg}).") from error
    if not isinstance(record, dict):
        raise SourceError(f"{path}, line {number}: is not a JSON object.")
    return record


def _pose(path: Path, number: int, record: dict[str, Any]) -> CameraPose:
    try:
        return CameraPose(
            time_s=float(record["time_boot_s"]),
            position=LonLat(float(record["lon_deg"]), float(record["lat_deg"])),
            # On the ground the log may say zero or less, where no camera sees anything.
            height_ground_m=max(float(record["height_ground_m"]), 0.01),
            heading_deg=float(record["gimbal_heading_deg"]) % 360.0,
            pitch_deg=float(record["gimbal_pitch_deg"]),
            roll_deg=0.0,
            errors=_EXACT,
        )
    except (KeyError, TypeError, ValueError, InvalidGeometryError) as error:
        raise SourceError(f"{path}, line {number}: is not a pose ({error}).") from error
