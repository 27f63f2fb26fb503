"""Reading a flight log, after the flight or while it grows."""

import bisect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flight.errors import FlightError
from flight.states import VehicleState

LOG_FORMAT = "gridpatrol-flight-log"
LOG_VERSION = 1

_ANGLES = (
    "lon_deg",
    "roll_deg",
    "pitch_deg",
    "heading_deg",
    "gimbal_pitch_deg",
    "gimbal_heading_deg",
)
_COMPASS = ("heading_deg", "gimbal_heading_deg")
_LENGTHS = ("lat_deg", "alt_amsl_m", "height_home_m")


@dataclass(frozen=True, slots=True)
class PoseSample:
    """Where an aircraft was and where its camera looked, at one moment.

    Attributes:
        time_boot_s: The autopilot's own clock.
        lon_deg: Longitude, WGS-84.
        lat_deg: Latitude, WGS-84.
        alt_amsl_m: Height above mean sea level.
        height_home_m: Height above the take-off point.
        roll_deg: Right wing down is positive.
        pitch_deg: Nose up is positive.
        heading_deg: Clockwise from true north, 0 to 360.
        gimbal_pitch_deg: Camera pitch against the horizon; None if not told.
        gimbal_heading_deg: Camera heading from true north; None if not told.
    """

    time_boot_s: float
    lon_deg: float
    lat_deg: float
    alt_amsl_m: float
    height_home_m: float
    roll_deg: float
    pitch_deg: float
    heading_deg: float
    gimbal_pitch_deg: float | None = None
    gimbal_heading_deg: float | None = None

    @classmethod
    def of(cls, state: VehicleState) -> "PoseSample | None":
        """Return the pose in a snapshot; None before the first fix."""
        if state.position is None:
            return None
        return cls(
            time_boot_s=state.time_boot_s,
            lon_deg=state.position.lon_deg,
            lat_deg=state.position.lat_deg,
            alt_amsl_m=state.alt_amsl_m,
            height_home_m=state.height_home_m,
            roll_deg=state.roll_deg,
            pitch_deg=state.pitch_deg,
            heading_deg=state.heading_deg,
            gimbal_pitch_deg=state.gimbal_pitch_deg,
            gimbal_heading_deg=state.gimbal_heading_deg,
        )


class FlightLogError(FlightError):
    """A flight log cannot be read, or does not cover the moment asked for."""


@dataclass(frozen=True)
class FlightLog:
    """The poses of one flight, in order of time.

    Attributes:
        about: The header: vehicle, camera and whatever else was recorded.
        start_utc: Wall-clock time of the first sample, aware.
        start_time_boot_s: The autopilot's clock then.
        samples: The poses, by rising ``time_boot_s``.
    """

    about: Mapping[str, Any]
    start_utc: datetime
    start_time_boot_s: float
    samples: tuple[PoseSample, ...]

    def pose_at(self, time_boot_s: float) -> PoseSample:
        """Return the pose at a moment, interpolated between its neighbours.

        Raises:
            FlightLogError: The log does not cover that moment.
        """
        after = bisect.bisect_left(self.samples, time_boot_s, key=lambda s: s.time_boot_s)
        if after < len(self.samples) and self.samples[after].time_boot_s == time_boot_s:
            return self.samples[after]
        if after in (0, len(self.samples)):
            raise FlightLogError(
                f"The flight log covers {self._extent()}, not {time_boot_s:.1f} s; is it the log "
                "of this flight, and is the time base right?"
            )
        return _between(self.samples[after - 1], self.samples[after], time_boot_s)

    def _extent(self) -> str:
        if not self.samples:
            return "nothing"
        return f"{self.samples[0].time_boot_s:.1f} to {self.samples[-1].time_boot_s:.1f} s"

    def utc_at(self, time_boot_s: float) -> datetime:
        """Return the wall-clock time of a moment, counted from the first sample."""
        return self.start_utc + timedelta(seconds=time_boot_s - self.start_time_boot_s)


