"""Finds telemetry inside a film and beside it, and reads a file that somebody names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from vision.errors import PoseError
from vision.telemetry.containers import Payload, payloads
from vision.telemetry.dji_srt import decode, dji_cue_track, dji_srt_track, is_dji_srt
from vision.telemetry.gpmf_track import gpmf_track, is_gpmf
from vision.telemetry.misb_track import is_misb, misb_track
from vision.telemetry.pose_table import PoseMap, read_pose_table
from vision.telemetry.track import PoseTrack

SUBTITLES = frozenset({".srt"})
TABLES = frozenset({".csv"})
_MOST_TEXT_BYTES = 256 * 2**20


def find_track(film: Path, aspect: float) -> PoseTrack | None:
    """The telemetry inside a film, else of the subtitles beside it; None where there is none.

    Args:
        film: the film.
        aspect: width of its picture by its height.

    Raises:
        SourceError: FFmpeg cannot open the film.
        PoseError: there is telemetry, and it is damaged.
    """
    inside = track_inside(film, aspect)
    if inside is not None:
        return inside
    for suffix in (".SRT", ".srt", ".Srt"):
        beside = film.with_suffix(suffix)
        if beside.is_file():
            text = _text(beside)
            if is_dji_srt(text):
                return dji_srt_track(str(beside), text, aspect)
    return None


def track_inside(film: Path, aspect: float) -> PoseTrack | None:
    """The telemetry inside a film; None where there is none.

    Raises:
        SourceError: FFmpeg cannot open the film.
        PoseError: there is telemetry, and it is damaged.
    """
    found = sorted(payloads(film), key=lambda payload: payload.track)
    for _, packets in groupby(found, key=lambda payload: payload.track):
        track = _track(film.name, list(packets), aspect)
        if track is not None:
            return track
    return None


def read_track(path: Path, mapping: PoseMap | None, aspect: float) -> PoseTrack:
    """The telemetry in a file that somebody names.

    Args:
        path: subtitles, a table, or a film with telemetry inside.
        mapping: what the columns of a table mean.
        aspect: width of the picture by its height.

    Raises:
        SourceError: FFmpeg cannot open the film.
        PoseError: the file is not there, is damaged or holds none.
    """
    if not path.is_file():
        raise PoseError(f"{path}: there is no such file of poses; check the path.")
    if path.suffix.lower() in SUBTITLES:
        return dji_srt_track(str(path), _text(path), aspect)
    if path.suffix.lower() in TABLES:
        if mapping is None:
            raise PoseError(
                f"{path}: say what its columns mean by --pose-map, as in time=t_s,lat=lat,lon=lon,"
                "height_take_off=height_m,heading=yaw,pitch=gimbal_pitch."
            )
        return read_pose_table(path, mapping)
    track = track_inside(path, aspect)
    if track is None:
        raise PoseError(f"{path}: holds no telemetry that is known here (GPMF, MISB, DJI).")
    return track


def _track(name: str, packets: Sequence[Payload], aspect: float) -> PoseTrack | None:
    readers: tuple[tuple[Callable[[Payload], bool], Callable[..., PoseTrack | None]], ...] = (
        (is_gpmf, gpmf_track),
        (is_misb, misb_track),
    )
    for knows, read in readers:
        if any(knows(packet) for packet in packets[:20]):
            return read(name, [packet for packet in packets if knows(packet)])
    cues = [
        (packet.time_s, _cue_text(packet.data))
        for packet in packets
        if packet.is_text and packet.time_s is not None
    ]
    if any(is_dji_srt(f"00:00:00,000 -->\n{text}") for _, text in cues[:20]):
        return dji_cue_track(f"{name}, subtitles inside", cues, aspect)
    return None


def _cue_text(data: bytes) -> str:
    """A cue's text; in MP4 its length in two bytes comes first."""
    if len(data) >= 2 and int.from_bytes(data[:2], "big") <= len(data) - 2:
        data = data[2 : 2 + int.from_bytes(data[:2], "big")]
    return data.decode("utf-8", errors="replace")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_TEXT_BYTES:
            raise PoseError(f"{path}: is larger than subtitles can be.")
        return decode(path.read_bytes())
    except OSError as error:
        raise PoseError(f"{path}: cannot be read ({error.strerror}).") from error
