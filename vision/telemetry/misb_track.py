"""The track of a camera from MISB ST 0601 packets in its film.

The standard tells the camera's angles against the aircraft, so both are put together here. Damaged
packets are left out and counted: a stream over a radio link always has some. Its clock may be set
while the film runs; the stream's own times say when.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from geofences.attitude import angles_deg, axes_enu, mounted
from vision.errors import PoseError
from vision.telemetry import misb0601
from vision.telemetry.containers import Payload
from vision.telemetry.misb0601 import LocalSet
from vision.telemetry.track import (
    FloatArray,
    HeightAbove,
    Heights,
    PoseTrack,
    TrackErrors,
    column,
)

_ERRORS = TrackErrors(horizontal_m=2.5, heading_deg=2.0, pitch_deg=1.0, clock_s=0.05)
UNTIMED_ERRORS = replace(_ERRORS, clock_s=0.5)
"""Of packets that do not say themselves which picture they go with."""

_SATELLITE_VERTICAL_M = 5.0
# Of a clock against the stream: within it packets come early and late, beyond it the clock was set.
_SET_S = 0.5
_AROUND = 10
_AT_ENDS = 5
_MOST_NAMED = 3

Record = tuple[float | None, LocalSet]
"""A packet with its time on the film's clock, None where it bears none."""


def is_misb(payload: Payload) -> bool:
    """Whether a packet holds such a local set."""
    return misb0601.KEY in payload.data


def misb_track(name: str, packets: Sequence[Payload]) -> PoseTrack:
    """The track that packets of a data track tell.

    Packets without a time of the stream are laid against the film by their own time stamps, the
    first at its beginning.

    Raises:
        PoseError: not two packets are whole, or they tell no position.
    """
    found: list[Record] = []
    damaged, why = 0, ""
    for packet in packets:
        try:
            for told in misb0601.local_sets(packet.data):
                # What is sent again tells nothing new.
                if not found or told.time_us != found[-1][1].time_us:
                    found.append((packet.time_s, told))
        except PoseError as error:
            damaged, why = damaged + 1, str(error)
    records = [record for record in found if misb0601.tells_place(record[1])]
    if len(records) < 2:
        reason = f" ({damaged} were damaged: {why})" if damaged else ""
        raise PoseError(f"{name}: its MISB packets tell {len(records)} positions{reason}.")
    return track_of(f"{name}, MISB ST 0601 inside", records, damaged)


def track_of(name: str, records: Sequence[Record], damaged: int = 0) -> PoseTrack:
    """The track of packets that were read.

    Args:
        name: of the track, for messages.
        records: with a position each, at least two.
        damaged: how many could not be read.

    Raises:
        PoseError: they make no track.
    """
    timed = all(time_s is not None for time_s, _ in records)
    if not timed:
        records = sorted(records, key=lambda record: record[1].time_us)
    times_s, set_s = _times(records, timed=timed)
    kept = _ascending(times_s)
    records, times_s = [records[index] for index in kept], times_s[kept]
    poses = [_camera_angles(told) for _, told in records]
    return PoseTrack(
        name=name,
        time_s=times_s,
        lon_deg=_told(records, misb0601.SENSOR_LON),
        lat_deg=_told(records, misb0601.SENSOR_LAT),
        heights=_heights(records),
        errors=_ERRORS if timed else UNTIMED_ERRORS,
        heading_deg=column([heading for heading, _, _ in poses]),
        pitch_deg=column([pitch for _, pitch, _ in poses]),
        roll_deg=column([roll for _, _, roll in poses]),
        hfov_deg=column(_told(records, misb0601.SENSOR_HFOV)),
        # A clock that was set is right afterwards.
        start_utc=_utc(records[-1][1].time_us, float(times_s[-1])),
        notes=_notes(damaged, set_s),
    )


def _times(records: Sequence[Record], *, timed: bool) -> tuple[FloatArray, list[float]]:
    """Times on the film's clock, and by how much the packets' clock was set each time.

    The time stamps are finer than the packets' times and never jitter, so they are laid on the
    stream by how far off it those around each are in the middle. A clock that is set moves it at
    once, and one that runs too fast little by little.
    """
    first_us = records[0][1].time_us
    stamps_s = np.array([(told.time_us - first_us) / 1e6 for _, told in records])
    if not timed:
        return stamps_s, []
    off_s = np.array([time_s for time_s, _ in records], np.float64) - stamps_s
    around = min(_AROUND, (len(off_s) - 1) // 2)
    ends_s = (np.median(off_s[:_AT_ENDS]), np.median(off_s[-_AT_ENDS:]))
    padded = np.pad(off_s, around, mode="constant", constant_values=ends_s)
    smooth_s = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1), axis=1)
    steps_s = -np.diff(smooth_s)
    return stamps_s + smooth_s, [float(step_s) for step_s in steps_s if abs(step_s) > _SET_S]


def _ascending(times_s: FloatArray) -> list[int]:
    """Which records come after all before them."""
    before_s = np.maximum.accumulate(np.concatenate([[-np.inf], times_s[:-1]]))
    return [int(index) for index in np.flatnonzero(times_s > before_s)]


def _notes(damaged: int, set_s: Sequence[float]) -> tuple[str, ...]:
    notes = []
    if damaged:
        notes.append(f"{damaged} damaged packets were left out.")
    if set_s:
        leaps = ", ".join(f"{step_s:+.1f} s" for step_s in set_s[:_MOST_NAMED])
        more = ", ..." if len(set_s) > _MOST_NAMED else ""
        notes.append(
            f"Its clock was set while the film ran ({leaps}{more}): poses go by the film's own "
            "times, and the world's time by the last that it told."
        )
    return tuple(notes)


def _heights(records: Sequence[Record]) -> dict[HeightAbove, Heights]:
    heights = {}
    for above, tag in (
        (HeightAbove.SEA_LEVEL, misb0601.SENSOR_ALT),
        (HeightAbove.ELLIPSOID, misb0601.SENSOR_ELLIPSOID_HEIGHT),
    ):
        values_m = _told(records, tag)
        if not np.isnan(values_m).all():
            heights[above] = Heights(values_m, _SATELLITE_VERTICAL_M)
    return heights


def _camera_angles(told: LocalSet) -> tuple[float, float, float]:
    """Heading, pitch and roll of the camera; NaN where a part of the chain is not told."""
    heading = _value(told, misb0601.PLATFORM_HEADING)
    pitch = _value(told, misb0601.PLATFORM_PITCH_FULL, misb0601.PLATFORM_PITCH)
    roll = _value(told, misb0601.PLATFORM_ROLL_FULL, misb0601.PLATFORM_ROLL)
    azimuth = _value(told, misb0601.SENSOR_AZIMUTH)
    elevation = _value(told, misb0601.SENSOR_ELEVATION)
    if not all(map(math.isfinite, (heading, pitch, roll, azimuth, elevation))):
        return math.nan, math.nan, math.nan
    turned = _value(told, misb0601.SENSOR_ROLL)
    mount = axes_enu(azimuth, elevation, 0.0 if math.isnan(turned) else turned)
    return angles_deg(mounted(axes_enu(heading, pitch, roll), mount))


def _told(records: Sequence[Record], tag: int) -> FloatArray:
    return np.array([_value(told, tag) for _, told in records], np.float64)


def _value(told: LocalSet, *tags: int) -> float:
    for tag in tags:
        value = told.values.get(tag)
        if value is not None:
            return value
    return math.nan


def _utc(time_us: int, begins_s: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(time_us / 1e6, UTC) - timedelta(seconds=begins_s)
    except (OverflowError, ValueError, OSError):
        return None