class FlightLogFollower:
    """Reads a flight log while it is written; each call returns what has come since.

    Args:
        path: The ``.flight.jsonl`` file; it may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset_bytes = 0
        self._log: FlightLog | None = None

    @property
    def log(self) -> FlightLog | None:
        """All that was read so far; None before the header."""
        return self._log

    def read(self) -> tuple[PoseSample, ...]:
        """Return the samples written since the last call; a half-written line waits.

        Raises:
            FlightLogError: The file is no flight log or a line is damaged.
        """
        if not self._path.exists():
            return ()
        with self._path.open("rb") as file:
            file.seek(self._offset_bytes)
            data = file.read()
        complete = data[: data.rfind(b"\n") + 1]
        self._offset_bytes += len(complete)
        lines = complete.decode(errors="replace").splitlines()
        if self._log is None and lines:
            self._log = _header(lines.pop(0), self._path)
        if self._log is None:
            return ()
        new = _samples(lines, self._path, self._log.samples)
        samples = self._log.samples + new
        about, start_utc = self._log.about, self._log.start_utc
        self._log = FlightLog(about, start_utc, self._log.start_time_boot_s, samples)
        return new


def read_flight_log(path: Path) -> FlightLog:
    """Read a flight log; one whose last line is half written is read up to there.

    Raises:
        FlightLogError: The file is missing, is no flight log, or a line in it is damaged.
    """
    follower = FlightLogFollower(path)
    try:
        follower.read()
    except OSError as error:
        raise FlightLogError(f"{path} cannot be read: {error.strerror}.") from error
    if follower.log is None:
        raise FlightLogError(f"{path} is missing or empty; a flight log ends in .flight.jsonl.")
    return follower.log


def _header(line: str, path: Path) -> FlightLog:
    try:
        row = json.loads(line)
        known = (row["format"], row["version"]) == (LOG_FORMAT, LOG_VERSION)
        start_utc = datetime.fromisoformat(row["start_utc"])
        header = FlightLog(row, start_utc, float(row["start_time_boot_s"]), ())
    except (KeyError, TypeError, ValueError) as error:
        raise _no_log(path) from error
    if not known:
        raise _no_log(path)
    return header


def _no_log(path: Path) -> FlightLogError:
    return FlightLogError(
        f"{path} is not a flight log of version {LOG_VERSION}: its first line is not the header "
        "that `patrol fly` writes."
    )


def _samples(
    lines: Sequence[str], path: Path, before: Sequence[PoseSample]
) -> tuple[PoseSample, ...]:
    """Return the samples in order; a clock that jumps back starts a new flight and is refused."""
    samples: list[PoseSample] = []
    keys = PoseSample.__dataclass_fields__
    last_s = before[-1].time_boot_s if before else float("-inf")
    for line in lines:
        try:
            row = json.loads(line)
            if "note" in row:
                continue
            sample = PoseSample(**{key: row[key] for key in keys})
        except (KeyError, TypeError, ValueError) as error:
            raise FlightLogError(f"{path} has a damaged line: {line[:80]!r}.") from error
        if sample.time_boot_s > last_s:  # late packets and reboots do not turn time back
            samples.append(sample)
            last_s = sample.time_boot_s
    return tuple(samples)


def _between(a: PoseSample, b: PoseSample, time_boot_s: float) -> PoseSample:
    share = (time_boot_s - a.time_boot_s) / (b.time_boot_s - a.time_boot_s)
    values: dict[str, Any] = {"time_boot_s": time_boot_s}
    for name in _LENGTHS:
        start, end = getattr(a, name), getattr(b, name)
        values[name] = start + share * (end - start)
    for name in _ANGLES:
        start, end = getattr(a, name), getattr(b, name)
        values[name] = None if start is None or end is None else _turn(start, end, share)
        if values[name] is not None and name in _COMPASS:
            values[name] %= 360.0
    values["lon_deg"] = (values["lon_deg"] + 180.0) % 360.0 - 180.0
    return PoseSample(**values)


def _turn(start_deg: float, end_deg: float, share: float) -> float:
    """Return the angle a share of the shorter way from one to the other."""
    return start_deg + share * ((end_deg - start_deg + 180.0) % 360.0 - 180.0)
