"""Cameras that send a film over TCP as MPEG-TS, in its own time, and misbehave when asked to.

Run as `python -m benchmarks.live_cameras CLIP COUNT` it prints a JSON object for each camera with
its address, one for each connection with the time at which the first frame was sent, and at the
end one for each camera with how late it sent, 95 % of its frames less: a machine that is busy, or a
receiver that does not receive, lets it wait.
"""

import itertools
import json
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Self

import av
import av.error
from av.container import OutputContainer
from av.video.stream import VideoStream


@dataclass(frozen=True)
class Manners:
    """How a camera behaves.

    Attributes:
        fps: frames a second in which it sends; 0 takes the film's.
        hangs_up_s: ends a connection after so long; 0 never.
        lies_s: adds this to its time stamps each time that the film begins again.
    """

    fps: float = 0.0
    hangs_up_s: float = 0.0
    lies_s: float = 0.0


class Camera:
    """Listens on a port of its own, and sends each who connects the film from its beginning."""

    def __init__(
        self,
        film: Path,
        manners: Manners | None = None,
        on_sent: Callable[[float], None] = lambda _: None,
        port: int = 0,
    ) -> None:
        self._film = film
        self._manners = manners or Manners()
        self._on_sent = on_sent
        self._listener = socket.create_server(("127.0.0.1", port))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._lates_s: deque[float] = deque(maxlen=2000)
        self.connections = 0

    @property
    def address(self) -> str:
        """As `patrol watch` takes it."""
        return f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def late_s(self) -> float:
        """By how much it sent late, 95 % of its latest frames less."""
        lates_s = sorted(self._lates_s)
        return lates_s[len(lates_s) * 95 // 100] if lates_s else 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        # Closed alone it would still take the connection that its thread waits for.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line:
            try:
                self._send(_Writer(line))
            except (OSError, av.error.FFmpegError):
                return

    def _send(self, writer: "_Writer") -> None:
        manners, began_s = self._manners, time.time()
        with av.open(str(self._film)) as film:
            stream = film.streams.video[0]
            film_fps = float(stream.average_rate or 25)
            rate = manners.fps or film_fps
            packets = [packet for packet in film.demux(stream) if packet.dts is not None]
            unit = Fraction(packets[0].time_base or Fraction(1, 90_000))
            lap_s, first = len(packets) / film_fps, packets[0].dts or 0
            self._on_sent(began_s)
            for lap in itertools.count():
                if not lap or manners.lies_s:
                    # Whoever writes a stream refuses times that go back: another begins instead.
                    sent, out = _written(writer, stream)
                shift = round(lap * (lap_s + manners.lies_s) / unit) - first
                for within, packet in enumerate(packets):
                    sent.mux(_later(packet, out, shift))
                    number = lap * len(packets) + within
                    self._lates_s.append(time.time() - began_s - number / rate)
                    if self._stop.wait(max(0.0, began_s + (number + 1) / rate - time.time())):
                        return
                    if manners.hangs_up_s and time.time() - began_s > manners.hangs_up_s:
                        return


def _written(writer: "_Writer", like: VideoStream) -> tuple[OutputContainer, VideoStream]:
    sent = av.open(writer, "w", format="mpegts", options={"flush_packets": "1"})
    return sent, sent.add_stream_from_template(like)


def _later(packet: "av.Packet[Any]", out: VideoStream, shift: int) -> "av.Packet[Any]":
    """A copy of a packet for another stream, its time stamps moved."""
    copy: av.Packet[Any] = av.Packet(bytes(packet))
    copy.time_base, copy.stream = packet.time_base, out
    copy.is_keyframe = packet.is_keyframe
    dts = packet.dts or 0
    copy.dts, copy.pts = dts + shift, (dts if packet.pts is None else packet.pts) + shift
    return copy


class _Writer:
    """A socket as a file that can only be written."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def write(self, data: bytes) -> int:
        """Send everything."""
        self._line.sendall(data)
        return len(data)


def main(film: str, count: str) -> None:
    """Run cameras until the standard input ends."""
    telling = threading.Lock()

    def tell(row: dict[str, object]) -> None:
        with telling:
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()

    with ExitStack() as stack:
        cameras = [
            stack.enter_context(Camera(Path(film), on_sent=partial(_tell_sent, tell, number)))
            for number in range(int(count))
        ]
        for number, camera in enumerate(cameras):
            tell({"camera": number, "address": camera.address})
        sys.stdin.read()
        for number, camera in enumerate(cameras):
            tell({"camera": number, "late_s": camera.late_s})
    os._exit(0)


def _tell_sent(tell: Callable[[dict[str, object]], None], camera: int, at_s: float) -> None:
    tell({"camera": camera, "sent_at_s": at_s})


if __name__ == "__main__":
    main(*sys.argv[1:])
