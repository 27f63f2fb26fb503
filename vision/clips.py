"""Clips of what was found, from before it to after it: once blurred, once sealed."""

import io
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vision.aside import Step
from vision.chain import Piece
from vision.errors import EvidenceError
from vision.evidence import blurred
from vision.frames import Frame
from vision.hiding import REACH_S, Seen, hidden_at
from vision.pipeline import JudgedFrame
from vision.sightings import sighting_id

Picture = NDArray[np.uint8]

_TIME_BASE = Fraction(1, 1000)
_JITTER_S = 1e-6
_ORIGINAL_QUALITY = 95


@dataclass(frozen=True)
class ClipSettings:
    """How clips are cut.

    Attributes:
        before_s: how much is shown before a rule held.
        after_s: how much after it.
        longest_s: length after which a further finding begins a clip of its own.
        width_px: most width of the pictures.
    """

    before_s: float = 5.0
    after_s: float = 5.0
    longest_s: float = 60.0
    width_px: int = 960


@dataclass(frozen=True, eq=False)
class _Shot:
    """A frame as it goes into clips."""

    time_s: float
    picture: Picture
    seen: Seen
    boxes: list[dict[str, object]]


@dataclass
class _Open:
    """A clip that is being recorded."""

    begins_s: float
    ends_s: float
    made: "_Made"
    about: list[dict[str, object]] = field(default_factory=list)


def at_once(step: Step) -> None:
    """Do a step now."""
    step()


class ClipRecorder:
    """Makes clips from judged frames; findings close together share one.

    Give `add` to the observers of a pass, and `close` it at the end. What goes into which clip is
    decided at once, and follows from the frames alone.

    Args:
        source: name of the source.
        pass_id: name of the pass.
        keep: is called for each clip that is done, with its pieces and the ids of the sightings
            that it is of.
        settings: how clips are cut.
        do: does the steps of blurring, encoding and keeping, in their order, now or later.
    """

    def __init__(
        self,
        source: str,
        pass_id: str,
        keep: Callable[[list[Piece], list[str]], None],
        settings: ClipSettings | None = None,
        do: Callable[[Step], None] = at_once,
    ) -> None:
        self._source, self._pass_id = source, pass_id
        self._keep = keep
        self._settings = settings or ClipSettings()
        self._do = do
        self._ring: deque[_Shot] = deque()
        # Of what comes before a clip it matters whom it shows, and not its pictures.
        self._lead: deque[Seen] = deque()
        self._open: _Open | None = None

    def add(self, judged: JudgedFrame) -> None:
        """Take a frame in.

        Raises:
            EvidenceError: a clip cannot be encoded or kept.
        """
        shot = _shot(judged, self._settings.width_px)
        oldest_s = shot.time_s - self._settings.before_s - _JITTER_S
        while self._ring and self._ring[0].time_s < oldest_s:
            self._lead.append(self._ring.popleft().seen)
        while self._lead and self._lead[0].time_s < oldest_s - REACH_S:
            self._lead.popleft()
        # What comes after the end tells who has to be hidden before it.
        if self._open is not None and shot.time_s > self._open.ends_s + REACH_S + _JITTER_S:
            self.close()
        if judged.findings:
            self._begin_or_extend(judged, shot)
        if self._open is not None:
            self._do(partial(self._open.made.add, (shot,)))
        self._ring.append(shot)

    def close(self) -> None:
        """Finish the clip that is being made, if there is one.

        Raises:
            EvidenceError: it cannot be encoded or kept.
        """
        ended, self._open = self._open, None
        if ended is not None:
            self._do(partial(self._finish, ended))

    def _finish(self, ended: _Open) -> None:
        pieces = ended.made.finished(ended.about, ended.ends_s)
        self._keep(pieces, [str(each["sighting"]) for each in ended.about])

    def _begin_or_extend(self, judged: JudgedFrame, shot: _Shot) -> None:
        settings, now_s = self._settings, shot.time_s
        if self._open is not None and now_s - self._open.begins_s > settings.longest_s:
            self.close()
        if self._open is None:
            made = _Made(shot.seen.size_wh_px, tuple(self._lead))
            self._open = _Open(now_s, now_s, made)
            self._do(partial(self._open.made.add, tuple(self._ring)))
        recorded = self._open
        recorded.ends_s = now_s + settings.after_s
        self._do(partial(recorded.made.add_original, judged.frame))
        for finding in judged.findings:
            name = sighting_id(
                self._source, self._pass_id, finding.rule.id, finding.subject.track_id
            )
            recorded.about.append(
                {
                    "sighting": name,
                    "rule": finding.rule.id,
                    "track": finding.subject.track_id,
                    "time_s": round(finding.time_s, 3),
                    "why": finding.why,
                }
            )


