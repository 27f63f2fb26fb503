"""Camera poses from a table of comma-separated values, by a mapping that a person states.

    time=t_rel_s,lat=lat,lon=lon,height_take_off=rel_alt_m,heading=heading_deg
    time=ms*0.001,lat=LAT,lon=LON,alt_sea_level=FEET*0.3048,pitch=TILT*-1

The name of a height says what it is measured from, so a table cannot be read without saying it.
A mapping file (YAML) holds the same under `columns`, and may add `errors`, `start_utc`, `name`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from vision.errors import PoseError
from vision.telemetry.track import HeightAbove, Heights, PoseTrack, TrackErrors, column

FloatArray = NDArray[np.float64]

HEIGHTS: Mapping[str, HeightAbove] = {
    "alt_sea_level": HeightAbove.SEA_LEVEL,
    "alt_ellipsoid": HeightAbove.ELLIPSOID,
    "height_take_off": HeightAbove.TAKE_OFF,
    "height_ground": HeightAbove.GROUND,
}
ANGLES = ("heading", "pitch", "roll", "hfov")
_NEEDED = ("lat", "lon")
_TIMES = ("time", "utc")
_KNOWN = (*_TIMES, *_NEEDED, *HEIGHTS, *ANGLES)

_LEAST_UP_DEG = 5.0

_Metres = Annotated[float, Field(ge=0, le=1e4)]
_Degrees = Annotated[float, Field(ge=0, le=180)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableErrors(_Strict):
    """One standard deviation of each kind of column; what a consumer aircraft reaches."""

    horizontal_m: _Metres = 3.0
    vertical_m: _Metres = 3.0
    heading_deg: _Degrees = 3.0
    pitch_deg: _Degrees = 1.0
    clock_s: Annotated[float, Field(ge=0, le=60)] = 0.2


class PoseMap(_Strict):
    """What the columns of a table mean.

    Attributes:
        columns: what is told -> name of the column, with `*FACTOR` where its unit is another.
        errors: how well it is known.
        start_utc: when the film begins.
    """

    columns: dict[str, str]
    errors: TableErrors = TableErrors()
    start_utc: AwareDatetime | None = None


def parse_pose_map(text: str) -> PoseMap:
    """Read a mapping: `NAME=COLUMN,...`, or the path of a YAML file.

    Raises:
        PoseError: it is neither, or does not say what a pose needs.
    """
    if text.lower().endswith((".yaml", ".yml")):
        try:
            content = yaml.safe_load(Path(text).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise PoseError(f"{text}: cannot be read as a mapping ({error}).") from error
    else:
        parts = [part.partition("=") for part in text.split(",")]
        content = {"columns": {name.strip(): column.strip() for name, _, column in parts}}
    try:
        mapping = PoseMap.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PoseError(f"The mapping {text!r}: {where}: {first['msg']}.") from error
    _refuse_incomplete(text, mapping)
    return mapping


def read_pose_table(path: Path, mapping: PoseMap) -> PoseTrack:
    """Read a table of poses; rows without a position are left out.

    Raises:
        PoseError: the file cannot be read, a column is missing, or a value is no number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PoseError(f"{path}: cannot be read as a table ({error}).") from error
    if not lines:
        raise PoseError(f"{path}: holds no rows under a line of column names.")
    table = {
        name: _column(path, lines, name, spec)
        for name, spec in mapping.columns.items()
        if name != "utc"
    }
    start_utc = mapping.start_utc
    if "utc" in mapping.columns:
        began, table["time"] = _clock(path, lines, mapping.columns["utc"])
        start_utc = start_utc or began
        if start_utc is not None:
            table["time"] += (began - start_utc).total_seconds()
    return _track(path, mapping, table, start_utc)


