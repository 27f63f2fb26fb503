"""A small .onnx whose answer hangs on the colours of the picture, to compare engines by."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.vision.builders import NAMES
from vision.models.registry import ModelFiles

# Two rows of x1 y1 x2 y2 score class on a black picture, and what full red, green and blue add.
BASE = np.array([[10, 20, 60, 80, 0.5, 1], [90, 20, 140, 90, 0.4, 0]], np.float32)
RED = np.array([[8, 0, 8, 0, 0.4, 0], [0, 0, 0, 0, 0, 0]], np.float32)
GREEN = np.array([[0, 0, 0, 0, 0, 0], [0, 4, 0, 4, 0.2, 0]], np.float32)
BLUE = np.array([[0, -16, 0, 0, 0, 0], [0, 0, 0, 0, 0.3, 0]], np.float32)


def write_onnx(path: Path, *, base: np.ndarray = BASE, half: bool = False) -> ModelFiles:
    """Write it, with free height and width, in single precision or half."""
    kind = np.float16 if half else np.float32
    told = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    shares = np.stack([RED, GREEN, BLUE]).reshape(3, 12)
    constants = {
        "shares": shares.astype(kind),
        "base": base[None].astype(kind),
        "shape": np.array([1, 2, 6]),
    }
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["means", "shares"], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], ["added"]),
        helper.make_node("Add", ["added", "base"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("images", told, ["batch", 3, "height", "width"])],
        [helper.make_tensor_value_info("output0", told, [1, 2, 6])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
    return ModelFiles("colours", path, class_names=NAMES, input_wh_px=(160, 96), precision="f32")
