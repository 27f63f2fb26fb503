"""Frames a second from a video to sightings, against `yolo predict` and what parts alone allow.

Decoding and the engine share the processor, so that a frame costs at least what it costs each of
them alone: the bound is 1 / (1 / decoding + 1 / engine), both measured alone in the same run, on
all cores. The same bound over `yolo predict` on the same OpenVINO model is the most that anything
which looks at every frame with this model can reach against it; it stands among the figures.

Frames a second are those of a quiet machine. The processor time of each part is told as well,
which others who want the machine lengthen far less: what ours takes beyond decoding and engine is
our own.
"""

import importlib
import os
import sys
import tempfile
import time
import types
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import yaml

from benchmarks.result import Benchmark, BenchmarkUnavailableError, Figure, Result
from benchmarks.shared_data import shared
from geofences.cells import Grid
from patrol.defaults import DEFAULT_MODEL
from vision.decoding import Decoder, open_container
from vision.engine.model_detector import ModelDetector
from vision.engine.settings import EngineSettings
from vision.ground_context import GroundContext
from vision.models.registry import ModelFiles, load_model
from vision.opening import open_source
from vision.pipeline import Observers, watch
from vision.rules.schema import load_rules

VIDEO = "footage/street_traffic_opendatacam.mp4"
INPUT_WIDTH_PX = 640
INPUT_WH_PX = (640, 384)
FRAMES = 240
YOLO_FRAMES = 60
REACH = 0.9
WEIGHTS = "weights/yolo26n_coco_init.safetensors"


@dataclass(frozen=True)
class Pace:
    """How fast frames went.

    Attributes:
        fps: frames a second of wall time.
        used_ms: processor time a frame, of all threads.
    """

    fps: float
    used_ms: float


def run() -> Result:
    """Run the same model at 640 x 384 on the same video in three ways, one after the other."""
    files = load_model(DEFAULT_MODEL)
    video = shared(VIDEO)
    engines, decodes = [_bare(files)], [_decoding(video)]
    ours = _ours(files, video)
    yolo_fps, yolo_pt_fps = _yolo_fps(files, video), _yolo_pt_fps(video)
    engines.append(_bare(files))
    decodes.append(_decoding(video))
    engine, decode = (max(each, key=lambda pace: pace.fps) for each in (engines, decodes))
    bound_fps = 1.0 / (1.0 / engine.fps + 1.0 / decode.fps)
    used_alone_ms = sum(pace.used_ms for pace in (*engines, *decodes)) / 2
    ratio = ours.fps / bound_fps
    return Result(
        name=BENCHMARK.name,
        figures={
            "end to end": Figure(ours.fps, "frames/s"),
            "bare engine": Figure(engine.fps, "frames/s"),
            "decoding alone": Figure(decode.fps, "frames/s"),
            "both together allow": Figure(bound_fps, "frames/s"),
            "against the bare engine": Figure(ours.fps / engine.fps, "times"),
            "yolo predict": Figure(yolo_fps, "frames/s"),
            "against yolo predict": Figure(ours.fps / yolo_fps, "times"),
            "the bound against yolo predict": Figure(bound_fps / yolo_fps, "times"),
            "yolo predict, .pt": Figure(yolo_pt_fps, "frames/s"),
            "against yolo predict, .pt": Figure(ours.fps / yolo_pt_fps, "times"),
            "end to end, processor": Figure(ours.used_ms, "ms a frame"),
            "of it our own": Figure(ours.used_ms - used_alone_ms, "ms a frame"),
            "load average": Figure(os.getloadavg()[0], "processes"),
        },
        ratio=ratio,
        against="what decoding (PyAV, resized) and the bare engine allow together, both alone",
        reach=f"at least {REACH}",
        met=ratio >= REACH,
    )


def _ours(files: ModelFiles, video: Path) -> Pace:
    """Decode, detect, track and judge; timed from the first judged frame to the last."""
    detector = ModelDetector(files, EngineSettings(input_width_px=INPUT_WIDTH_PX))
    source = open_source(str(video))
    stamps_s: list[tuple[float, float]] = []
    observers = Observers(
        on_frame=lambda _: stamps_s.append((time.perf_counter(), time.process_time()))
    )
    for _ in watch(source, detector, load_rules(), GroundContext(grid=Grid(())), None, observers):
        continue
    source.close()
    (began_s, used_before_s), (ended_s, used_s) = stamps_s[0], stamps_s[-1]
    frames = len(stamps_s) - 1
    return Pace(frames / (ended_s - began_s), 1000 * (used_s - used_before_s) / frames)


