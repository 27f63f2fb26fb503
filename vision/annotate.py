"""Draw what was seen into the frames and write them as a video."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import av.error
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vision.detections import NO_TRACK
from vision.errors import EvidenceError
from vision.pipeline import JudgedFrame
from vision.rules.zones import PictureZone

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

_COLOURS_BGR: tuple[Colour, ...] = (
    (80, 200, 80), (220, 160, 60), (60, 180, 255), (200, 90, 220), (90, 140, 180),
    (170, 170, 170), (50, 80, 255), (180, 220, 60), (255, 120, 140), (120, 220, 220),
)  # fmt: skip
_ZONE_BGR: Colour = (255, 200, 0)
_BANNER_S = 4.0
_TIME_BASE = Fraction(1, 90_000)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


class AnnotatedVideo:
    """A context that writes judged frames to an MP4 file; give ``add`` to the observers.

    Each frame is shown at its own time: frames are not chosen at an even pace by the way over the
    ground, nor when a stream falters.
    """

    def __init__(self, path: Path, zones: Sequence[PictureZone] = ()) -> None:
        """Start the file.

        Raises:
            EvidenceError: it cannot be written there.
        """
        self._path = path
        self._zones = tuple(zones)
        self._stream: VideoStream | None = None
        self._first_s = 0.0
        self._last = -1
        self._banners: list[tuple[float, str]] = []
        if not path.parent.is_dir():
            raise EvidenceError(f"{path}: cannot be written, its folder does not exist; make it.")
        try:
            self._container = av.open(str(path), "w", format="mp4")
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise EvidenceError(f"{path}: cannot be written ({error}); check the path.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add(self, judged: JudgedFrame) -> None:
        """Draw a frame and append it."""
        self._banners += [
            (judged.frame.time_s, f"{finding.rule.id}: {finding.why}")
            for finding in judged.findings
        ]
        self._banners = [
            banner for banner in self._banners if judged.frame.time_s - banner[0] < _BANNER_S
        ]
        picture = drawn(judged, self._zones, [text for _, text in self._banners])
        stream = self._stream_for(picture, judged.frame.time_s)
        # A stream that changes its size is scaled to that of the film's first picture.
        video = av.VideoFrame.from_ndarray(_even(picture), "bgr24")
        # A clock that was set back makes no film that runs backwards.
        self._last = max(self._last + 1, round((judged.frame.time_s - self._first_s) / _TIME_BASE))
        video.pts, video.time_base = self._last, _TIME_BASE
        for packet in stream.encode(video):
            self._container.mux(packet)

    def close(self) -> None:
        """Finish the file."""
        if self._stream is not None:
            for packet in self._stream.encode(None):
                self._container.mux(packet)
        self._container.close()

    def _stream_for(self, picture: Picture, time_s: float) -> VideoStream:
        if self._stream is None:
            self._first_s = time_s
            self._stream = self._container.add_stream("libx264", rate=30)
            self._stream.codec_context.time_base = _TIME_BASE
            self._stream.pix_fmt = "yuv420p"
            self._stream.options = {"preset": "veryfast", "crf": "23"}
            self._stream.height, self._stream.width = _even(picture).shape[:2]
        return self._stream


def _even(picture: Picture) -> Picture:
    """The picture as the encoder wants it: without an odd last row or column."""
    height_px, width_px = picture.shape[:2]
    return picture[: height_px // 2 * 2, : width_px // 2 * 2]


def drawn(judged: JudgedFrame, zones: Sequence[PictureZone], banners: Sequence[str]) -> Picture:
    """A copy of the frame with boxes, class, score and track, zones and banners, uint8 BGR."""
    picture = judged.frame.image.copy()
    size = np.array(judged.frame.size_wh_px)
    for zone in zones:
        corners = np.rint(np.array(zone.points_frac) * size).astype(np.int32)
        cv2.polylines(picture, [corners], True, _ZONE_BGR, 2)
        _label(picture, f"{zone.kind} {zone.zone_id}", corners[0].tolist(), _ZONE_BGR)
    hot = {each.track_id for finding in judged.findings for each in (finding.subject,)}
    detections = judged.detections
    for row in range(len(detections)):
        class_id, track_id = int(detections.class_id[row]), int(detections.track_id[row])
        if track_id == NO_TRACK:
            continue
        colour = (0, 0, 255) if track_id in hot else _COLOURS_BGR[class_id % len(_COLOURS_BGR)]
        left, top, right, bottom = np.rint(detections.xyxy_px[row]).astype(int).tolist()
        cv2.rectangle(picture, (left, top), (right, bottom), colour, 2)
        text = f"{judged.class_names[class_id]} {detections.score[row]:.2f} #{track_id}"
        _label(picture, text, (left, top), colour)
    for line, text in enumerate(banners):
        _banner(picture, text, line)
    return picture


def _label(picture: Picture, text: str, corner: Sequence[int], colour: Colour) -> None:
    x_px, y_px = int(corner[0]), max(10, int(corner[1]) - 3)
    cv2.putText(picture, text, (x_px, y_px), _FONT, 0.38, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(picture, text, (x_px, y_px), _FONT, 0.38, colour, 1, cv2.LINE_AA)


def _banner(picture: Picture, text: str, line: int) -> None:
    top = line * 20
    cv2.rectangle(picture, (0, top), (picture.shape[1], top + 20), (0, 0, 160), -1)
    cv2.putText(picture, text, (6, top + 14), _FONT, 0.42, (255, 255, 255), 1, cv2.LINE_AA)
