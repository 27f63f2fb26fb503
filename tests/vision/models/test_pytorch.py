"""A tiny network of unknown origin, run by us and by ultralytics itself, sees the same."""

import warnings
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("ultralytics", reason="the extra `models` is not installed")
pytest.importorskip("onnx", reason="the extra `models` is not installed")
pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

from benchmarks.video_fps import _stand_in_for_torchvision  # noqa: E402
from tests.vision.builders import picture  # noqa: E402
from vision.detections import Detections  # noqa: E402
from vision.detector import Letterbox  # noqa: E402
from vision.engine.model_detector import ModelDetector  # noqa: E402
from vision.engine.settings import EngineSettings  # noqa: E402
from vision.errors import ModelError  # noqa: E402
from vision.frames import Frame  # noqa: E402
from vision.models.adding import Addition, add_model  # noqa: E402
from vision.models.pytorch import to_onnx  # noqa: E402
from vision.models.registry import load_model  # noqa: E402
from vision.training.network import YOLO, DetectionModel  # noqa: E402

pytestmark = pytest.mark.models
NAMES = dict(enumerate(("person", "truck", "bus", "dog", "car")))
MANY = 300
SIDE_PX = 320
FLOOR = 0.3
# Smooth, so that a rounding in one place is one in the next as well.
IMAGE = np.asarray(cv2.GaussianBlur(picture(400, 300), (31, 31), 6), np.uint8)


def tiny_network(kind: str, folder: Path) -> Path:
    """Write weights of a small random network that calls some boxes, of all scores."""
    torch.manual_seed(3)
    network = YOLO(f"{kind}n.yaml")
    network.model = DetectionModel(f"{kind}n.yaml", nc=len(NAMES), verbose=False)
    network.model.names = NAMES
    network.ckpt = {"train_args": {"imgsz": SIDE_PX, "task": "detect"}}
    # Untrained features fade from layer to layer; normalised once by a picture, they do not.
    for module in network.model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    blob = np.full((1, 256, SIDE_PX, 3), 114, np.uint8)
    Letterbox((0, 0, 400, 300), (SIDE_PX, 256)).fill(Frame(0, 0.0, IMAGE), blob)
    seen = torch.from_numpy(blob[..., ::-1].copy()).permute(0, 3, 1, 2).float() / 255
    network.model.train()(seen)
    for module in network.model.model[-1].modules():
        # Last layers of the scores, and of plain distances, which must not be below zero.
        last = isinstance(module, torch.nn.Conv2d) and module.out_channels
        if last in {len(NAMES), 4}:
            mean, spread = (-4.0, 1.5) if last == len(NAMES) else (3.0, 0.5)
            module.register_forward_hook(partial(_spread, mean, spread))
    with torch.no_grad():
        network.model.train()(seen)
    for module in network.model.modules():
        module._forward_hooks.clear()
    path = folder / f"{kind}.pt"
    network.save(path)
    return path


def _spread(mean: float, spread: float, layer: Any, _: Any, output: Any) -> None:
    """Scale a layer so that what it said just now has this mean and spread."""
    scale = spread / (output.std() + 1e-9)
    layer.weight.mul_(scale)
    layer.bias.sub_(output.mean()).mul_(scale).add_(mean)


def as_ultralytics_sees(weights: Path, **options: Any) -> Any:
    """Boxes, scores and classes of ultralytics' own prediction, as one array of six columns."""
    _stand_in_for_torchvision()
    predicted = YOLO(str(weights)).predict(
        IMAGE, imgsz=SIDE_PX, conf=FLOOR, iou=0.6, max_det=MANY, verbose=False, **options
    )
    return predicted[0].boxes.data.numpy()


def as_we_see(name: str, own: Path, device: str = "CPU") -> Detections:
    """The same by one of our engines, at the same size."""
    settings = EngineSettings(SIDE_PX, most_iou=0.6, continue_share=FLOOR / 0.25, device=device)
    detector = ModelDetector(load_model(name, own), settings)
    ((_, seen),) = detector.detect([Frame(0, 0.0, IMAGE)])
    return seen


