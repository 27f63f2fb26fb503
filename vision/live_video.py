"""Live streams: the newest picture, whatever the network, the camera and its clock do."""

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

import av
from av.container import InputContainer

from vision.awaiting import AwaitingFrames
from vision.backlog import Backlog
from vision.decoding import (
    DecodedPicture,
    Decoder,
    decode_promptly,
    open_container,
    shown_address,
)
from vision.errors import SourceError
from vision.frames import Frame, Sampler, SourceReport
from vision.handover import DropOldest
from vision.interruptible import interruptible
from vision.live_packets import LATEST_S, FreshPackets
from vision.stream_clock import StreamClock
from vision.telemetry.stream_misb import StreamTelemetry

# Of a stream that gives its times otherwise than they pass not much is lost.
_MOST_BUFFERED_S = 5.0
# RTMP says at once what it sends, unless there is no sound: FFmpeg waits 5 s for it, and with the
# wait for a key picture, which comes first, the stream would be given up.
_OPTIONS = {"rtsp": {"rtsp_transport": "tcp"}, "rtmp": {"analyzeduration": "1000000"}}
_KLV = "klv"
LIVE_SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "tcp", "http", "https")

_Packet: TypeAlias = "av.Packet[av.VideoStream]"


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
    """A live stream: reconnects with growing waits, drops the oldest frames and counts them.

    Attributes:
        size_wh_px: of its pictures; zeros where nobody knows before the first has come.
        bears_misb: whether telemetry goes with its pictures.
    """

    def __init__(
        self, address: str, *, every_s: float = 0.0, policy: LivePolicy | None = None
    ) -> None:
        """Open the stream once to learn its size.

        Raises:
            SourceError: the stream cannot be reached now.
        """
        scheme, separator, rest = address.partition("://")
        self._address = f"{scheme.lower()}{separator}{rest}"
        self._every_s = every_s
        self._policy = policy or LivePolicy()
        # A stream that is not there may be waited for long, in FFmpeg, where no Ctrl-C is heard.
        self._container = interruptible(self._connect, "connect")
        stream = self._container.streams.video[0]
        self.name = shown_address(address)
        self.fps = min(float(stream.average_rate or 0) or 25.0, 1 / every_s if every_s else 1e9)
        self.size_wh_px = (stream.width, stream.height)
        self.bears_misb = any(each.name == _KLV for each in self._container.streams)
        self._telemetry: StreamTelemetry | None = None
        self._awaiting: AwaitingFrames | None = None
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

    def hear(self, offset_s: float = 0.0) -> StreamTelemetry:
        """Begin to read, for telemetry that is wanted before the first frame is.

        From then on a frame waits for the pose of its moment before it is given.

        Args:
            offset_s: added to a picture's time to have that of its pose.
        """
        self._telemetry = StreamTelemetry(self.name, offset_s)
        self._awaiting = AwaitingFrames(self._telemetry.has_reached)
        self._frames.start()
        return self._telemetry

    def close(self) -> None:
        """Stop reading; iterating ends."""
        self._frames.close()

    def _connect(self) -> InputContainer:
        self._asked_s = time.monotonic()
        scheme = self._address.partition("://")[0]
        container = open_container(
            self._address, _OPTIONS.get(scheme.removesuffix("s"), {}), self._policy.stall_s
        )
        decode_promptly(container)
        return container

    def _read(self, stopping: threading.Event) -> Iterator[Frame]:
        """Run in the reader's thread: decode, and connect anew when the stream breaks."""
        sampler, silent_since_s = Sampler(self._every_s), time.monotonic()
        container: InputContainer | None = self._container
        index, breaks, time_s, starts_s = 0, 0, 0.0, 0.0
        wait_s = self._policy.first_wait_s
        while not stopping.is_set():
            if container is not None:
                backlog = Backlog(self._buffered_s())
                for stamp_s, made_s, picture in self._pictures(container, starts_s):
                    time_s = stamp_s
                    if not all(self.size_wh_px):
                        self.size_wh_px = picture.size_wh_px
                    silent_since_s, wait_s = time.monotonic(), self._policy.first_wait_s
                    self._report.is_away = False
                    is_old = backlog.holds(time_s, made_s)
                    if not is_old and sampler.wants(time_s):
                        yield from self._placed(Frame(index, time_s, picture, made_s, breaks))
                    elif self._awaiting is not None:
                        yield from self._awaiting.due()
                    index += 1
                    if stopping.is_set():
                        break
                if self._awaiting is not None:
                    yield from self._awaiting.rest()
                self._report.is_away = True
                breaks += 1
                container.close()
            if stopping.wait(wait_s):
                break
            wait_s = min(wait_s * 2, self._policy.longest_wait_s)
            container = self._reconnect(time.monotonic() - silent_since_s)
            # Its pictures follow the last that came, by the time that passed until it was asked.
            starts_s = time_s + self._asked_s - silent_since_s

    def _placed(self, frame: Frame) -> Iterator[Frame]:
        """The frame, or those before it, whose telemetry has come by now."""
        if self._awaiting is None:
            yield frame
            return
        self._awaiting.put(frame)
        yield from self._awaiting.due()

    def _buffered_s(self) -> float:
        """How much may have come while the stream was opened."""
        passed_s = time.monotonic() - self._asked_s
        return 0.0 if self._policy.waits else min(passed_s, _MOST_BUFFERED_S)

    def _pictures(
        self, container: InputContainer, offset_s: float
    ) -> Iterator[tuple[float, float, DecodedPicture]]:
        """Each picture with its time, and the steady clock's time when it came."""
        packets = self._packets(container)
        decoder = Decoder(container, offset_s=offset_s, packets=packets, clock=StreamClock())
        left_out = 0
        try:
            for time_s, picture in decoder.pictures():
                self._left_out += packets.left_out - left_out
                left_out = packets.left_out
                if self._telemetry is not None:
                    self._telemetry.lay(time_s, decoder.stamp_s - time_s, packets.arrived_s)
                yield time_s, packets.arrived_s, picture
        finally:
            packets.close()
            self._report.damaged += decoder.damaged

    def _packets(self, container: InputContainer) -> "FreshPackets[_Packet]":
        latest_s = math.inf if self._policy.waits else LATEST_S
        telemetry = self._telemetry
        if telemetry is None:
            return FreshPackets(container.demux(container.streams.video[0]), latest_s)
        telemetry.begin()
        return FreshPackets(_heard(container, telemetry), latest_s)

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


def _heard(container: InputContainer, telemetry: StreamTelemetry) -> Iterator["_Packet"]:
    """The packets of the pictures; those of telemetry go to it as they come."""
    video = container.streams.video[0]
    heard = [each for each in container.streams if each.name == _KLV]
    picture_s: float | None = None
    for packet in container.demux([video, *heard]):
        at_s = None if packet.pts is None else float(packet.pts * packet.time_base)
        if packet.stream.index == video.index:
            picture_s = picture_s if at_s is None else at_s
            yield cast("_Packet", packet)
        elif packet.size:
            telemetry.take(bytes(packet), at_s, picture_s, packet.stream.index)
