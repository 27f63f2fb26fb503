"""A network of our own in OpenVINO's form, written as ONNX, operation by operation.

OpenVINO reads ONNX and writes only its own form. This knows the operations that our networks are
made of (`vision/training/export.py`), each by OpenVINO's and ONNX's own definitions, and refuses
others. Weights of 8 bits become floats of the same values. The rounding between layers is left out:
it is there for processors that compute with whole numbers.

This module needs `onnx` of the extra `models`; load it only where ONNX is asked for.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import openvino
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from vision.errors import ModelError

_OPSET, _IR = 17, 9
_ALIKE = {
    "Add": "Add",
    "Divide": "Div",
    "Greater": "Greater",
    "Mod": "Mod",
    "Multiply": "Mul",
    "Sigmoid": "Sigmoid",
    "Subtract": "Sub",
    "Broadcast": "Expand",
    "Reshape": "Reshape",
    "ShapeOf": "Shape",
}
"""OpenVINO's operation -> ONNX's with the same inputs and no attributes that matter here."""
_TYPES = {
    "f16": TensorProto.FLOAT16,
    "f32": TensorProto.FLOAT,
    "i32": TensorProto.INT32,
    "i64": TensorProto.INT64,
}


def write_onnx(model: openvino.Model, names: Sequence[str], path: Path) -> None:
    """Write the same network as ONNX, its height and width as free as they are.

    Args:
        model: with one input, (1, 3, height, width).
        names: its classes, which the file tells too.
        path: of the file.

    Raises:
        ModelError: it holds an operation that is not known here.
    """
    writing = _Writing()
    for node in model.get_ordered_ops():
        writing.add(node)
    written = helper.make_model(
        writing.graph(model.get_friendly_name()),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR,
    )
    helper.set_model_props(written, {"names": str(dict(enumerate(names))), "task": "detect"})
    onnx.checker.check_model(written, full_check=True)
    onnx.save(written, path)


class _Writing:
    """What has been written so far."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._names: dict[tuple[str, int], str] = {}
        self._known: dict[str, NDArray[Any]] = {}
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def graph(self, name: str) -> Any:  # noqa: ANN401 - onnx gives its classes no types
        """All that the outputs hang on."""
        wanted = {each.name for each in self._outputs}
        kept: list[Any] = []
        for node in reversed(self._nodes):
            if wanted & set(node.output):
                kept.append(node)
                wanted |= set(node.input)
        values = [
            numpy_helper.from_array(value, name)
            for name, value in self._known.items()
            if name in wanted
        ]
        return helper.make_graph(kept[::-1], name, self._inputs, self._outputs, values)

    def add(self, node: Any) -> None:  # noqa: ANN401 - a node of OpenVINO's
        """Write one operation."""
        kind = node.get_type_name()
        given = [self._name_of(value.get_source_output()) for value in node.inputs()]
        if kind == "Constant":
            self._know(node, node.get_data())
        elif kind in {"Convert", "Multiply"} and all(name in self._known for name in given):
            # Weights that are kept in few bits.
            values = [self._known[name] for name in given]
            self._know(node, np.prod(np.broadcast_arrays(*values), axis=0, dtype=np.float32))
        elif kind == "FakeQuantize":
            self._names[node.get_name(), 0] = given[0]
        elif kind == "Parameter":
            self._names[node.get_name(), 0] = "images"
            self._inputs.append(_told("images", node, ("batch", "colours", "height", "width")))
        elif kind == "Result":
            self._finish(node, given)
        elif kind in _ALIKE:
            self._write(_ALIKE[kind], given, self._named(node))
        elif kind in _SPECIAL:
            _SPECIAL[kind](self, node, given)
        else:
            raise _unknown(node)

    def _finish(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        name = f"output{len(self._outputs)}"
        self._outputs.append(_told(name, node, (None,) * len(node.get_output_partial_shape(0))))
        self._write("Identity", given, [name])

    def _named(self, node: Any) -> list[str]:  # noqa: ANN401
        """Names for what an operation gives: by its place, as OpenVINO's change each time."""
        first = f"{node.get_type_name()}_{len(self._names)}"
        found = [f"{first}.{number}" for number in range(node.get_output_size())]
        self._names |= {(node.get_name(), number): name for number, name in enumerate(found)}
        return found

    def _name_of(self, output: Any) -> str:  # noqa: ANN401
        return self._names[output.get_node().get_name(), output.get_index()]

    def _know(self, node: Any, value: NDArray[Any]) -> None:  # noqa: ANN401
        self._value(self._named(node)[0], value)

    def _value(self, name: str, value: NDArray[Any]) -> str:
        self._known[name] = np.asarray(value)
        return name

    def _write(self, kind: str, given: Sequence[str], made: Sequence[str], **how: Any) -> str:  # noqa: ANN401
        self._nodes.append(helper.make_node(kind, given, made, **how))
        return made[0]

    def _axis(self, name: str) -> int:
        return int(self._known[name].reshape(()))

    def swish(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        made = self._named(node)
        share = self._write("Sigmoid", given[:1], [f"{made[0]}.share"])
        self._write("Mul", [given[0], share], made)

    def convolution(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        weights, groups = given[1], 1
        if node.get_type_name() == "GroupConvolution":
            # Groups have an axis of their own here, and none in ONNX.
            kernel = self._known[given[1]]
            groups = kernel.shape[0]
            weights = self._value(f"{given[1]}.flat", kernel.reshape(-1, *kernel.shape[2:]))
        told, pads = node.get_attributes(), _pads(node)
        how = {"strides": told["strides"], "dilations": told["dilations"], "pads": pads}
        self._write("Conv", [given[0], weights], self._named(node), group=groups, **how)

    def pooling(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        told, pads = node.get_attributes(), _pads(node)
        how = {"strides": told["strides"], "kernel_shape": told["kernel"], "pads": pads}
        self._write("MaxPool", given, self._named(node)[:1], **how)

    def enlarging(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        told = node.get_attributes()
        if (told["mode"], told["coordinate_transformation_mode"]) != ("nearest", "asymmetric"):
            raise _unknown(node)
        scales = np.ones(4, np.float32)
        scales[self._known[given[2]]] = self._known[given[1]]
        made = self._named(node)
        name = self._value(f"{made[0]}.scales", scales)
        how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        self._write("Resize", [given[0], "", name], made, mode="nearest", **how)

    def product(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        told, made = node.get_attributes(), self._named(node)
        for place, key in enumerate(("transpose_a", "transpose_b")):
            if told[key]:
                axes = list(range(len(node.input_value(place).get_partial_shape())))
                axes[-2:] = axes[:-3:-1]
                turned = [f"{made[0]}.{key}"]
                given[place] = self._write("Transpose", [given[place]], turned, perm=axes)
        self._write("MatMul", given, made)

    def splitting(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        axis = self._axis(given[1])
        sizes = [each.get_partial_shape()[axis].get_length() for each in node.outputs()]
        made = self._named(node)
        name = self._value(f"{made[0]}.sizes", np.array(sizes, np.int64))
        self._write("Split", [given[0], name], made, axis=axis)

    def gathering(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        self._write("Gather", given[:2], self._named(node), axis=self._axis(given[2]))

    def widening(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        made = self._named(node)
        axes = self._value(f"{made[0]}.axes", self._known[given[1]].reshape(-1))
        self._write("Unsqueeze", [given[0], axes], made)

    def along(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        axis = node.get_attributes()["axis"]
        self._write(node.get_type_name(), given, self._named(node), axis=axis)

    def converting(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        kind = _TYPES[node.get_output_element_type(0).to_string()]
        self._write("Cast", given, self._named(node), to=kind)

    def counting(self, node: Any, given: list[str]) -> None:  # noqa: ANN401
        made = self._named(node)
        kind = _TYPES[node.get_output_element_type(0).to_string()]
        ends = [
            self._write("Cast", [name], [f"{made[0]}.{number}"], to=kind)
            for number, name in enumerate(given)
        ]
        self._write("Range", ends, made)


def _told(name: str, node: Any, free: Sequence[str | None]) -> Any:  # noqa: ANN401
    """An input or output with its sizes, free ones by these names."""
    shape = zip(node.get_output_partial_shape(0), free, strict=True)
    sizes = [size if each.is_dynamic else each.get_length() for each, size in shape]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)


def _pads(node: Any) -> list[int]:  # noqa: ANN401
    """Borders as ONNX tells them, of operations that round as it does."""
    told = node.get_attributes()
    if told["auto_pad"] != "explicit" or told.get("rounding_type", "floor") != "floor":
        raise _unknown(node)
    return [*told["pads_begin"], *told["pads_end"]]


def _unknown(node: Any) -> ModelError:  # noqa: ANN401
    return ModelError(
        f"{node.get_friendly_name()}: a {node.get_type_name()} of a kind that our own networks do "
        "not have, and that is not written as ONNX; have the model exported to ONNX where it was "
        "made."
    )


_SPECIAL: dict[str, Callable[[_Writing, Any, list[str]], None]] = {
    "Concat": _Writing.along,
    "Convert": _Writing.converting,
    "Convolution": _Writing.convolution,
    "Gather": _Writing.gathering,
    "GroupConvolution": _Writing.convolution,
    "Interpolate": _Writing.enlarging,
    "MatMul": _Writing.product,
    "MaxPool": _Writing.pooling,
    "Range": _Writing.counting,
    "Softmax": _Writing.along,
    "Split": _Writing.splitting,
    "Swish": _Writing.swish,
    "Unsqueeze": _Writing.widening,
    "VariadicSplit": _Writing.splitting,
}
