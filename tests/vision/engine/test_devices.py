"""The names of what a detector may run on."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.builders import write_model
from vision.engine.devices import OnnxDevice, builds_engines, onnx_device, parse_device
from vision.engine.model_detector import ModelDetector
from vision.engine.settings import EngineSettings
from vision.errors import DeviceError
from vision.models.registry import ModelFiles, load_model

ROWS = np.array([[10, 20, 60, 80, 0.9, 1]], np.float32)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("CPU", "CPU"),
        ("gpu.1", "GPU.1"),
        ("NPU", "NPU"),
        ("AUTO:GPU,CPU", "AUTO:GPU,CPU"),
        ("cuda", "cuda:0"),
        ("CUDA:1", "cuda:1"),
        ("tensorrt:0", "tensorrt:0"),
        ("onnx", "onnx:cpu"),
        (" onnx:CPU ", "onnx:cpu"),
    ],
)
def test_a_device_has_one_name_everywhere(said: str, meant: str) -> None:
    """However a person writes it; it is its own name again."""
    assert parse_device(said) == meant
    assert parse_device(meant) == meant


@pytest.mark.parametrize("said", ["", "cuda0", "nvidia", "cuda:x", "cuda:-1", "trt", "GPU:", "1"])
def test_what_is_no_device_is_told_with_all_that_are(said: str) -> None:
    """A slip is found when it is read, not when the first frame comes."""
    with pytest.raises(DeviceError, match=r"is no device; say CPU, GPU or NPU .*cuda:0"):
        parse_device(said)


@given(st.text(max_size=12))
def test_any_text_is_a_device_or_refused(text: str) -> None:
    """And what is taken is taken again."""
    try:
        name = parse_device(text)
    except DeviceError:
        return
    assert parse_device(name) == name


def test_cards_are_told_by_their_numbers() -> None:
    """OpenVINO's devices are none of ONNX Runtime's, and only TensorRT takes minutes at first."""
    assert onnx_device("tensorrt:12") == OnnxDevice("tensorrt", 12)
    assert onnx_device("GPU.1") is None
    assert builds_engines("tensorrt:0")
    assert not builds_engines("cuda:0")
    assert not builds_engines("CPU")


def test_a_model_in_openvinos_form_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """The shipped detector is one of these."""
    files = load_model(write_model(tmp_path / "m", ROWS))
    with pytest.raises(DeviceError, match=r"m: is kept in OpenVINO's own form.*patrol model add"):
        ModelDetector(files, EngineSettings(device="cuda:0"))


@pytest.mark.parametrize(
    ("device", "wheel"),
    [("cuda:0", "nvidia"), ("tensorrt:1", "tensorrt"), ("onnx:cpu", "onnxruntime")],
)
def test_a_missing_library_is_named(
    device: str, wheel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each device with the package that brings it."""
    pytest.importorskip("onnx", reason="the extra `models` is not installed")
    from tests.vision.engine.onnx_models import write_onnx  # noqa: PLC0415 - needs `models`

    files: ModelFiles = write_onnx(tmp_path / "model.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DeviceError, match=rf"{device} needs ONNX Runtime: .*{wheel}"):
        ModelDetector(files, EngineSettings(device=device))