class _Made:
    """A clip as it is encoded, twice: with persons and plates blurred, and as it was."""

    def __init__(self, size_wh_px: tuple[int, int], lead: Sequence[Seen]) -> None:
        self._shown, self._sealed = _Film(size_wh_px), _Film(size_wh_px)
        self._originals: list[Piece] = []
        self._frames: list[dict[str, object]] = []
        self._first_s: float | None = None
        self._waiting: deque[_Shot] = deque()
        self._near = deque(lead)

    def add(self, shots: Sequence[_Shot]) -> None:
        """Append frames; each waits until it is known whom those after it show.

        Raises:
            EvidenceError: they cannot be encoded.
        """
        for shot in shots:
            self._near.append(shot.seen)
            self._waiting.append(shot)
            self._write(shot.time_s - REACH_S)

    def _write(self, until_s: float) -> None:
        while self._waiting and self._waiting[0].time_s <= until_s + _JITTER_S:
            shot = self._waiting.popleft()
            while self._near[0].time_s < shot.time_s - REACH_S - _JITTER_S:
                self._near.popleft()
            if self._first_s is None:
                self._first_s = shot.time_s
            at_s = shot.time_s - self._first_s
            self._shown.add(blurred(shot.picture, hidden_at(shot.seen, self._near)), at_s)
            self._sealed.add(shot.picture, at_s)
            self._frames.append({"time_s": round(shot.time_s, 3), "boxes": shot.boxes})

    def add_original(self, frame: Frame) -> None:
        """Keep a frame whole.

        Raises:
            EvidenceError: it cannot be encoded.
        """
        self._originals.append(_original(frame.image))

    def finished(self, about: list[dict[str, object]], ends_s: float) -> list[Piece]:
        """The clip with what belongs to it.

        Args:
            about: the sightings that it shows.
            ends_s: time of its last frame; those after it are left away.

        Raises:
            EvidenceError: it cannot be encoded.
        """
        self._write(ends_s)
        clip = Piece("clip", "mp4", self._shown.finished())
        whole = Piece("clip", "mp4", self._sealed.finished(), is_sealed=True)
        told = {
            "clip": clip.name,
            "sealed": whole.name,
            "sightings": about,
            "frames": self._frames,
        }
        boxes = Piece("boxes", "json", json.dumps(told, ensure_ascii=False).encode())
        return [clip, boxes, whole, *self._originals]


class _Film:
    """An MP4 in memory, H.264, with each picture at its own time."""

    def __init__(self, size_wh_px: tuple[int, int]) -> None:
        self._data = io.BytesIO()
        self._container = av.open(self._data, "w", format="mp4")
        self._stream: VideoStream = self._container.add_stream("libx264", rate=30)
        self._stream.width, self._stream.height = size_wh_px
        self._stream.pix_fmt = "yuv420p"
        # As sharp as `veryfast` at 23, a seventh larger, for half of its work; several clips are
        # made side by side, so that one needs no threads of its own.
        self._stream.options = {"preset": "superfast", "crf": "25", "threads": "1"}
        self._stream.codec_context.time_base = _TIME_BASE
        self._last = -1

    def add(self, picture: Picture, at_s: float) -> None:
        """Append a picture, scaled to the film's size where it has another; times must grow.

        Raises:
            EvidenceError: it cannot be encoded.
        """
        video = av.VideoFrame.from_ndarray(picture, "bgr24")
        self._last = max(self._last + 1, round(at_s / _TIME_BASE))
        video.pts, video.time_base = self._last, _TIME_BASE
        self._encode(video)

    def finished(self) -> bytes:
        """The whole file.

        Raises:
            EvidenceError: it cannot be encoded.
        """
        self._encode(None)
        return self._data.getvalue()

    def _encode(self, video: av.VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(video):
                self._container.mux(packet)
            if video is None:
                self._container.close()
        except av.error.FFmpegError as error:
            raise EvidenceError(f"A clip cannot be encoded ({error.strerror}).") from error


def _shot(judged: JudgedFrame, width_px: int) -> _Shot:
    frame, found = judged.frame, judged.detections
    scale = min(1.0, width_px / frame.size_wh_px[0])
    size = tuple(max(2, round(side * scale) // 2 * 2) for side in frame.size_wh_px)
    picture = frame.resized((size[0], size[1]))
    small = replace(found, xyxy_px=found.xyxy_px * np.float32(scale))
    seen = Seen.of(frame.time_s, (size[0], size[1]), judged.class_names, small)
    shares = found.xyxy_px / np.tile(np.array(frame.size_wh_px, np.float32), 2)
    boxes: list[dict[str, object]] = [
        {
            "class": judged.class_names[int(found.class_id[row])],
            "score": round(float(found.score[row]), 3),
            "track": int(found.track_id[row]),
            "xyxy_frac": [round(float(value), 4) for value in shares[row]],
        }
        for row in range(len(found))
    ]
    return _Shot(frame.time_s, picture, seen, boxes)


def _original(image: Picture) -> Piece:
    done, buffer = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _ORIGINAL_QUALITY])
    if not done:
        raise EvidenceError(f"The original picture of {image.shape} cannot be encoded as JPEG.")
    return Piece("original", "jpg", buffer.tobytes(), is_sealed=True)
