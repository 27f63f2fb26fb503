"""Clips of what was found, from before it to after it: once blurred, once sealed."""

import io
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vision.chain import Piece
from vision.errors import EvidenceError
from vision.evidence import blurred, seen_boxes
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
    hidden: Picture
    boxes: list[dict[str, object]]


@dataclass
class _Open:
    """A clip being made."""

    begins_s: float
    ends_s: float
    shown: "_Film"
    sealed: "_Film"
    about: list[dict[str, object]] = field(default_factory=list)
    originals: list[Piece] = field(default_factory=list)
    frames: list[dict[str, object]] = field(default_factory=list)


class ClipRecorder:
    """Makes clips from judged frames; findings close together share one.

    Give `add` to the observers of a pass, and `close` it at the end. `keep` is called for each
    clip that is done, with its pieces and the ids of the sightings that it is of.
    """

    def __init__(
        self,
        source: str,
        pass_id: str,
        keep: Callable[[list[Piece], list[str]], None],
        settings: ClipSettings | None = None,
    ) -> None:
        self._source, self._pass_id = source, pass_id
        self._keep = keep
        self._settings = settings or ClipSettings()
        self._ring: deque[_Shot] = deque()
        self._open: _Open | None = None

    def add(self, judged: JudgedFrame) -> None:
        """Take a frame in.

        Raises:
            EvidenceError: a clip cannot be encoded or kept.
        """
        shot = _shot(judged, self._settings.width_px)
        oldest_s = shot.time_s - self._settings.before_s - _JITTER_S
        while self._ring and self._ring[0].time_s < oldest_s:
            self._ring.popleft()
        if self._open is not None and shot.time_s > self._open.ends_s + _JITTER_S:
            self.close()
        if judged.findings:
            self._begin_or_extend(judged, shot)
        if self._open is not None:
            self._write(self._open, shot)
        self._ring.append(shot)

    def close(self) -> None:
        """Finish the clip that is being made, if there is one.

        Raises:
            EvidenceError: it cannot be encoded or kept.
        """
        made, self._open = self._open, None
        if made is None:
            return
        clip = Piece("clip", "mp4", made.shown.finished())
        sealed = Piece("clip", "mp4", made.sealed.finished(), is_sealed=True)
        told = {
            "clip": clip.name,
            "sealed": sealed.name,
            "sightings": made.about,
            "frames": made.frames,
        }
        boxes = Piece("boxes", "json", json.dumps(told, ensure_ascii=False).encode())
        ids = [str(each["sighting"]) for each in made.about]
        self._keep([clip, boxes, sealed, *made.originals], ids)

    def _begin_or_extend(self, judged: JudgedFrame, shot: _Shot) -> None:
        settings, now_s = self._settings, shot.time_s
        if self._open is not None and now_s - self._open.begins_s > settings.longest_s:
            self.close()
        if self._open is None:
            height_px, width_px = shot.picture.shape[:2]
            size = (width_px // 2 * 2, height_px // 2 * 2)
            self._open = _Open(now_s, now_s, _Film(size), _Film(size))
            for before in self._ring:
                self._write(self._open, before)
        made = self._open
        made.ends_s = now_s + settings.after_s
        made.originals.append(_original(judged.frame.image))
        for finding in judged.findings:
            name = sighting_id(
                self._source, self._pass_id, finding.rule.id, finding.subject.track_id
            )
            made.about.append(
                {
                    "sighting": name,
                    "rule": finding.rule.id,
                    "track": finding.subject.track_id,
                    "time_s": round(finding.time_s, 3),
                    "why": finding.why,
                }
            )

    @staticmethod
    def _write(made: _Open, shot: _Shot) -> None:
        first_s = made.frames[0]["time_s"] if made.frames else shot.time_s
        at_s = shot.time_s - float(str(first_s))
        made.shown.add(shot.hidden, at_s)
        made.sealed.add(shot.picture, at_s)
        made.frames.append({"time_s": round(shot.time_s, 3), "boxes": shot.boxes})


class _Film:
    """An MP4 in memory, H.264, with each picture at its own time."""

    def __init__(self, size_wh_px: tuple[int, int]) -> None:
        self._data = io.BytesIO()
        self._container = av.open(self._data, "w", format="mp4")
        self._stream: VideoStream = self._container.add_stream("libx264", rate=30)
        self._stream.width, self._stream.height = size_wh_px
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"preset": "veryfast", "crf": "23"}
        self._stream.codec_context.time_base = _TIME_BASE
        self._last = -1

    def add(self, picture: Picture, at_s: float) -> None:
        """Append a picture; times must grow."""
        video = av.VideoFrame.from_ndarray(
            picture[: self._stream.height, : self._stream.width], "bgr24"
        )
        self._last = max(self._last + 1, round(at_s / _TIME_BASE))
        video.pts, video.time_base = self._last, _TIME_BASE
        for packet in self._stream.encode(video):
            self._container.mux(packet)

    def finished(self) -> bytes:
        """The whole file.

        Raises:
            EvidenceError: it cannot be encoded.
        """
        try:
            for packet in self._stream.encode(None):
                self._container.mux(packet)
            self._container.close()
        except av.error.FFmpegError as error:
            raise EvidenceError(f"A clip cannot be encoded ({error.strerror}).") from error
        return self._data.getvalue()


def _shot(judged: JudgedFrame, width_px: int) -> _Shot:
    frame, found = judged.frame, judged.detections
    scale = min(1.0, width_px / frame.size_wh_px[0])
    size = tuple(max(2, round(side * scale) // 2 * 2) for side in frame.size_wh_px)
    picture = frame.resized((size[0], size[1]))
    seen = seen_boxes(judged.class_names, found)
    hidden = blurred(
        picture,
        replace(
            seen,
            persons_xyxy_px=seen.persons_xyxy_px * scale,
            vehicles_xyxy_px=seen.vehicles_xyxy_px * scale,
        ),
    )
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
    return _Shot(frame.time_s, picture, hidden, boxes)


def _original(image: Picture) -> Piece:
    done, buffer = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _ORIGINAL_QUALITY])
    if not done:
        raise EvidenceError(f"The original picture of {image.shape} cannot be encoded as JPEG.")
    return Piece("original", "jpg", buffer.tobytes(), is_sealed=True)
