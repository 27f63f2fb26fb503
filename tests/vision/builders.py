"""Small clips, poses, models and detectors that tests build for themselves."""

import socket
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13 as ops

from geofences.geodesy import LonLat
from geofences.view import Camera, CameraPose, PoseErrors
from vision.detections import Detections
from vision.frames import Frame, SourceReport

SHARED_FOOTAGE = Path(__file__).parents[2].parent / "shared" / "footage"
NAMES = ("person", "car", "fire")
THRESHOLDS = (0.3, 0.3, 0.3)
CAMERA = Camera("test", 1280, 720, 70.0)
HOME = LonLat(115.62, 33.16)
EXACT = PoseErrors(0.0, 0.0, 0.0, 0.0)
NOISY = PoseErrors(0.6, 0.3, 1.5, 0.4)


def write_clip(
    path: Path, count: int = 30, *, fps: int = 10, size_wh_px: tuple[int, int] = (160, 96)
) -> Path:
    """Write a clip in which picture i is as bright as its number times four."""
    width_px, height_px = size_wh_px
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": "10", "crf": "10"}
        noise = np.random.default_rng(1).integers(0, 60, (height_px, width_px, 3))
        for index in range(count):
            image = np.clip(noise + index * 4, 0, 255).astype(np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, "bgr24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def serve(stream: bytes, times: int, *, on: bool = False) -> tuple[threading.Thread, str]:
    """Send a stream to each of so many connections and hang up; the server and its address.

    Args:
        stream: what is sent.
        times: how many may connect, one after another.
        on: whether it is sent again and again, until the other side hangs up.
    """
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with server:
            for _ in range(times):
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    connection.sendall(stream)
                    while on:
                        connection.sendall(stream)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, f"tcp://127.0.0.1:{server.getsockname()[1]}"


def turn_clip(path: Path, clockwise_deg: int) -> Path:
    """Make a film say that it is to be shown turned, as telephones do (ISO 14496-12, tkhd)."""
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[clockwise_deg]
    written = path.read_bytes()
    matrix_at = written.index(b"tkhd") + 44
    matrix = struct.pack(">9i", cos << 16, sin << 16, 0, -sin << 16, cos << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(written[:matrix_at] + matrix + written[matrix_at + len(matrix) :])
    return path


def pose(
    north_m: float = 0.0,
    *,
    time_s: float = 0.0,
    pitch_deg: float = -60.0,
    heading_deg: float = 0.0,
    errors: PoseErrors = EXACT,
) -> CameraPose:
    """A pose 40 m above ground, some metres north of HOME."""
    position = LonLat(HOME.lon_deg, HOME.lat_deg + north_m / 110_919.0)
    return CameraPose(time_s, position, 40.0, heading_deg, pitch_deg, 0.0, errors)


def boxes(*rows: tuple[Sequence[float], float, int]) -> Detections:
    """Detections from rows of (box, score, class id)."""
    return Detections.of(
        np.array([row[0] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int32),
    )


def picture(width_px: int = 1280, height_px: int = 720) -> NDArray[np.uint8]:
    """A picture with texture, uint8 BGR."""
    rng = np.random.default_rng(7)
    return rng.integers(0, 255, (height_px, width_px, 3)).astype(np.uint8)


@dataclass(eq=False)
class ScriptedDetector:
    """A detector that knows beforehand what is in each frame; its model may be exchanged."""

    script: Mapping[int, Detections]
    class_names: tuple[str, ...] = NAMES
    thresholds: tuple[float, ...] = THRESHOLDS

    scale: float = 1.0
    model: str = "script"

    def scale_of(self, size_wh_px: tuple[int, int]) -> float:  # noqa: ARG002
        """The same for each size."""
        return self.scale

    def detect(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Detections]]:
        """Yield what the script says."""
        for frame in frames:
            yield frame, self.script.get(frame.index, Detections.empty())


@dataclass
class BlankSource:
    """Frames of one grey picture at a steady pace."""

    count: int
    fps: float = 10.0
    size_wh_px: tuple[int, int] = (1280, 720)
    name: str = "blank"
    report: SourceReport = field(default_factory=SourceReport)

    def close(self) -> None:
        """Nothing is open."""

    def __iter__(self) -> Iterator[Frame]:
        image = np.full((self.size_wh_px[1], self.size_wh_px[0], 3), 90, np.uint8)
        for index in range(self.count):
            yield Frame(index, index / self.fps, image)


def write_model(
    folder: Path, rows: NDArray[np.float32], *, names: Sequence[str] = NAMES, extra: str = ""
) -> Path:
    """Write a model that answers every picture with the same rows, whatever it shows."""
    folder.mkdir(parents=True, exist_ok=True)
    parameter = ops.parameter([1, 3, -1, -1], np.float32, name="images")
    nothing = ops.multiply(
        ops.reduce_max(parameter, ops.constant(np.array([0, 1, 2, 3])), keep_dims=False),
        ops.constant(np.float32(0)),
    )
    answer = ops.add(ops.constant(rows[None].astype(np.float32)), nothing)
    openvino.save_model(openvino.Model([answer], [parameter]), folder / "model.xml")
    listed = "\n".join(f"  - {name}" for name in names)
    (folder / "metadata.yaml").write_text(f"names:\n{listed}\ninput_wh_px: [160, 96]\n{extra}")
    return folder
