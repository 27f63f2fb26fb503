"""Camera poses from a table of comma-separated values, by a mapping that a person states.

    time=t_rel_s,lat=lat,lon=lon,height_take_off=rel_alt_m,heading=heading_deg
    time=ms*0.001,lat=LAT,lon=LON,alt_sea_level=FEET*0.3048,pitch=TILT*-1

The name of a height says what it is measured from, so a table cannot be read without saying it.
A mapping file (YAML) holds the same under `columns`, and may add `errors`, `start_utc`, `name`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Table:
    """Rows as they were read, with the number of each one's line."""

    path: Path
    numbers: list[int]
    rows: list[dict[str, str | None]]

    def cells(self, name: str, title: str) -> list[tuple[str, str]]:
        """A column's cells, each with where it is."""
        if title not in self.rows[0]:
            there = ", ".join(str(column) for column in self.rows[0] if column)
            raise PoseError(f"{self.path}: has no column {title!r} for {name}; it has {there}.")
        return [
            (f"{self.path}, line {number}", (row.get(title) or "").strip())
            for number, row in zip(self.numbers, self.rows, strict=True)
        ]


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
        PoseError: the file cannot be read, a column is missing, a value is no number, or a row is
            not later than the one before it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lines = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PoseError(f"{path}: cannot be read as a table ({error}).") from error
    if not lines:
        raise PoseError(f"{path}: holds no rows under a line of column names.")
    table = _Table(path, [number for number, _ in lines], [row for _, row in lines])
    values = {
        name: _column(table, name, spec) for name, spec in mapping.columns.items() if name != "utc"
    }
    start_utc = mapping.start_utc
    if "utc" in mapping.columns:
        began, values["time"] = _clock(table, mapping.columns["utc"])
        start_utc = start_utc or began
        values["time"] += (began - start_utc).total_seconds()
    known = np.isfinite(values["time"]) & np.isfinite(values["lat"]) & np.isfinite(values["lon"])
    # Before the first satellite fix loggers write zero and zero, a place in the sea off Africa.
    known &= (values["lat"] != 0.0) | (values["lon"] != 0.0)
    _refuse_unordered(table, mapping, values["time"], known)
    return _track(path, mapping, {name: each[known] for name, each in values.items()}, start_utc)


def _refuse_unordered(
    table: _Table, mapping: PoseMap, time_s: FloatArray, known: NDArray[np.bool_]
) -> None:
    """Refuse rows of which one is not later than the one before it."""
    told = np.flatnonzero(known)
    early = np.flatnonzero(np.diff(time_s[told]) <= 0.0)
    if not len(early):
        return
    before, after = told[early[0]], told[early[0] + 1]
    name = next(name for name in _TIMES if name in mapping.columns)
    cells = table.cells(name, mapping.columns[name].partition("*")[0])
    where, cell = cells[after]
    raise PoseError(
        f"{where}: its time {cell!r} is not later than {cells[before][1]!r} of line "
        f"{table.numbers[before]}; sort the rows by time and keep one of each moment, or map a "
        "column whose times are finer."
    )


def _track(
    path: Path, mapping: PoseMap, rows: Mapping[str, FloatArray], start_utc: datetime | None
) -> PoseTrack:
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


def _column(table: _Table, name: str, spec: str) -> FloatArray:
    """A column's numbers times its factor, NaN where a cell is empty."""
    title, _, factor_text = spec.partition("*")
    factor = _number("The mapping", factor_text) if factor_text else 1.0
    return np.array([_number(where, cell) * factor for where, cell in table.cells(name, title)])


def _clock(table: _Table, title: str) -> tuple[datetime, FloatArray]:
    """The first moment of a column of moments, and the seconds since then."""
    moments = []
    for where, cell in table.cells("utc", title):
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError as error:
            raise PoseError(f"{where}: {cell!r} is no moment.") from error
        if moment.tzinfo is None:
            raise PoseError(f"{where}: {cell!r} must name its time zone, as in +00:00.")
        moments.append(moment)
    passed_s = [(moment - moments[0]).total_seconds() for moment in moments]
    return moments[0], np.array(passed_s, np.float64)


def _number(where: str, text: str) -> float:
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if math.isinf(value):
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
