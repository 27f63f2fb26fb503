"""Frames with time, from files, folders of pictures and live streams. The only reader of video."""

import glob
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from vision.decoding import (
    DecodedPicture,
    Decoder,
    decode_promptly,
    open_container,
    shown_address,
)
from vision.errors import SourceError
from vision.handover import DropOldest
from vision.live_packets import LATEST_S, FreshPackets
from vision.stream_clock import StreamClock

LIVE_SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "tcp", "http", "https")
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


class Frame:
    """One picture of a source at its time.

    A frame decoded from video keeps the decoder's own planes and converts them on demand, so a
    frame of which only a small picture is analysed never pays for its full size. `made_s` is the
    steady clock's time when it came from the network, or was decoded from a file, so that whoever
    uses it can tell how late he is.
    """

    __slots__ = ("_image", "_picture", "index", "made_s", "size_wh_px", "time_s")

    def __init__(
        self,
        index: int,
        time_s: float,
        image: NDArray[np.uint8] | DecodedPicture,
        made_s: float | None = None,
    ) -> None:
        self.index = index
        self.time_s = time_s
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


def open_source(address: str, *, every_s: float = 0.0, fps: float = 0.0) -> FrameSource:
    """Open a video file, a folder or glob of pictures, or a live stream.

    Args:
        address: path, glob pattern, or an address of one of LIVE_SCHEMES.
        every_s: least time between delivered frames in stream time; 0 delivers all.
        fps: pace of a folder of pictures; 0 means one a second.

    Raises:
        SourceError: nothing readable is there.
    """
    if address.split("://", 1)[0].lower() in LIVE_SCHEMES and "://" in address:
        return LiveVideo(address, every_s=every_s)
    path = Path(address)
    if path.is_file() and path.suffix.lower() not in PICTURE_SUFFIXES:
        return VideoFile(path, every_s=every_s)
    return PictureFolder(_pictures(address), name=path.name, every_s=every_s, fps=fps or 1.0)


def _pictures(address: str) -> tuple[Path, ...]:
    path = Path(address)
    found = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    if not found:
        found = sorted(Path(name) for name in glob.glob(address))  # noqa: PTH207 - absolute globs
    pictures = tuple(p for p in found if p.suffix.lower() in PICTURE_SUFFIXES)
    if pictures:
        return pictures
    if path.is_dir():
        raise SourceError(f"{address}: the folder holds no pictures (jpg, png, webp, bmp, tif).")
    raise SourceError(f"{address}: there is no such file, folder or matching picture; check it.")


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
        self.size_wh_px = (stream.width, stream.height)
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
        """Read the first picture to learn the size.

        Raises:
            SourceError: the first picture cannot be read.
        """
        self._pictures = pictures
        self._every_s = every_s
        self.name = name
        self.fps = fps
        self.report = SourceReport()
        first = _read_picture(pictures[0])
        if first is None:
            raise SourceError(f"{pictures[0]}: cannot be read as a picture; remove or replace it.")
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
                self.report.warning = f"{path}: cannot be read as a picture and was skipped."
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


@dataclass(frozen=True)
class LivePolicy:
    """How patient to be with a live stream.

    Attributes:
        stall_s: silence after which the connection is given up and made anew.
        give_up_s: time without a frame after which the source ends in an error.
        first_wait_s: wait before the first reconnection; doubles up to ``longest_wait_s``.
        longest_wait_s: longest wait between reconnections.
        capacity: frames kept for the consumer; the oldest are dropped beyond it. One is the newest
            whenever the consumer comes.
        waits: whether, instead, reading waits for the consumer and falls behind.
    """

    stall_s: float = 10.0
    give_up_s: float = 120.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    capacity: int = 1
    waits: bool = False


class LiveVideo:
    """A live stream: reconnects with growing waits, drops the oldest frames and counts them."""

    def __init__(
        self, address: str, *, every_s: float = 0.0, policy: LivePolicy | None = None
    ) -> None:
        """Open the stream once to learn its size.

        Raises:
            SourceError: the stream cannot be reached now.
        """
        self._address = address
        self._every_s = every_s
        self._policy = policy or LivePolicy()
        self._container = self._connect()
        stream = self._container.streams.video[0]
        self.name = shown_address(address)
        self.fps = min(float(stream.average_rate or 0) or 25.0, 1 / every_s if every_s else 1e9)
        self.size_wh_px = (stream.width, stream.height)
        self._report = SourceReport()
        self._left_out = 0
        self._frames = DropOldest(
            self._read, capacity=self._policy.capacity, waits=self._policy.waits
        )

    @property
    def report(self) -> SourceReport:
        """Counts so far."""
        self._report.dropped = self._frames.dropped + self._left_out
        return self._report

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames until closed.

        Raises:
            SourceError: no frame came for as long as the policy waits.
        """
        for frame in self._frames:
            self._report.read += 1
            yield frame

    def close(self) -> None:
        """Stop reading; iterating ends."""
        self._frames.close()

    def _connect(self) -> InputContainer:
        options = {"rtsp_transport": "tcp"} if self._address.startswith("rtsp") else {}
        container = open_container(self._address, options, self._policy.stall_s)
        decode_promptly(container)
        return container

    def _read(self, stopping: threading.Event) -> Iterator[Frame]:
        """Run in the reader's thread: decode, and connect anew when the stream breaks."""
        sampler, silent_since_s = Sampler(self._every_s), time.monotonic()
        container: InputContainer | None = self._container
        index, time_s = 0, 0.0
        wait_s = self._policy.first_wait_s
        while not stopping.is_set():
            if container is not None:
                for stamp_s, made_s, picture in self._pictures(container, time_s):
                    time_s = stamp_s
                    silent_since_s, wait_s = time.monotonic(), self._policy.first_wait_s
                    self._report.is_away = False
                    if sampler.wants(time_s):
                        yield Frame(index, time_s, picture, made_s)
                    index += 1
                    if stopping.is_set():
                        break
                self._report.is_away = True
                container.close()
            if stopping.wait(wait_s):
                break
            wait_s = min(wait_s * 2, self._policy.longest_wait_s)
            silent_s = time.monotonic() - silent_since_s
            container = self._reconnect(silent_s)
            time_s += silent_s

    def _pictures(
        self, container: InputContainer, offset_s: float
    ) -> Iterator[tuple[float, float, DecodedPicture]]:
        """Each picture with its time, and the steady clock's time when it came."""
        packets = FreshPackets(
            container.demux(container.streams.video[0]),
            math.inf if self._policy.waits else LATEST_S,
        )
        decoder = Decoder(container, offset_s=offset_s, packets=packets, clock=StreamClock())
        left_out = 0
        try:
            for time_s, picture in decoder.pictures():
                self._left_out += packets.left_out - left_out
                left_out = packets.left_out
                yield time_s, packets.arrived_s, picture
        finally:
            packets.close()
            self._report.damaged += decoder.damaged

    def _reconnect(self, silent_s: float) -> InputContainer | None:
        self._report.reconnects += 1
        try:
            return self._connect()
        except SourceError as error:
            if silent_s > self._policy.give_up_s:
                raise SourceError(
                    f"{self.name}: no picture for {silent_s:.0f} s and it cannot be reached "
                    "again; check the camera and the network."
                ) from error
            return None
