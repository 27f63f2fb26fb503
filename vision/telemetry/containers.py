"""What lies in a film beside its pictures: packets of data and of subtitles, with their times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.stream import Discard

from vision.decoding import open_container
from vision.errors import PoseError

_MOST_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Payload:
    """One packet of a track that is no picture and no sound.

    Attributes:
        track: which track of the file.
        is_text: whether the track holds subtitles.
        time_s: on the film's clock; None where the packet bears no time.
        duration_s: how long it is meant for; 0 where not told.
        data: its bytes.
    """

    track: int
    is_text: bool
    time_s: float | None
    duration_s: float
    data: bytes


def payloads(film: Path) -> tuple[Payload, ...]:
    """All packets of data and subtitle tracks, in the order of the file.

    Raises:
        SourceError: FFmpeg cannot open the film.
        PoseError: the tracks hold more than telemetry can be.
    """
    with open_container(str(film)) as container:
        wanted = [s for s in container.streams if s.type in {"data", "subtitle"}]
        if not wanted:
            return ()
        # The pictures of a long film need not even be read from the disk.
        for stream in container.streams:
            if stream not in wanted:
                stream.discard = Discard.all
        found, size_bytes = [], 0
        for payload in _packets(container, _begins_s(container)):
            size_bytes += len(payload.data)
            if size_bytes > _MOST_BYTES:
                raise PoseError(f"{film}: holds more data beside its pictures than telemetry is.")
            found.append(payload)
        return tuple(found)


def _packets(container: InputContainer, begins_s: float) -> Iterator[Payload]:
    wanted = [s for s in container.streams if s.type in {"data", "subtitle"}]
    packets = container.demux(wanted)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError, OSError):
            # What a cut-off film still tells is used; where it ends is seen from its times.
            return
        if not packet.size:
            continue
        base_s = float(packet.time_base)
        yield Payload(
            track=packet.stream.index,
            is_text=packet.stream.type == "subtitle",
            time_s=None if packet.pts is None else packet.pts * base_s - begins_s,
            duration_s=(packet.duration or 0) * base_s,
            data=bytes(packet),
        )


def _begins_s(container: InputContainer) -> float:
    video = container.streams.video[0]
    if video.start_time is None or video.time_base is None:
        return 0.0
    return float(video.start_time * video.time_base)
