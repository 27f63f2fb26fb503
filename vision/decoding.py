"""Decode video with PyAV: step over damage, keep stream time, convert and resize in swscale."""

import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from vision.errors import SourceError
from vision.stream_clock import StreamClock

_MAX_DAMAGED_IN_A_ROW = 200
_MOST_DISTRUSTED = 250
# Recorders that wake for what moves pause for hours, not for days: then a time stamp is wrong.
_LONGEST_PAUSE_S = 86_400.0
# So many pictures in a row that lie before the last one: the clock begins anew, as in films that
# were joined end to end. Fewer are wrong stamps.
_MOST_BACK_S = 1.0
_BEGINS_ANEW = 3
# Cameras and servers that take what is secret among their parameters name it in many ways.
_SECRET = re.compile(r"(?i)([\w-]*(?:pass|pwd|token|secret|key|sign|auth)[\w-]*)=[^&;/?#]+")
# Of common processors one decodes more than twice as much.
_PIXELS_A_THREAD = 1920 * 1080 * 60


class _Scaler:
    """One swscale context a size and format, so that it is not set up for each frame."""

    def __init__(self) -> None:
        self._reformatters: dict[tuple[tuple[int, int], str], VideoReformatter] = {}
        self._lock = threading.Lock()

    def scaled(
        self, video: av.VideoFrame, size_wh_px: tuple[int, int], pixels: str
    ) -> NDArray[np.uint8]:
        width_px, height_px = size_wh_px
        with self._lock:
            reformatter = self._reformatters.setdefault((size_wh_px, pixels), VideoReformatter())
            scaled = reformatter.reformat(
                video, width_px, height_px, pixels, interpolation=Interpolation.FAST_BILINEAR
            )
        return np.asarray(scaled.to_ndarray(), np.uint8)


class DecodedPicture:
    """A decoded picture still in the decoder's own planes, converted when asked.

    It is shown as its film says that it is to be: films of telephones lie on their side, those of
    cameras that hang upside down stand on their head.
    """

    __slots__ = ("_quarter_turns", "_scaler", "_video", "size_wh_px")

    def __init__(self, video: av.VideoFrame, scaler: _Scaler) -> None:
        self._video = video
        self._scaler = scaler
        self._quarter_turns = round(video.rotation / 90) % 4
        self.size_wh_px = self._turned((video.width, video.height))

    def to_bgr(self, size_wh_px: tuple[int, int]) -> NDArray[np.uint8]:
        """The picture at a width and height, uint8 (h, w, 3) in BGR order."""
        return self._scaled(size_wh_px, "bgr24")

    def to_grey(self, size_wh_px: tuple[int, int]) -> NDArray[np.uint8]:
        """How bright it is at a width and height, uint8 (h, w); its colours are not converted."""
        return self._scaled(size_wh_px, "gray")

    def _scaled(self, size_wh_px: tuple[int, int], pixels: str) -> NDArray[np.uint8]:
        lying = self._scaler.scaled(self._video, self._turned(size_wh_px), pixels)
        if not self._quarter_turns:
            return lying
        return np.ascontiguousarray(np.rot90(lying, self._quarter_turns))

    def _turned(self, size_wh_px: tuple[int, int]) -> tuple[int, int]:
        width_px, height_px = size_wh_px
        return (height_px, width_px) if self._quarter_turns % 2 else (width_px, height_px)


def open_container(
    address: str, options: dict[str, str] | None = None, timeout_s: float | None = None
) -> InputContainer:
    """Open a file or stream for reading and make sure there is a picture track.

    Raises:
        SourceError: FFmpeg cannot open it or it holds no video.
    """
    try:
        container = av.open(address, options=options or {}, timeout=timeout_s)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        advice = "that it is complete and of a format FFmpeg reads"
        if "://" in address:
            advice = "the address, the camera and the network"
        reason = _reason(error, address, timeout_s)
        raise SourceError(
            f"{shown_address(address)}: cannot be opened as video ({reason}); check {advice}."
        ) from error
    if not container.streams.video:
        container.close()
        raise SourceError(f"{shown_address(address)}: holds no video track.")
    container.streams.video[0].thread_type = "AUTO"
    return container


def _reason(error: Exception, address: str, timeout_s: float | None) -> str:
    """Why a container cannot be opened, where FFmpeg says it in words of its own."""
    if isinstance(error, av.error.ExitError) and timeout_s is not None:
        return f"no video came within {timeout_s:g} s"
    if isinstance(error, av.error.ProtocolNotFoundError):
        return f"FFmpeg was built without {address.partition('://')[0]} here"
    return getattr(error, "strerror", None) or str(error)


def shown_size_px(film: Path) -> tuple[int, int]:
    """Width and height of a film's pictures as they are to be shown.

    How far they are turned is told with the first of them; where none can be decoded, it is the
    size that the film states.

    Raises:
        SourceError: FFmpeg cannot open the film, or it holds no pictures.
    """
    with open_container(str(film)) as container:
        stream = container.streams.video[0]
        decode_promptly(container)
        first = next(Decoder(container).pictures(), None)
        return (stream.width, stream.height) if first is None else first[1].size_wh_px