def as_rows(seen: Detections) -> Any:
    """Boxes, scores and classes as one array of six columns."""
    return np.column_stack([seen.xyxy_px, seen.score, seen.class_id])


def assert_alike(seen: Detections, theirs: Any) -> None:
    """Each box of either has one of the other within a pixel and a hundredth."""
    assert 5 < len(theirs) < MANY
    ours = as_rows(seen)
    # Of two boxes whose scores differ by a rounding, the other may be the one that stays.
    assert _share_found(theirs, ours) >= 0.98
    assert _share_found(ours, theirs) >= 0.98


def _share_found(rows: Any, among: Any) -> float:
    """How many of the rows that are not just at the floor have their like."""
    found = []
    for row in rows[rows[:, 4] > FLOOR + 0.01]:
        off_px = np.abs(among[:, :4] - row[:4]).max(axis=1)
        near = (off_px < 1) & (np.abs(among[:, 4] - row[4]) < 0.01) & (among[:, 5] == row[5])
        found.append(bool(near.any()))
    return float(np.mean(found))


@pytest.mark.parametrize("kind", ["yolov8", "yolo11", "yolo12", "yolo26"])
def test_an_added_network_sees_what_ultralytics_sees(kind: str, tmp_path: Path) -> None:
    """Boxes within a pixel, scores within a hundredth, in float arithmetic."""
    weights = tiny_network(kind, tmp_path)
    own = tmp_path / "models"
    told_apart = {name: name for name in NAMES.values()}
    added = add_model(Addition(weights, "mine", told_apart, to_onnx), own)
    assert added.weights == "fp32"
    assert added.files.input_wh_px == (SIDE_PX, SIDE_PX)
    seen = as_we_see("mine", own)
    assert_alike(seen, as_ultralytics_sees(weights))
    # What runs it on NVIDIA's cards, here on the processor.
    assert_alike(as_we_see("mine", own, "onnx:cpu"), as_rows(seen))
    assert {path.name for path in (own / "mine").iterdir()} == {"model.onnx", "metadata.yaml"}


@pytest.mark.parametrize("options", [{"format": "onnx", "simplify": False}, {"format": "openvino"}])
def test_end_to_end_exports_are_run_as_they_are(options: dict[str, Any], tmp_path: Path) -> None:
    """The head that needs no suppression, of a fixed size, in both forms."""
    weights = tiny_network("yolo26", tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exported = _exported(weights, options)
    own = tmp_path / "models"
    told_apart = {name: name for name in NAMES.values()}
    added = add_model(Addition(exported, "mine", told_apart), own)
    assert added.files.input_wh_px == (SIDE_PX, 256)
    assert added.weights == "fp32"
    assert_alike(as_we_see("mine", own), as_ultralytics_sees(weights, nms=False))


def _exported(weights: Path, options: dict[str, Any]) -> Path:
    exported = YOLO(str(weights)).export(
        imgsz=[256, SIDE_PX], nms=False, max_det=MANY, verbose=False, **options
    )
    return Path(exported)


def test_other_tasks_and_damaged_weights_are_refused(tmp_path: Path) -> None:
    """A network that outlines things gives no boxes of ours; garbage is no network."""
    network = YOLO("yolo11n-seg.yaml")
    network.save(tmp_path / "seg.pt")
    (tmp_path / "bad.pt").write_bytes(b"not weights")
    own = tmp_path / "models"
    with pytest.raises(ModelError, match="task is segment; a detector is expected"):
        add_model(Addition(tmp_path / "seg.pt", converter=to_onnx), own)
    with pytest.raises(ModelError, match=r"bad\.pt: cannot be read as weights"):
        add_model(Addition(tmp_path / "bad.pt", converter=to_onnx), own)
    assert list(own.iterdir()) == []
