"""What a detector may run on: its names, and what runs a model on it.

`CPU`, `GPU`, `NPU` and what OpenVINO makes of them are OpenVINO's. ONNX Runtime runs the others:
`cuda:0` and `tensorrt:0` the first card of NVIDIA, `onnx:cpu` the processor.
"""

import re
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Literal

import openvino

from vision.engine.openvino import OpenVinoRunner
from vision.engine.requests import Runner
from vision.engine.settings import EngineSettings
from vision.errors import DeviceError
from vision.models.registry import ModelFiles

_OPENVINO = re.compile(r"(CPU|GPU|NPU)(\.\d{1,2})*|(AUTO|MULTI|HETERO)(:[A-Z0-9.,-]+)?")
_NVIDIA = re.compile(r"(cuda|tensorrt)(?::(\d{1,2}))?")
_ON_PROCESSOR = ("onnx", "onnx:cpu")


@dataclass(frozen=True)
class OnnxDevice:
    """A device of ONNX Runtime's.

    Attributes:
        kind: what computes there; `onnx` stands for the processor.
        number: of the card, from 0.
    """

    kind: Literal["cuda", "tensorrt", "onnx"]
    number: int = 0

    @property
    def installed_by(self) -> str:
        """The command that brings its library."""
        wheels = {"cuda": "'gridpatrol[nvidia]'", "tensorrt": "'gridpatrol[tensorrt]'"}
        return f"pip install {wheels.get(self.kind, 'onnxruntime')}"

    def __str__(self) -> str:
        return "onnx:cpu" if self.kind == "onnx" else f"{self.kind}:{self.number}"


def onnx_device(name: str) -> OnnxDevice | None:
    """The device of ONNX Runtime's that a name stands for, None where it is none of them."""
    if name.lower() in _ON_PROCESSOR:
        return OnnxDevice("onnx")
    found = _NVIDIA.fullmatch(name.lower())
    if found is None:
        return None
    return OnnxDevice("cuda" if found[1] == "cuda" else "tensorrt", int(found[2] or 0))


def parse_device(text: str) -> str:
    """A device by the name that it has everywhere, from a person's.

    Raises:
        DeviceError: there is no such name.
    """
    known = onnx_device(text.strip())
    if known is not None:
        return str(known)
    name = text.strip().upper()
    if not _OPENVINO.fullmatch(name):
        raise DeviceError(
            f"{text!r} is no device; say CPU, GPU or NPU (Intel's), cuda:0 or tensorrt:0 (the "
            "first card of NVIDIA), or onnx:cpu."
        )
    return name


def builds_engines(name: str) -> bool:
    """Whether a device is made ready for a model in minutes rather than seconds at first."""
    device = onnx_device(name)
    return device is not None and device.kind == "tensorrt"


def runner_of(files: ModelFiles, settings: EngineSettings, model: openvino.Model) -> Runner:
    """What runs a model on the device that the settings name.

    Args:
        files: the model.
        settings: how it is run.
        model: as OpenVINO read it.

    Raises:
        DeviceError: the device is not there, or cannot run a model of this form.
    """
    device = onnx_device(settings.device)
    if device is None:
        return OpenVinoRunner(files, settings, model)
    if files.path.suffix.lower() != ".onnx":
        raise DeviceError(
            f"{files.name}: is kept in OpenVINO's own form, which {device} cannot run. Watch with "
            "a model that was added as .onnx or .pt (`patrol model add`), or on the device CPU; of "
            f"what was trained here `patrol model export {files.name} --format onnx` writes one "
            "that can be added."
        )
    if not find_spec("onnxruntime"):
        raise DeviceError(f"{device} needs ONNX Runtime: install it with `{device.installed_by}`.")
    runner: Runner = import_module("vision.engine.onnx").OnnxRunner(files, settings, device)
    return runner
