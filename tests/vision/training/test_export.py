"""The exported model says what the network says, at every input size."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("ultralytics", reason="the extra `models` is not installed")
pytest.importorskip("onnx", reason="the extra `models` is not installed")
pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")

from onnxruntime import InferenceSession  # noqa: E402

from vision.models.onnx_writing import write_onnx  # noqa: E402
from vision.training.classes import CLASS_NAMES  # noqa: E402
from vision.training.export import save, to_openvino, with_decoding  # noqa: E402
from vision.training.network import COCO_WEIGHTS, our_network  # noqa: E402

WEIGHTS = Path("../shared/weights") / COCO_WEIGHTS
pytestmark = [
    pytest.mark.models,
    pytest.mark.shared,
    pytest.mark.skipif(not WEIGHTS.exists(), reason="the COCO weights of ../shared are not here"),
]
EXACT = {"INFERENCE_PRECISION_HINT": "f32"}


@pytest.fixture(scope="module")
def network() -> Any:
    """The untrained network with our classes."""
    return our_network(WEIGHTS).eval()


@pytest.fixture(scope="module")
def exported(network: Any) -> Any:
    """The same network in OpenVINO, decoding appended."""
    return with_decoding(to_openvino(network))


@pytest.mark.parametrize("size_wh_px", [(160, 96), (96, 224)])
def test_boxes_and_scores_are_those_of_the_network(
    network: Any, exported: Any, size_wh_px: tuple[int, int]
) -> None:
    """Our decoding, built from the input's shape, agrees with ultralytics' own."""
    width, height = size_wh_px
    picture = np.random.default_rng(4).random((1, 3, height, width), np.float32)
    exported.reshape([1, 3, height, width])
    found = ov.Core().compile_model(exported, "CPU", EXACT)(picture)[0]
    with torch.no_grad():
        wanted = network(torch.from_numpy(picture))[0].numpy()
    assert found.shape == wanted.shape == (1, 4 + len(CLASS_NAMES), found.shape[2])
    assert np.allclose(found[:, :4], wanted[:, :4], atol=0.5)
    assert np.allclose(found[:, 4:], wanted[:, 4:], atol=0.01)


def test_as_onnx_it_says_the_same_too(exported: Any, tmp_path: Path) -> None:
    """The float model that a training run leaves, for where OpenVINO does not run."""
    exported.reshape([1, 3, -1, -1])
    save(exported, tmp_path)
    model = ov.Core().read_model(tmp_path / "model.xml")
    write_onnx(model, CLASS_NAMES, tmp_path / "model.onnx")
    picture = np.random.default_rng(4).random((1, 3, 96, 160), np.float32)
    (found,) = InferenceSession(tmp_path / "model.onnx").run(None, {"images": picture})
    model.reshape([1, 3, 96, 160])
    wanted = ov.Core().compile_model(model, "CPU", EXACT)(picture)[0]
    assert np.allclose(found[:, :4], wanted[:, :4], atol=0.02)
    assert np.allclose(found[:, 4:], wanted[:, 4:], atol=1e-4)


def test_the_height_and_width_stay_free(exported: Any) -> None:
    """After one size another can be asked for."""
    for height, width in ((64, 64), (128, 32)):
        exported.reshape([1, 3, height, width])
        anchors = sum((height // s) * (width // s) for s in (8, 16, 32))
        assert exported.output(0).shape == ov.Shape([1, 4 + len(CLASS_NAMES), anchors])