def _paced(work: Callable[[], int]) -> Pace:
    """How fast something goes that tells how many frames it did."""
    began_s, used_before_s = time.perf_counter(), time.process_time()
    frames = work()
    took_s, used_s = time.perf_counter() - began_s, time.process_time() - used_before_s
    return Pace(frames / took_s, 1000 * used_s / frames)


def _decoding(video: Path) -> Pace:
    """Decode and make small as for the engine, on all cores: a source for each at once."""
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        return _paced(lambda: sum(pool.map(_decoded, [video] * cores)))


def _decoded(video: Path) -> int:
    """Decode a video once; returns how many frames it has."""
    container = open_container(str(video))
    size = container.streams.video[0]
    small_wh_px = (INPUT_WH_PX[0], round(INPUT_WH_PX[0] * size.height / size.width))
    frames = 0
    for _, picture in Decoder(container).pictures():
        picture.to_bgr(small_wh_px)
        frames += 1
    container.close()
    return frames


def _bare(files: ModelFiles) -> Pace:
    """Infer on inputs that lie in memory: no video, no boxes, nothing but the engine."""
    core = openvino.Core()
    model = core.read_model(files.path)
    model.reshape([1, 3, INPUT_WH_PX[1], INPUT_WH_PX[0]])
    settings = {"PERFORMANCE_HINT": "THROUGHPUT"}
    if files.precision:
        settings["INFERENCE_PRECISION_HINT"] = files.precision
    queue = openvino.AsyncInferQueue(core.compile_model(model, "CPU", settings))
    picture = np.random.default_rng(1).random((1, 3, INPUT_WH_PX[1], INPUT_WH_PX[0]), np.float32)

    def infer(frames: int) -> int:
        for _ in range(frames):
            queue.start_async({0: picture})
        queue.wait_all()
        return frames

    infer(FRAMES // 10)
    return _paced(lambda: infer(FRAMES))


def _yolo_fps(files: ModelFiles, video: Path) -> float:
    """Run `yolo predict` on the same video and the same weights, in the form that it reads."""
    with tempfile.TemporaryDirectory(suffix="_openvino_model") as folder:
        _write_for_ultralytics(files, Path(folder))
        return _predicting_fps(folder, video)


def _yolo_pt_fps(video: Path) -> float:
    """Run `yolo predict` on the same video and the same network as a `.pt`, on the processor.

    Its weights are those that training began from, as the shipped ones are kept for OpenVINO only.
    """
    network = _extra("vision.training.network").our_network(shared(WEIGHTS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        _extra("torch").save({"model": network, "train_args": {}}, path)
        return _predicting_fps(str(path), video)


def _predicting_fps(model: str, video: Path) -> float:
    # Sends ultralytics' settings away and tells it that it is offline, before it is imported.
    _extra("vision.training.network")
    _stand_in_for_torchvision()
    results = (
        _extra("ultralytics")
        .YOLO(model, task="detect")
        .predict(
            str(video),
            stream=True,
            imgsz=(INPUT_WH_PX[1], INPUT_WH_PX[0]),
            verbose=False,
            device="cpu",
        )
    )
    stamps_s = [time.perf_counter() for _, _ in zip(range(YOLO_FRAMES), results, strict=False)]
    return (len(stamps_s) - 1) / (stamps_s[-1] - stamps_s[0])


def _extra(module: str) -> Any:  # noqa: ANN401 - a module without types
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BenchmarkUnavailableError(
            f"`yolo predict` needs the extra `models` ({error}); `make test` installs it."
        ) from error


def _stand_in_for_torchvision() -> None:
    """Let ultralytics use its own box suppression where torchvision does not load.

    Beside a CPU build of torch the registry's torchvision is a CUDA build without operators, and
    `yolo predict` on a video imports it for nothing but `ops.nms`.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        stand_in = types.ModuleType("torchvision")
        suppression = importlib.import_module("ultralytics.utils.nms").TorchNMS
        stand_in.ops = types.SimpleNamespace(nms=suppression.nms)  # type: ignore[attr-defined]
        sys.modules["torchvision"] = stand_in


def _write_for_ultralytics(files: ModelFiles, folder: Path) -> None:
    model = openvino.Core().read_model(files.path)
    model.reshape([1, 3, INPUT_WH_PX[1], INPUT_WH_PX[0]])
    openvino.save_model(model, folder / "model.xml", compress_to_fp16=False)
    metadata = {
        "task": "detect",
        "stride": 32,
        "batch": 1,
        "imgsz": [INPUT_WH_PX[1], INPUT_WH_PX[0]],
        "names": dict(enumerate(files.class_names)),
    }
    (folder / "metadata.yaml").write_text(yaml.safe_dump(metadata), encoding="utf-8")


BENCHMARK = Benchmark(
    "video-fps",
    "frames/s end to end against decoding and engine alone, and `yolo predict`",
    run,
)
