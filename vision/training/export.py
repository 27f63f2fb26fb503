"""From trained weights to the OpenVINO model that ships: int8 inside, decoding in float.

The network is converted up to its raw outputs, quantised, and only then given its decoding, built
from OpenVINO operations that follow the input's shape. So the decoding is exact, and the model
can be reshaped to any height and width that are multiples of 32.
"""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from openvino import opset13 as ops

from vision.models.quantising import nncf
from vision.training.halves import first_layers, last_layers
from vision.training.network import STRIDES_PX

_EXAMPLE_SIDE_PX = 640


class _RawOutputs(torch.nn.Module):  # type: ignore[misc]
    """The network without decoding: box distances and class logits of all anchors."""

    def __init__(self, network: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.model, self.save = network.model, network.save

    def forward(self, image: Any) -> Any:  # noqa: ANN401
        """Map (1, 3, H, W) to distances (1, 4, A) in strides and logits (1, classes, A)."""
        raw = last_layers(self, first_layers(self, image, 0), 0)
        return raw["boxes"], raw["scores"]


def to_openvino(network: Any) -> Any:  # noqa: ANN401
    """Convert the network, up to its raw outputs, with free height and width."""
    network.eval()
    example = torch.zeros(1, 3, _EXAMPLE_SIDE_PX, _EXAMPLE_SIDE_PX)
    with torch.no_grad(), warnings.catch_warnings():
        # OpenVINO still traces; torch would rather have it export.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        model = ov.convert_model(_RawOutputs(network), example_input=example)
    model.reshape([1, 3, -1, -1])
    return model


def quantised(raw_model: Any, images: Iterable[NDArray[np.float32]]) -> Any:  # noqa: ANN401
    """Return the int8 model; the images, (1, 3, H, W) in 0..1, show it the range of values."""
    calibration = list(images)
    return nncf.quantize(
        raw_model,
        nncf.Dataset(calibration),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(calibration),
    )


def with_decoding(raw_model: Any) -> Any:  # noqa: ANN401
    """Append the decoding: one output (1, 4 + classes, A), cx cy w h in pixels, then scores."""
    image = raw_model.inputs[0]
    distances, logits = (output.get_node().input_value(0) for output in raw_model.outputs)
    centres, strides = _anchors(image)
    near, far = ops.split(distances, np.int64(1), 2).outputs()
    low = ops.subtract(centres, near)
    high = ops.add(centres, far)
    boxes = ops.concat(
        [ops.multiply(ops.add(low, high), np.float32(0.5)), ops.subtract(high, low)], 1
    )
    result = ops.concat([ops.multiply(boxes, strides), ops.sigmoid(logits)], 1)
    result.output(0).set_names({"detections"})
    image.set_names({"images"})
    return ov.Model([ops.result(result)], [image.get_node()], "detector")


def save(model: Any, folder: Path) -> None:  # noqa: ANN401
    """Write `model.xml` and `model.bin` (what is still float, in half precision)."""
    folder.mkdir(parents=True, exist_ok=True)
    ov.save_model(model, folder / "model.xml", compress_to_fp16=True)


def _anchors(image: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Build anchor centres (1, 2, A), in strides, and strides (1, 1, A), from the input's shape."""
    shape = ops.shape_of(image)
    centres, strides = [], []
    for stride in STRIDES_PX:
        rows, columns = (
            ops.divide(ops.gather(shape, np.int64(axis), np.int64(0)), np.int64(stride))
            for axis in (2, 3)
        )
        grid = ops.concat(
            [ops.unsqueeze(rows, np.int64(0)), ops.unsqueeze(columns, np.int64(0))], 0
        )
        x = ops.broadcast(_midpoints(columns), grid)
        y = ops.broadcast(ops.unsqueeze(_midpoints(rows), np.int64(1)), grid)
        flat = [ops.reshape(axis, np.array([1, 1, -1]), special_zero=False) for axis in (x, y)]
        centres.append(ops.concat(flat, 1))
        strides.append(ops.add(ops.multiply(flat[0], np.float32(0)), np.float32(stride)))
    return ops.concat(centres, 2), ops.concat(strides, 2)


def _midpoints(count: Any) -> Any:  # noqa: ANN401
    steps = ops.range(np.int64(0), count, np.int64(1), "f32")
    return ops.add(steps, np.float32(0.5))
