"""Frames with time, and reading them from files and folders of pictures."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.decoding import DecodedPicture, Decoder, open_container, shown_size_px
from vision.errors import SourceError

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


class Frame:
    """One picture of a source at its time.

    A frame decoded from video keeps the decoder's own planes and converts them on demand, so a
    frame of which only a small picture is analysed never pays for its full size. `made_s` is the
    steady clock's time when it came from the network, or was decoded from a file, so that whoever
    uses it can tell how late he is. `breaks` counts how often its stream had broken off before it.
    """

    __slots__ = ("_image", "_picture", "breaks", "index", "made_s", "size_wh_px", "time_s")

    def __init__(
        self,
        index: int,
        time_s: float,
        image: NDArray[np.uint8] | DecodedPicture,
        made_s: float | None = None,
        breaks: int = 0,
    ) -> None:
        self.index = index
        self.time_s = time_s
        self.breaks = breaks
        self.made_s = time.monotonic() if made_s is None else made_s
        self._image: NDArray[np.uint8] | None = None
        self._picture: DecodedPicture | None = None
        if isinstance(image, DecodedPicture):
            self._picture = image
            self.size_wh_px = image.size_wh_px
        else:
            self._image = image
            self.size_wh_px = (int(image.shape[1]), int(image.shape[0]))

    @property
    def image(self) -> NDArray[np.uint8]:
        """The whole picture, uint8 (H, W, 3) in BGR order."""
        if self._image is None:
            self._image = self.resized(self.size_wh_px)
        return self._image

    def resized(self, size_wh_px: tuple[int, int]) -> NDArray[np.uint8]:
        """The picture scaled to a width and height, uint8 (h, w, 3) in BGR order."""
        if self._image is None and self._picture is not None:
            return self._picture.to_bgr(size_wh_px)
        if size_wh_px == self.size_wh_px:
            return self.image
        resized = cv2.resize(self.image, size_wh_px, interpolation=cv2.INTER_LINEAR)
        return np.asarray(resized, np.uint8)

    def grey(self, size_wh_px: tuple[int, int]) -> NDArray[np.uint8]:
        """How bright the picture is, scaled to a width and height, uint8 (h, w)."""
        if self._picture is not None:
            return self._picture.to_grey(size_wh_px)
        return np.asarray(cv2.cvtColor(self.resized(size_wh_px), cv2.COLOR_BGR2GRAY), np.uint8)


@dataclass
class SourceReport:
    """What became of a source's frames, counted while it is read.

    Attributes:
        read: frames delivered.
        damaged: frames or packets that could not be decoded, or decoded with visible damage.
        dropped: frames of a live stream dropped because the consumer, or decoding, was slower.
        reconnects: times a live stream was opened again.
        is_away: whether a live stream broke off and gave no picture since.
        warning: a sentence that says where a source broke, or "".
    """

    read: int = 0
    damaged: int = 0
    dropped: int = 0
    reconnects: int = 0
    is_away: bool = False
    warning: str = ""


class FrameSource(Protocol):
    """Anything that gives frames in order of time."""

    @property
    def name(self) -> str:
        """Short name used in reports."""

    @property
    def fps(self) -> float:
        """Frames a second as delivered, 0 where unknown."""

    @property
    def size_wh_px(self) -> tuple[int, int]:
        """Width and height of the frames."""

    @property
    def report(self) -> SourceReport:
        """Counts so far."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames in order of time."""

    def close(self) -> None:
        """Release what is open; iterating ends."""


