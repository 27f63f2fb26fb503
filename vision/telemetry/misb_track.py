"""The track of a camera from MISB ST 0601 packets in its film.

The standard tells the camera's angles against the aircraft, so both are put together here. Damaged
packets are left out and counted: a stream over a radio link always has some.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from geofences.attitude import angles_deg, axes_enu, mounted
from vision.errors import PoseError
from vision.telemetry import misb0601
from vision.telemetry.containers import Payload
from vision.telemetry.misb0601 import LocalSet
from vision.telemetry.track import HeightAbove, Heights, PoseTrack, TrackErrors, column

_ERRORS = TrackErrors(horizontal_m=2.5, heading_deg=2.0, pitch_deg=1.0, clock_s=0.05)
_UNTIMED_S = 0.5
_SATELLITE_VERTICAL_M = 5.0


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
    found: dict[int, tuple[float | None, LocalSet]] = {}
    damaged, why = 0, ""
    for packet in packets:
        try:
            for told in misb0601.local_sets(packet.data):
                found[told.time_us] = (packet.time_s, told)
        except PoseError as error:
            damaged, why = damaged + 1, str(error)
    records = [found[time_us] for time_us in sorted(found) if _has_place(found[time_us][1])]
    if len(records) < 2:
        reason = f" ({damaged} were damaged: {why})" if damaged else ""
        raise PoseError(f"{name}: its MISB packets tell {len(records)} positions{reason}.")
    return _track(name, records, damaged)


def _track(name: str, records: list[tuple[float | None, LocalSet]], damaged: int) -> PoseTrack:
    first_us = records[0][1].time_us
    timed = all(time_s is not None for time_s, _ in records)
    begins_s = records[0][0] or 0.0
    # The time stamps are finer than the packets' times and never jitter.
    times_s = np.array([(told.time_us - first_us) / 1e6 for _, told in records])
    if timed:
        stream_s = np.array([time_s for time_s, _ in records], np.float64)
        begins_s = float(np.median(stream_s - times_s))
    poses = [_camera_angles(told) for _, told in records]
    errors = _ERRORS if timed else TrackErrors(2.5, 2.0, 1.0, _UNTIMED_S)
    notes = (f"{damaged} damaged packets were left out.",) if damaged else ()
    return PoseTrack(
        name=f"{name}, MISB ST 0601 inside",
        time_s=times_s + begins_s,
        lon_deg=_told(records, misb0601.SENSOR_LON),
        lat_deg=_told(records, misb0601.SENSOR_LAT),
        heights=_heights(records),
        errors=errors,
        heading_deg=column([heading for heading, _, _ in poses]),
        pitch_deg=column([pitch for _, pitch, _ in poses]),
        roll_deg=column([roll for _, _, roll in poses]),
        hfov_deg=column(_told(records, misb0601.SENSOR_HFOV)),
        start_utc=_utc(first_us, begins_s),
        notes=notes,
    )


def _heights(records: list[tuple[float | None, LocalSet]]) -> dict[HeightAbove, Heights]:
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


def _told(
    records: list[tuple[float | None, LocalSet]], tag: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([_value(told, tag) for _, told in records], np.float64)


def _value(told: LocalSet, *tags: int) -> float:
    for tag in tags:
        value = told.values.get(tag)
        if value is not None:
            return value
    return math.nan


def _has_place(told: LocalSet) -> bool:
    place = (_value(told, misb0601.SENSOR_LON), _value(told, misb0601.SENSOR_LAT))
    return all(map(math.isfinite, place))


def _utc(time_us: int, begins_s: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(time_us / 1e6, UTC) - timedelta(seconds=begins_s)
    except (OverflowError, ValueError, OSError):
        return None