def _track(
    path: Path, mapping: PoseMap, table: Mapping[str, FloatArray], start_utc: datetime | None
) -> PoseTrack:
    known = np.isfinite(table["time"]) & np.isfinite(table["lat"]) & np.isfinite(table["lon"])
    # Before the first satellite fix loggers write zero and zero, a place in the sea off Africa.
    known &= (table["lat"] != 0.0) | (table["lon"] != 0.0)
    rows = {name: values[known] for name, values in table.items()}
    angles = {name: column(rows[name]) if name in rows else None for name in ANGLES}
    errors = mapping.errors
    heights = {
        above: Heights(rows[name], errors.vertical_m)
        for name, above in HEIGHTS.items()
        if name in rows
    }
    return PoseTrack(
        name=str(path),
        time_s=rows["time"],
        lon_deg=rows["lon"],
        lat_deg=rows["lat"],
        heights=heights,
        errors=TrackErrors(
            errors.horizontal_m, errors.heading_deg, errors.pitch_deg, errors.clock_s
        ),
        heading_deg=angles["heading"],
        pitch_deg=angles["pitch"],
        roll_deg=angles["roll"],
        hfov_deg=angles["hfov"],
        start_utc=start_utc,
        notes=_notes(angles["pitch"]),
    )


def _notes(pitch_deg: FloatArray | None) -> tuple[str, ...]:
    """What a person should know of angles that some tell the other way round."""
    usual_deg = -90.0 if pitch_deg is None else float(np.nanmedian(pitch_deg))
    if usual_deg <= _LEAST_UP_DEG:
        return ()
    said = (
        f"With a pitch of {usual_deg:+.0f} deg the camera looks up, where there is no ground; "
        "straight down is -90: where a column tells down as positive, map it as COLUMN*-1."
    )
    return (said,)


def _column(
    path: Path, lines: Sequence[Mapping[str, str | None]], name: str, spec: str
) -> FloatArray:
    """A column's numbers times its factor, NaN where a cell is empty."""
    title, _, factor_text = spec.partition("*")
    factor = _number(path, 0, factor_text) if factor_text else 1.0
    cells = _cells(path, lines, name, title)
    return np.array([_number(path, row, cell) * factor for row, cell in enumerate(cells, 2)])


def _clock(
    path: Path, lines: Sequence[Mapping[str, str | None]], title: str
) -> tuple[datetime, FloatArray]:
    """The first moment of a column of moments, and the seconds since then."""
    moments = []
    for row, cell in enumerate(_cells(path, lines, "utc", title), 2):
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError as error:
            raise PoseError(f"{path}, line {row}: {cell!r} is no moment.") from error
        if moment.tzinfo is None:
            raise PoseError(f"{path}, line {row}: {cell!r} must name its time zone, as in +00:00.")
        moments.append(moment)
    passed_s = [(moment - moments[0]).total_seconds() for moment in moments]
    return moments[0], np.array(passed_s, np.float64)


def _cells(
    path: Path, lines: Sequence[Mapping[str, str | None]], name: str, title: str
) -> list[str]:
    if title not in lines[0]:
        there = ", ".join(str(column) for column in lines[0] if column)
        raise PoseError(f"{path}: has no column {title!r} for {name}; it has {there}.")
    return [(line.get(title) or "").strip() for line in lines]


def _number(path: Path, row: int, text: str) -> float:
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if math.isinf(value):
        where = f"{path}, line {row}" if row else "The mapping"
        raise PoseError(f"{where}: {text!r} is no number.")
    return value


def _refuse_incomplete(text: str, mapping: PoseMap) -> None:
    names = set(mapping.columns)
    unknown = sorted(names - set(_KNOWN))
    if unknown:
        raise PoseError(
            f"The mapping {text!r} names {unknown[0]!r}; it may name {', '.join(_KNOWN)}."
        )
    missing = [name for name in _NEEDED if name not in names]
    if missing or len(names & set(_TIMES)) != 1 or not names & set(HEIGHTS):
        raise PoseError(
            f"The mapping {text!r} must name lat and lon, one of {', '.join(_TIMES)}, and a "
            f"height by what it is measured from: {', '.join(HEIGHTS)}."
        )
