"""The track of a camera or drone of GoPro, from the telemetry inside its film (GPMF).

A Karma tells where the aircraft is and heads (`GLPI`), a camera where it is itself (`GPS9`,
`GPS5`). Neither tells, in a way that is written down, where the lens points: the pitch has to be
given. A Karma's clock runs beside the film's and its records come in bunches of a second, so they
are laid against the film by the middle of the bunches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from vision.errors import PoseError
from vision.telemetry.containers import Payload
from vision.telemetry.gpmf import SensorStream, sensor_streams
from vision.telemetry.track import HeightAbove, Heights, PoseTrack, TrackErrors

FloatArray = NDArray[np.float64]

_FIX_2D = 2.0
_RANGE_SIGMA_M = 2.0
_SATELLITE_VERTICAL_M = 5.0
_BAROMETER_M = 1.5
_EPOCH_OF_GPS9 = datetime(2000, 1, 1, tzinfo=UTC)


def is_gpmf(payload: Payload) -> bool:
    """Whether a packet begins as GPMF does."""
    return payload.data[:4] == b"DEVC"


def gpmf_track(name: str, packets: Sequence[Payload]) -> PoseTrack | None:
    """The track that the packets of a GPMF track tell; None where they tell no position.

    Raises:
        PoseError: the telemetry is damaged, or bears no times.
    """
    streams = [(packet, stream) for packet in packets for stream in sensor_streams(packet.data)]
    by_key = {key: [pair for pair in streams if pair[1].key == key] for key in _READERS}
    for key, read in _READERS.items():
        told = [(packet, stream) for packet, stream in by_key[key] if len(stream.samples)]
        if any(packet.time_s is None for packet, _ in told):
            raise PoseError(f"{name}: its telemetry bears no times, so it fits no picture.")
        if told:
            return read(name, told, streams)
    return None


_Streams = Sequence[tuple[Payload, SensorStream]]


def _karma(name: str, told: _Streams, all_streams: _Streams) -> PoseTrack:
    """`GLPI`: seconds, latitude, longitude, above sea level, above take-off, speeds, heading."""
    for _, stream in told:
        _refuse_narrow(name, stream, 9)
    offset_s = float(
        np.median([_middle_s(packet) - stream.samples[:, 0].mean() for packet, stream in told])
    )
    rows = _ascending(np.concatenate([stream.samples for _, stream in told]))
    device = told[0][1].device or "GoPro Karma"
    return PoseTrack(
        name=f"{name}, telemetry of {device} inside",
        time_s=rows[:, 0] + offset_s,
        lon_deg=rows[:, 2],
        lat_deg=rows[:, 1],
        heights={
            HeightAbove.SEA_LEVEL: Heights(rows[:, 3], _SATELLITE_VERTICAL_M),
            HeightAbove.TAKE_OFF: Heights(rows[:, 4], _BAROMETER_M),
        },
        errors=TrackErrors(2.5, 3.0, 0.0, 0.3),
        heading_deg=rows[:, 8] % 360.0,
        heading_of="aircraft",
        start_utc=_karma_start(all_streams, offset_s),
    )


def _karma_start(streams: _Streams, offset_s: float) -> datetime | None:
    """`SYST` tells the same moment by the aircraft's clock and by the world's."""
    for _, stream in streams:
        if stream.key == "SYST" and stream.samples.shape[1:] == (2,) and len(stream.samples):
            boot_s, unix_s = stream.samples[0]
            return _utc(unix_s - (boot_s + offset_s))
    return None


def _gps5(name: str, told: _Streams, all_streams: _Streams) -> PoseTrack:  # noqa: ARG001
    """`GPS5`: latitude, longitude, height, two speeds; fix and precision a payload."""
    kept = [(packet, stream) for packet, stream in told if _about(stream, "GPSF", 3.0) >= _FIX_2D]
    precision = [_about(stream, "GPSP", 200.0) / 100.0 for _, stream in kept]
    start = next((_gpsu(packet, stream) for packet, stream in kept if "GPSU" in stream.about), None)
    return _camera(name, kept, precision, start)


def _gps9(name: str, told: _Streams, all_streams: _Streams) -> PoseTrack:  # noqa: ARG001
    """`GPS9`: as `GPS5`, then days since 2000, seconds, precision and fix of each sample."""
    kept, precision = [], []
    for packet, stream in told:
        _refuse_narrow(name, stream, 9)
        if (stream.samples[:, 8] >= _FIX_2D).all():
            kept.append((packet, stream))
            precision.append(float(stream.samples[:, 7].mean()))
    start = None
    if kept:
        packet, first = kept[0][0], kept[0][1].samples[0]
        told_utc = _EPOCH_OF_GPS9 + timedelta(days=float(first[5]), seconds=float(first[6]))
        start = told_utc - timedelta(seconds=packet.time_s or 0.0)
    return _camera(name, kept, precision, start)


def _camera(
    name: str, kept: _Streams, precision: Sequence[float], start_utc: datetime | None
) -> PoseTrack:
    if not kept:
        raise PoseError(f"{name}: its camera never had a satellite fix, so nothing is located.")
    rows = []
    for packet, stream in kept:
        _refuse_narrow(name, stream, 5)
        count = len(stream.samples)
        share = (np.arange(count) + 0.5) / count
        times_s = (packet.time_s or 0.0) + packet.duration_s * share
        rows.append(np.column_stack([times_s, stream.samples[:, :3]]))
    table = _ascending(np.concatenate(rows))
    reference = "".join(str(value) for value in kept[0][1].about.get("GPSA", ()))
    above = HeightAbove.SEA_LEVEL if reference.startswith("MSL") else HeightAbove.ELLIPSOID
    horizontal_m = max(1.5, _RANGE_SIGMA_M * float(np.median(precision)))
    return PoseTrack(
        name=f"{name}, telemetry of {kept[0][1].device or 'GoPro'} inside",
        time_s=table[:, 0],
        lon_deg=table[:, 2],
        lat_deg=table[:, 1],
        heights={above: Heights(table[:, 3], 2.0 * horizontal_m)},
        errors=TrackErrors(horizontal_m, 0.0, 0.0, 0.3),
        start_utc=start_utc,
    )


def _gpsu(packet: Payload, stream: SensorStream) -> datetime | None:
    """The first payload's clock, `yymmddhhmmss.sss`, taken back to the film's beginning."""
    text = "".join(str(value) for value in stream.about["GPSU"])
    try:
        told = datetime.strptime(text[:12], "%y%m%d%H%M%S").replace(tzinfo=UTC)
        return told - timedelta(seconds=(packet.time_s or 0.0) - float(f"0{text[12:] or '.0'}"))
    except ValueError:
        return None


_READERS = {"GLPI": _karma, "GPS9": _gps9, "GPS5": _gps5}


def _about(stream: SensorStream, key: str, otherwise: float) -> float:
    found = stream.about.get(key, ())
    return found[0] if found and isinstance(found[0], float) else otherwise


def _middle_s(packet: Payload) -> float:
    return (packet.time_s or 0.0) + packet.duration_s / 2.0


def _ascending(rows: FloatArray) -> FloatArray:
    """Rows by rising time, each time once, and only those that are numbers."""
    rows = rows[np.isfinite(rows).all(axis=1)]
    _, first = np.unique(rows[:, 0], return_index=True)
    return np.asarray(rows[first], np.float64)


def _refuse_narrow(name: str, stream: SensorStream, columns: int) -> None:
    if stream.samples.shape[1] < columns:
        raise PoseError(f"{name}: its {stream.key} telemetry lacks fields; the film is damaged.")


def _utc(unix_s: float) -> datetime | None:
    if not math.isfinite(unix_s) or not 0.0 < unix_s < 4e9:
        return None
    return datetime.fromtimestamp(unix_s, UTC)