class Sampler:
    """Chooses the frames to analyse by stream time."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._next_s = float("-inf")

    def wants(self, time_s: float) -> bool:
        """Whether the frame at this time is due; tolerates a thousandth of jitter."""
        if time_s < self._next_s - 1e-3:
            return False
        due_s = self._next_s + self._every_s
        self._next_s = due_s if due_s > time_s else time_s + self._every_s
        return True


class VideoFile:
    """A video file, every frame delivered, damage stepped over and reported."""

    def __init__(self, path: Path, *, every_s: float = 0.0) -> None:
        """Open the file.

        Raises:
            SourceError: the file is missing or FFmpeg cannot read it.
        """
        if not path.is_file():
            raise SourceError(f"{path}: there is no such file; check the path.")
        self._path = path
        self._every_s = every_s
        self._container = open_container(str(path))
        stream = self._container.streams.video[0]
        self._stream_fps = float(stream.average_rate or 0)
        self.size_wh_px = shown_size_px(path)
        self.duration_s = (self._container.duration or 0) / 1e6
        self.report = SourceReport()

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    @property
    def fps(self) -> float:
        """Frames a second as delivered."""
        wanted = 1 / self._every_s if self._every_s else self._stream_fps
        return min(self._stream_fps, wanted) if self._stream_fps else wanted

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames once.

        Raises:
            SourceError: not one frame of the file can be decoded.
        """
        decoder = Decoder(self._container)
        sampler = Sampler(self._every_s)
        whole = 0
        for time_s, picture in decoder.pictures():
            self.report.damaged = decoder.damaged
            if sampler.wants(time_s):
                self.report.read += 1
                yield Frame(whole, time_s, picture)
            whole += 1
        self.report.damaged = decoder.damaged
        if not whole:
            raise SourceError(f"{self._path}: not one frame can be decoded; the file is damaged.")
        self.report.warning = self._what_broke(decoder)

    def _what_broke(self, decoder: Decoder) -> str:
        end_s = decoder.last_time_s
        if decoder.broke_at_s is not None:
            return (
                f"{self.name} is damaged at {max(decoder.broke_at_s, 0):.1f} s: {decoder.damaged} "
                f"broken pieces were skipped, the last whole frame is at {end_s:.1f} s."
            )
        if decoder.leapt_at_s is not None:
            return (
                f"{self.name}: its clock leaps by more than a day or begins anew after "
                f"{decoder.leapt_at_s:.1f} s; times go on there as if it had not."
            )
        if self.duration_s - end_s > max(1.0, 3 / (self._stream_fps or 25)):
            return (
                f"{self.name} ends at {end_s:.1f} s although it claims {self.duration_s:.1f} s: "
                "it is cut short."
            )
        return ""

    def close(self) -> None:
        """Close the file."""
        self._container.close()


class PictureFolder:
    """Pictures in order of their names, at a steady pace."""

    def __init__(
        self, pictures: tuple[Path, ...], *, name: str, every_s: float = 0.0, fps: float = 1.0
    ) -> None:
        """Read the first picture that can be read, to learn the size.

        Raises:
            SourceError: not one of them can be.
        """
        self._pictures = pictures
        self._every_s = every_s
        self.name = name
        self.fps = fps
        self.report = SourceReport()
        readable = (image for image in map(_read_picture, pictures) if image is not None)
        first = next(readable, None)
        if first is None:
            others = f", nor can the {len(pictures) - 1} others" if len(pictures) > 1 else ""
            raise SourceError(
                f"{pictures[0]}: cannot be read as a picture{others}; remove or replace it."
            )
        self.size_wh_px = (int(first.shape[1]), int(first.shape[0]))

    def __iter__(self) -> Iterator[Frame]:
        """Yield the readable pictures; unreadable ones are counted and named."""
        sampler = Sampler(self._every_s)
        for index, path in enumerate(self._pictures):
            if not sampler.wants(index / self.fps):
                continue
            image = _read_picture(path)
            if image is None:
                self.report.damaged += 1
                others = self.report.damaged - 1
                more = f", as {others} before it," if others else ""
                self.report.warning = f"{path}: cannot be read as a picture{more} and was skipped."
                continue
            self.report.read += 1
            yield Frame(index, index / self.fps, image)

    def close(self) -> None:
        """Nothing stays open between pictures."""


def _read_picture(path: Path) -> NDArray[np.uint8] | None:
    """Decode a picture, None if it cannot be; reads bytes first so that any path works."""
    data = np.frombuffer(path.read_bytes(), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return None if image is None else np.asarray(image, np.uint8)
