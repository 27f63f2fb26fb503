"""Films with telemetry inside, and the bytes of telemetry, made by the standards' own words."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from geofences.geodesy import LonLat
from vision.telemetry.track import HeightAbove, Heights, PoseTrack, TrackErrors

RATE = 10


def element(key: str, kind: str, size: int, samples: Sequence[bytes]) -> bytes:
    """One GPMF element; a nest has the kind "" and its elements as one sample a byte."""
    data = b"".join(samples)
    header = key.encode() + bytes([ord(kind) if kind else 0, size])
    return header + struct.pack(">H", len(data) // size) + data + b"\0" * (-len(data) % 4)


def nest(key: str, *inside: bytes) -> bytes:
    """A GPMF nest."""
    return element(key, "", 1, inside)


def text(key: str, words: str) -> bytes:
    """A GPMF element of characters."""
    return element(key, "c", 1, [words.encode("latin-1")])


def gps5(rows: Sequence[tuple[float, float, float]], fix: int = 3, *about: bytes) -> bytes:
    """A payload of a camera: latitude, longitude and height of each sample."""
    samples = [
        struct.pack(">5i", round(lat * 1e7), round(lon * 1e7), round(height * 1e3), 0, 0)
        for lat, lon, height in rows
    ]
    stream = nest(
        "STRM",
        element("GPSF", "L", 4, [struct.pack(">I", fix)]),
        element("GPSP", "S", 2, [struct.pack(">H", 150)]),
        *about,
        element("SCAL", "l", 4, [struct.pack(">i", scale) for scale in (10**7, 10**7, 1000, 1, 1)]),
        element("GPS5", "l", 20, samples),
    )
    return nest("DEVC", text("DVNM", "HERO"), stream)


def write_film(
    path: Path, payloads: Sequence[tuple[float, bytes]], codec: str = "bin_data", frames: int = 30
) -> Path:
    """A small film with a data track; the container follows from the name."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        data = container.add_data_stream(codec)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(np.zeros((72, 64), np.uint8), "yuv420p")
            frame.pts = index
            container.mux(video.encode(frame))
            for time_s, payload in payloads:
                if round(time_s * RATE) == index:
                    packet = av.Packet(payload)
                    packet.stream = data
                    packet.time_base = Fraction(1, RATE)
                    packet.pts = packet.dts = index
                    packet.duration = RATE
                    container.mux(packet)
        container.mux(video.encode(None))
    return path


def write_captioned_film(path: Path, subtitles: Path) -> Path:
    """A small film with the cues of a subtitle file inside."""
    with av.open(str(path), "w") as container, av.open(str(subtitles)) as cues:
        video = container.add_stream("mpeg4", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        inside = container.add_stream_from_template(cues.streams.subtitles[0])
        for index in range(30):
            frame = av.VideoFrame.from_ndarray(np.zeros((72, 64), np.uint8), "yuv420p")
            frame.pts = index
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for packet in cues.demux():
            if packet.size:
                packet.stream = inside
                container.mux(packet)
    return path


def track(**changes: object) -> PoseTrack:
    """Three seconds of an aircraft that flies north at 10 m/s, 40 m above its take-off."""
    times_s = np.arange(4.0)
    made: dict[str, object] = {
        "name": "track",
        "time_s": times_s,
        "lon_deg": np.full(4, 115.62),
        "lat_deg": 33.16 + times_s * 10.0 / 110_900.0,
        "heights": {HeightAbove.TAKE_OFF: Heights(np.full(4, 40.0), 1.5)},
        "errors": TrackErrors(2.0, 2.5, 0.5, 0.1),
        "heading_deg": np.array([350.0, 0.0, 10.0, 20.0]),
        "pitch_deg": np.full(4, -60.0),
        "roll_deg": np.zeros(4),
        "hfov_deg": np.full(4, 70.0),
        "home": LonLat(115.62, 33.16),
    }
    return PoseTrack(**{**made, **changes})  # type: ignore[arg-type]