def decode_promptly(container: InputContainer) -> None:
    """Decode with as few threads as keep up: each that FFmpeg adds gives pictures one frame later.

    Args:
        container: of a live stream, of which nothing was decoded yet.
    """
    stream = container.streams.video[0]
    rate = float(stream.average_rate or 25)
    threads = max(1, round(stream.width * stream.height * rate / _PIXELS_A_THREAD))
    stream.thread_type = "FRAME" if threads > 1 else "NONE"
    stream.codec_context.thread_count = threads


def shown_address(address: str) -> str:
    """The address without user name, password and other secrets, for messages and names."""
    scheme, separator, rest = address.rpartition("://")
    if not separator:
        return address
    place = _SECRET.sub(r"\1=***", rest.rpartition("@")[2])
    return f"{scheme}{separator}{place}"


class Decoder:
    """Decodes one open container once, stepping over damage and counting it.

    Args:
        container: what is decoded.
        offset_s: time of its first picture.
        packets: of its pictures, None to read them here.
        clock: takes out the leaps of a live stream's times, None to trust them.

    Attributes:
        damaged: packets and pictures that were broken.
        broke_at_s: time of the last whole picture before the first damage, None without damage.
        last_time_s: time of the last whole picture.
        begins_s: the stream's own time where the pictures' times have their zero; None before the
            first picture.
        stamp_s: the stream's own time of the picture that was given last. Where it goes back by
            less than a leap, it stays behind the pictures' times, which do not.
        leapt_at_s: before which picture of a file its clock first leapt by more than a day or
            began anew, which is taken out; None if never.
    """

    def __init__(
        self,
        container: InputContainer,
        *,
        offset_s: float = 0.0,
        packets: Iterable["av.Packet[av.VideoStream]"] | None = None,
        clock: StreamClock | None = None,
    ) -> None:
        self._stream = container.streams.video[0]
        self._given = packets if packets is not None else container.demux(self._stream)
        self._clock = clock
        self._scaler = _Scaler()
        self._step_s = 1.0 / float(self._stream.average_rate or 25)
        self._offset_s = offset_s
        self._distrusted = self._behind = 0
        self.damaged = 0
        self.broke_at_s: float | None = None
        self.begins_s: float | None = None
        self.stamp_s = 0.0
        self.leapt_at_s: float | None = None
        self.last_time_s = offset_s - self._step_s

    def pictures(self) -> Iterator[tuple[float, DecodedPicture]]:
        """Yield every whole picture with its time, which starts at the offset and only grows."""
        for video in self._videos():
            stamp_s = video.time if video.time is not None else self.last_time_s + self._step_s
            begins_s = stamp_s - self._offset_s if self.begins_s is None else self.begins_s
            time_s = stamp_s - begins_s
            leap_s = self._leap_s(time_s)
            self.begins_s, time_s = begins_s + leap_s, time_s - leap_s
            if time_s <= self.last_time_s:
                time_s = self.last_time_s + self._step_s
            self.last_time_s, self.stamp_s = time_s, stamp_s
            yield time_s, DecodedPicture(video, self._scaler)

    def _leap_s(self, time_s: float) -> float:
        """By how much the clock leapt before this picture, 0 where it did not."""
        if self._clock is not None:
            return self._clock.leap_s(self.last_time_s, time_s)
        ahead_s = time_s - self.last_time_s
        self._behind = self._behind + 1 if ahead_s < -_MOST_BACK_S else 0
        if ahead_s <= _LONGEST_PAUSE_S and self._behind < _BEGINS_ANEW:
            return 0.0
        self._behind = 0
        if self.leapt_at_s is None:
            self.leapt_at_s = self.last_time_s
        return ahead_s - self._step_s

    def _videos(self) -> Iterator[av.VideoFrame]:
        in_a_row = 0
        for packet in self._packets():
            try:
                videos = packet.decode()
            except av.error.FFmpegError:
                in_a_row += 1
                self._distrusted = _MOST_DISTRUSTED
                self._damage()
                if in_a_row > _MAX_DAMAGED_IN_A_ROW:
                    return
                continue
            for video in videos:
                if self._is_whole(video):
                    in_a_row = 0
                    yield video

    def _is_whole(self, video: av.VideoFrame) -> bool:
        """Refuse pictures that were broken or lean on a broken one, up to the next key picture.

        A stream may never send another key picture, so the distrust ends after a while.
        """
        if video.is_corrupt:
            self._distrusted = _MOST_DISTRUSTED
            self._damage()
            return False
        if video.key_frame:
            self._distrusted = 0
        if self._distrusted:
            self._distrusted -= 1
            self._damage()
            return False
        return True

    def _packets(self) -> Iterator["av.Packet[av.VideoStream]"]:
        try:
            yield from self._given
        except (av.error.FFmpegError, OSError):
            self._damage()

    def _damage(self) -> None:
        self.damaged += 1
        if self.broke_at_s is None:
            self.broke_at_s = self.last_time_s
