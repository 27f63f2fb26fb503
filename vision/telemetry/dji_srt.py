"""The subtitles that DJI aircraft write of a flight: beside the film (`.SRT`) or inside it.

Their forms differ by model and firmware. Newer ones tell fields in brackets, once a picture:
`[latitude: 33.1] [longitude: 115.6] [rel_alt: 40.1 abs_alt: 70.3] [gb_yaw: 12.0 gb_pitch: -60.0]`,
with `longtitude` misspelt and `altitude` alone in some; `altitude` beside `abs_alt` is above the
take-off, alone it may be anything, so it has to be said. Older ones write `GPS(lon,lat,satellites)`
with `BAROMETER:`, `Hb:` or `H 40.1m` above the take-off once a second; the Matrice 300 alone has
latitude first, known by the `M` after its third number. `abs_alt` is the barometer's height set to
a satellite height at power-up: it says sea level, and can be tens of metres off.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from geofences.errors import GroundError
from geofences.geodesy import LonLat
from vision.errors import PoseError
from vision.telemetry.track import HeightAbove, Heights, PoseTrack, TrackErrors, column

# What other programs write of it may have commas for points, and all digits that a number has.
_DECIMAL = r"(-?\d{1,9}(?:[.,]\d{1,24})?)"
_FIELD = re.compile(rf"([A-Za-z][\w.]*)\s*:\s*{_DECIMAL}(?![\d/]|[.,]\d)")
_TIMING = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})[,.](\d{1,3})\s*-->")
_CLOCK = re.compile(r"(\d{4})[-.](\d{2})[-.](\d{2}) (\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?")
_NUMBER = r"(-?\d{1,9}(?:\.\d{1,24})?)"
_TUPLE = re.compile(rf"\bGPS\s*\(\s*{_NUMBER}\s*,\s*{_NUMBER}\s*,\s*{_NUMBER}\s*(M?)\s*\)")
_HOME = re.compile(rf"\bHOME\s*\(\s*{_NUMBER}\s*,\s*{_NUMBER}")
_HEIGHT = re.compile(rf"\b(?:BAROMETER\s*:|Hb\s*:|H)\s*{_DECIMAL}(?=\s*[mM]?(?:\s|,|$|<))")

_BAROMETER_M = 1.5
_ABSOLUTE_M = 20.0
_UNSTATED_M = 5.0
_METRES_PER_DEG = 111_320.0
_FULL_FRAME_DIAGONAL_MM = 43.267
_LONGEST_TOLD_PLAINLY_MM = 200.0
_LEAST_RATIO_OF_10000 = 1000.0


@dataclass(frozen=True, slots=True)
class _Record:
    """One subtitle; NaN where it does not tell."""

    time_s: float
    clock: datetime | None
    lon_deg: float
    lat_deg: float
    decimals: int
    fields: Mapping[str, float]
    home: LonLat | None


def is_dji_srt(text: str) -> bool:
    """Whether subtitles are such telemetry, and not what somebody says in a film."""
    return next(_records(_blocks(text[:20_000])), None) is not None


def dji_srt_track(name: str, text: str, aspect: float = 16.0 / 9.0) -> PoseTrack:
    """The track that the text of a subtitle file tells.

    Args:
        name: what messages call it.
        text: the whole file.
        aspect: width of the picture by its height, for fields of view from focal lengths.

    Raises:
        PoseError: it tells no positions, or its times do not ascend.
    """
    return _track(name, list(_records(_blocks(text))), aspect)


def dji_cue_track(
    name: str, cues: list[tuple[float, str]], aspect: float = 16.0 / 9.0
) -> PoseTrack:
    """The same from cues that a film holds: time of the film and text of each.

    Raises:
        PoseError: as `dji_srt_track`.
    """
    return _track(name, list(_records(iter(cues))), aspect)


def decode(data: bytes) -> str:
    """Text of a subtitle file; aircraft write UTF-8, people's editors other things."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    # Without its mark it is known by the empty halves of the digits that a cue begins with.
    if b"\0" in data[:2]:
        return data.decode("utf-16-be" if data[:1] == b"\0" else "utf-16-le", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _track(name: str, records: list[_Record], aspect: float) -> PoseTrack:
    if not records:
        raise PoseError(
            f"{name}: tells no positions; subtitles of a DJI aircraft tell them only where its "
            "app was set to caption films."
        )
    records = _ascending(records)
    if len(records) < 2:
        raise PoseError(f"{name}: tells one position only; two make a track.")
    times_s = np.array([record.time_s for record in records])
    step_s = float(np.median(np.diff(times_s)))
    told = _Columns(records)
    gimbal, aircraft = told.of("gb_yaw"), told.of("drone_yaw")
    grain_m = _METRES_PER_DEG * 10.0 ** -min(record.decimals for record in records)
    hfov = told.of("fov_h")
    return PoseTrack(
        name=name,
        time_s=times_s,
        lon_deg=np.array([record.lon_deg for record in records]),
        lat_deg=np.array([record.lat_deg for record in records]),
        heights=_heights(told),
        errors=TrackErrors(
            math.hypot(2.0, grain_m / math.sqrt(12.0)), 2.5, 0.5, max(0.05, step_s / 2.0)
        ),
        heading_deg=aircraft if gimbal is None else gimbal,
        heading_of="aircraft" if gimbal is None else "camera",
        pitch_deg=told.of("gb_pitch"),
        roll_deg=told.of("gb_roll"),
        hfov_deg=_hfov_of_focal_length(told, aspect) if hfov is None else hfov,
        home=next((record.home for record in records if record.home), None),
    )


class _Columns:
    """Fields of all records, by name."""

    def __init__(self, records: list[_Record]) -> None:
        self._records = records

    def of(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
        """float64 (N,), NaN where not told; None where never."""
        return column([record.fields.get(name, math.nan) for record in self._records])


def _heights(told: _Columns) -> dict[HeightAbove, Heights]:
    heights: dict[HeightAbove, Heights] = {}
    over_home, absolute, bare = told.of("rel_alt"), told.of("abs_alt"), told.of("altitude")
    if over_home is None and absolute is not None:
        over_home, bare = bare, None
    if over_home is not None:
        heights[HeightAbove.TAKE_OFF] = Heights(over_home, _BAROMETER_M)
    if absolute is not None:
        heights[HeightAbove.SEA_LEVEL] = Heights(absolute, _ABSOLUTE_M)
    if bare is not None and not heights:
        heights[HeightAbove.UNSTATED] = Heights(bare, _UNSTATED_M)
    return heights


def _hfov_of_focal_length(
    told: _Columns, aspect: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    """Field of view of a focal length as of full-frame film, by the picture's diagonal.

    Before the Mavic 3 it is written tenfold, and a zoom beyond 200 mm cannot be told from that.
    It is the lens's: a digital zoom narrows the view once more and is told apart.
    """
    focal_mm = told.of("focal_len")
    if focal_mm is None:
        return None
    focal_mm = np.where(focal_mm >= _LONGEST_TOLD_PLAINLY_MM, focal_mm / 10.0, focal_mm)
    focal_mm = np.where(focal_mm >= 5.0, focal_mm, np.nan)
    width_mm = _FULL_FRAME_DIAGONAL_MM * aspect / math.hypot(aspect, 1.0)
    return column(np.degrees(2.0 * np.arctan(width_mm / 2.0 / (focal_mm * _digital_zoom(told)))))


def _digital_zoom(told: _Columns) -> np.ndarray[tuple[int], np.dtype[np.float64]] | float:
    """How much narrower than the lens's the view is; some write it as 10000 for none."""
    ratio = told.of("dzoom_ratio")
    if ratio is None:
        return 1.0
    ratio = np.where(ratio >= _LEAST_RATIO_OF_10000, ratio / 10_000.0, ratio)
    return np.where(ratio >= 1.0, ratio, 1.0)


def _blocks(text: str) -> Iterator[tuple[float, str]]:
    """Time and text of each subtitle; the time is NaN where there is no timing line."""
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        timing = _TIMING.search(block)
        time_s = math.nan
        if timing:
            hours, minutes, seconds = (int(part) for part in timing.groups()[:3])
            time_s = hours * 3600.0 + minutes * 60.0 + seconds + float(f"0.{timing[4]}")
        yield time_s, block


def _records(cues: Iterator[tuple[float, str]]) -> Iterator[_Record]:
    """The cues that tell a position; without timing the aircraft's own clock tells the time."""
    began: datetime | None = None
    for time_s, text in cues:
        record = _record(time_s, text)
        if record is None:
            continue
        if math.isnan(record.time_s):
            if record.clock is None:
                continue
            began = began or record.clock
            passed_s = (record.clock - began).total_seconds()
            record = _Record(
                passed_s, record.clock, record.lon_deg, record.lat_deg, record.decimals,
                record.fields, record.home,
            )  # fmt: skip
        yield record


def _record(time_s: float, text: str) -> _Record | None:
    fields = {name.lower(): _number(value) for name, value in _FIELD.findall(text)}
    lon, lat, decimals = fields.get("longitude", fields.get("longtitude")), None, 6
    if lon is not None:
        lat = fields.get("latitude")
    else:
        found = _TUPLE.search(text)
        if found:
            first, second = found[1], found[2]
            decimals = min(len(part.partition(".")[2]) for part in (first, second))
            lon, lat = float(first), float(second)
            if found[4]:
                lon, lat = lat, lon
            height = _HEIGHT.search(text)
            if height:
                fields["rel_alt"] = _number(height[1])
    # Before the first satellite fix it says zero and zero, a place in the sea off Africa.
    if lon is None or lat is None or (lon == 0.0 and lat == 0.0):
        return None
    if abs(lon) > 180.0 or abs(lat) > 90.0:
        return None
    return _Record(time_s, _clock(text), lon, lat, decimals, fields, _home(text, fields))


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _home(text: str, fields: Mapping[str, float]) -> LonLat | None:
    found = _HOME.search(text)
    lon, lat = fields.get("home_longitude"), fields.get("home_latitude")
    if found:
        lon, lat = float(found[1]), float(found[2])
    if lon is None or lat is None or (lon == 0.0 and lat == 0.0):
        return None
    try:
        return LonLat(lon, lat)
    except GroundError:
        return None


def _clock(text: str) -> datetime | None:
    found = _CLOCK.search(text)
    if not found:
        return None
    try:
        whole = [int(part) for part in found.groups()[:6]]
        microseconds = int((found[7] or "0").ljust(6, "0"))
        return datetime(*whole[:6], microsecond=microseconds)  # type: ignore[arg-type,misc]  # noqa: DTZ001
    except ValueError:
        return None


def _ascending(records: list[_Record]) -> list[_Record]:
    """Records whose time comes after the last; a repeated cue tells nothing new."""
    kept = [records[0]]
    for record in records[1:]:
        if record.time_s > kept[-1].time_s:
            kept.append(record)
    return kept
