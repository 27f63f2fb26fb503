"""Frames a second from a video to sightings, against `yolo predict` and what parts alone allow.

Decoding and the engine share the processor, so that a frame costs at least what it costs each of
them alone: the bound is 1 / (1 / decoding + 1 / engine), both measured alone in the same run, on
all cores.
"""

import importlib
import os
import sys
import tempfile
import time
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import openvino
import yaml

from benchmarks.result import Benchmark, BenchmarkUnavailableError, Figure, Result
from benchmarks.shared_data import shared
from geofences.cells import Grid
from patrol.defaults import DEFAULT_MODEL
from vision.decoding import Decoder, open_container
from vision.engine.openvino import EngineSettings, OpenVinoDetector
from vision.models.registry import ModelFiles, load_model
from vision.opening import open_source
from vision.pipeline import GroundContext, Observers, watch
from vision.rules.schema import load_rules

VIDEO = "footage/street_traffic_opendatacam.mp4"
INPUT_WIDTH_PX = 640
INPUT_WH_PX = (640, 384)
FRAMES = 240
YOLO_FRAMES = 60
REACH = 0.9


def run() -> Result:
    """Run the same model at 640 x 384 on the same video in three ways, one after the other."""
    files = load_model(DEFAULT_MODEL)
    video = shared(VIDEO)
    bare_fps, decode_fps = _bare_fps(files), _decode_fps(video)
    ours_fps = _our_fps(files, video)
    yolo_fps = _yolo_fps(files, video)
    engine_fps = max(bare_fps, _bare_fps(files))
    decode_fps = max(decode_fps, _decode_fps(video))
    bound_fps = 1.0 / (1.0 / engine_fps + 1.0 / decode_fps)
    figures = {
        "end to end": Figure(ours_fps, "frames/s"),
        "bare engine": Figure(engine_fps, "frames/s"),
        "decoding alone": Figure(decode_fps, "frames/s"),
        "both together allow": Figure(bound_fps, "frames/s"),
        "against the bare engine": Figure(ours_fps / engine_fps, "times"),
        "yolo predict": Figure(yolo_fps, "frames/s"),
        "against yolo predict": Figure(ours_fps / yolo_fps, "times"),
    }
    ratio = ours_fps / bound_fps
    return Result(
        name=BENCHMARK.name,
        figures=figures,
        ratio=ratio,
        against="what decoding (PyAV, resized) and the bare engine allow together, both alone",
        reach=f"at least {REACH}",
        met=ratio >= REACH,
    )


def _our_fps(files: ModelFiles, video: Path) -> float:
    """Decode, detect, track and judge; timed from the first judged frame to the last."""
    detector = OpenVinoDetector(files, EngineSettings(input_width_px=INPUT_WIDTH_PX))
    source = open_source(str(video))
    stamps_s: list[float] = []
    observers = Observers(on_frame=lambda _: stamps_s.append(time.perf_counter()))
    for _ in watch(source, detector, load_rules(), GroundContext(grid=Grid(())), None, observers):
        continue
    source.close()
    return (len(stamps_s) - 1) / (stamps_s[-1] - stamps_s[0])


def _decode_fps(video: Path) -> float:
    """Decode and make small as for the engine, on all cores: a source for each at once."""
    cores = os.cpu_count() or 1
    began_s = time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        frames = sum(pool.map(_decoded, [video] * cores))
    return frames / (time.perf_counter() - began_s)


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


def _bare_fps(files: ModelFiles) -> float:
    """Infer on inputs that lie in memory: no video, no boxes, nothing but the engine."""
    core = openvino.Core()
    model = core.read_model(files.path)
    model.reshape([1, 3, INPUT_WH_PX[1], INPUT_WH_PX[0]])
    settings = {"PERFORMANCE_HINT": "THROUGHPUT"}
    if files.precision:
        settings["INFERENCE_PRECISION_HINT"] = files.precision
    queue = openvino.AsyncInferQueue(core.compile_model(model, "CPU", settings))
    picture = np.random.default_rng(1).random((1, 3, INPUT_WH_PX[1], INPUT_WH_PX[0]), np.float32)
    for warm_up in range(2):
        frames = FRAMES if warm_up else FRAMES // 10
        began_s = time.perf_counter()
        for _ in range(frames):
            queue.start_async({0: picture})
        queue.wait_all()
        took_s = time.perf_counter() - began_s
    return frames / took_s


def _yolo_fps(files: ModelFiles, video: Path) -> float:
    """Run `yolo predict` on the same video and the same weights, in the form that it reads."""
    try:
        # Sends ultralytics' settings away and tells it that it is offline, before it is imported.
        importlib.import_module("vision.training.network")
        ultralytics = importlib.import_module("ultralytics")
    except ImportError as error:
        raise BenchmarkUnavailableError(
            f"`yolo predict` needs the extra `models` ({error}); `make test` installs it."
        ) from error
    _stand_in_for_torchvision()
    with tempfile.TemporaryDirectory(suffix="_openvino_model") as folder:
        _write_for_ultralytics(files, Path(folder))
        model = ultralytics.YOLO(folder, task="detect")
        results = model.predict(
            str(video), stream=True, imgsz=(INPUT_WH_PX[1], INPUT_WH_PX[0]), verbose=False
        )
        stamps_s = [time.perf_counter() for _, _ in zip(range(YOLO_FRAMES), results, strict=False)]
    return (len(stamps_s) - 1) / (stamps_s[-1] - stamps_s[0])


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
