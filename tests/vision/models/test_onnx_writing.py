"""What was trained here says the same as ONNX as it does in OpenVINO's form."""

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import pytest
from openvino import opset13 as ops

pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
pytest.importorskip("onnx", reason="the extra `models` is not installed")

import onnxruntime

from vision.engine.model_detector import ModelDetector
from vision.engine.settings import EngineSettings
from vision.errors import ModelError
from vision.models.exporting import Export, export_model
from vision.models.onnx_writing import write_onnx
from vision.models.registry import load_model
from vision.opening import open_source

pytestmark = pytest.mark.models
EXACT = {"INFERENCE_PRECISION_HINT": "f32"}


def without_rounding(model: openvino.Model) -> openvino.Model:
    """The same network with nothing rounded between its layers, and its weights in float."""
    for node in model.get_ordered_ops():
        instead = None
        if node.get_type_name() == "FakeQuantize":
            instead = node.input_value(0)
        elif node.get_friendly_name().endswith("/fq_weights_1"):
            few_bits, scale = (node.input_value(place).get_node() for place in (0, 1))
            kernel = few_bits.input_value(0).get_node().get_data().astype(np.float32)
            instead = ops.constant(kernel * scale.get_data()).output(0)
        for target in node.output(0).get_target_inputs() if instead else ():
            target.replace_source_output(instead)
    return model


@pytest.mark.parametrize("size_wh_px", [(160, 96), (96, 224)])
def test_the_shipped_network_says_the_same_at_every_size(
    size_wh_px: tuple[int, int], tmp_path: Path
) -> None:
    """Boxes within a hundredth of a pixel and scores within a millionth or so, by two engines."""
    width, height = size_wh_px
    model = without_rounding(openvino.Core().read_model(load_model("patrol9").path))
    write_onnx(model, ("a", "b"), tmp_path / "model.onnx")
    picture = np.random.default_rng(4).random((1, 3, height, width), np.float32)
    model.reshape([1, 3, height, width])
    wanted = openvino.Core().compile_model(model, "CPU", EXACT)(picture)[0]
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (found,) = session.run(None, {session.get_inputs()[0].name: picture})
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found[:, :4], wanted[:, :4], atol=0.02)
    np.testing.assert_allclose(found[:, 4:], wanted[:, 4:], atol=1e-4)


def test_the_shipped_detector_goes_where_openvino_does_not(tmp_path: Path) -> None:
    """Exported and run by ONNX Runtime it tells what it tells here, rounding apart."""
    shipped = load_model("patrol9")
    asked = Export("onnx", tmp_path / "out", writer=write_onnx)
    assert export_model(shipped, asked) == "fp32"
    sure = EngineSettings(input_width_px=640, continue_share=1.0)
    near = ModelDetector(shipped, sure)
    carried = load_model(tmp_path / "out")
    far = ModelDetector(carried, replace(sure, device="onnx:cpu"))
    assert (far.class_names, far.thresholds) == (near.class_names, near.thresholds)
    frames = list(islice(open_source("sample_footage/road_patrol.mp4", every_s=0.5), 4))
    pairs = list(zip(near.detect(frames), far.detect(frames), strict=True))
    told = sum(len(seen) for (_, seen), _ in pairs)
    alike = sum(_found(seen, other) for (_, seen), (_, other) in pairs)
    assert told >= 5
    assert alike >= 0.8 * told


def _found(seen: Any, other: Any) -> int:
    """How many boxes have one of the same class within five pixels."""
    return sum(
        bool(((np.abs(other.xyxy_px - box).max(axis=1) < 5) & (other.class_id == kind)).any())
        for box, kind in zip(seen.xyxy_px, seen.class_id, strict=True)
    )


def test_the_same_model_is_the_same_file(tmp_path: Path) -> None:
    """So that its hash tells whether it is the one that was meant."""
    for name in ("one", "other"):
        model = openvino.Core().read_model(load_model("patrol9").path)
        write_onnx(model, ("a", "b"), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_groups_of_channels_and_products_turn_as_they_should(tmp_path: Path) -> None:
    """Operations that the two forms tell differently, on numbers that are all different."""
    image = ops.parameter([1, 3, -1, -1], np.float32, name="image")
    kernel = np.arange(1, 28, dtype=np.float32).reshape(3, 1, 1, 3, 3)
    grouped = ops.group_convolution(image, kernel, [1, 1], [1, 1], [1, 1], [1, 1])
    first, second = ops.variadic_split(grouped, 1, np.array([1, 2])).outputs()
    joined = ops.concat([second, first], 1)
    product = ops.matmul(joined, joined, transpose_a=True, transpose_b=False)
    turned = ops.matmul(product, joined, transpose_a=False, transpose_b=True)
    model = openvino.Model([ops.result(turned)], [image])
    write_onnx(model, (), tmp_path / "model.onnx")
    picture = np.random.default_rng(1).random((1, 3, 6, 5), np.float32)
    model.reshape([1, 3, 6, 5])
    wanted = openvino.Core().compile_model(model, "CPU", EXACT)(picture)[0]
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (found,) = session.run(None, {"images": picture})
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


@pytest.mark.parametrize(
    "unknown",
    [
        lambda image: ops.cos(image, name="unknown"),
        lambda image: ops.max_pool(
            image, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2], "ceil", name="unknown"
        ).output(0),
    ],
)
def test_what_our_networks_do_not_have_is_refused(unknown: Any, tmp_path: Path) -> None:
    """By its name, and nothing is written."""
    image = ops.parameter([1, 3, -1, -1], np.float32, name="image")
    model = openvino.Model([ops.result(unknown(image))], [image])
    with pytest.raises(ModelError, match=r"unknown: a (Cos|MaxPool) of a kind"):
        write_onnx(model, (), tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()
