"""A model opened with ONNX Runtime on a device, or a sentence that says what is missing there.

This module needs ONNX Runtime; load it only where one of its devices is asked for. A process that
opens a session does nothing else meanwhile, as ONNX Runtime holds Python's lock: TensorRT, which
builds an engine of a model within minutes, does so in a process of its own, and here its result is
read from the folder beside the model.
"""

import ctypes
import hashlib
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from io import StringIO
from os import removedirs
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from vision.engine.devices import OnnxDevice, onnx_device
from vision.errors import DeviceError

_PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "onnx": "CPUExecutionProvider",
}
_FATAL_ALONE = 4
_HEX = 16
_DRIVER = "libcuda.so.1"


@dataclass(frozen=True)
class SessionWish:
    """What is to be opened.

    Attributes:
        path: the .onnx.
        device: on which it is to run.
        input_wh_px: size of its pictures.
        is_exact: whether CUDA keeps all of its 32 bits where it could be faster with fewer.
        threads: of the processor, 0 for all.
    """

    path: Path
    device: OnnxDevice
    input_wh_px: tuple[int, int]
    is_exact: bool = True
    threads: int = 0

    @cached_property
    def engines(self) -> Path:
        """Folder of the engines that TensorRT built of just this with just this software.

        It lies beside the model and goes with it. ONNX Runtime's own names of engines do not tell
        a model from one whose weights alone differ.
        """
        digest = hashlib.sha256(self.path.read_bytes())
        for package in ("onnxruntime-gpu", "tensorrt-cu13"):
            digest.update(f"{package} {_version_of(package)}\n".encode())
        width_px, height_px = self.input_wh_px
        name = f"{width_px}x{height_px}-{digest.hexdigest()[:_HEX]}"
        return self.path.parent / "engines" / name


def check_device(device: OnnxDevice) -> None:
    """Find out whether the ONNX Runtime that is installed knows a device at all.

    Raises:
        DeviceError: it does not.
    """
    if _PROVIDERS[device.kind] not in onnxruntime.get_available_providers():
        raise DeviceError(
            f"{device}: the ONNX Runtime that is installed is the one for processors. Remove it "
            "with `pip uninstall onnxruntime`, as the two exclude each other, then say "
            f"`{device.installed_by}`."
        )


def opened(wish: SessionWish) -> Any:  # noqa: ANN401 - ONNX Runtime is not typed here
    """Open a session, its free sizes fixed, that runs on the device and nowhere else unasked.

    Raises:
        DeviceError: the device, its driver or its libraries are not there, or it refuses the model.
    """
    check_device(wish.device)
    # Every fault is told below, in a sentence.
    onnxruntime.set_default_logger_severity(_FATAL_ALONE)
    missing = _load_libraries(wish.device)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL_ALONE
    options.intra_op_num_threads = wish.threads
    # Threads that turn while they wait take processors from the decoding of other sources.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    for name, size in _free_sizes(wish).items():
        options.add_free_dimension_override_by_name(name, size)
    try:
        session = onnxruntime.InferenceSession(
            wish.path, options, providers=providers_of(wish), enable_fallback=0
        )
    except Exception as error:  # its errors have no base of their own
        raise _refused(wish, missing or str(error)) from error
    session.disable_fallback()
    if _PROVIDERS[wish.device.kind] not in session.get_providers():
        raise _refused(wish, missing or "its library could not be loaded")
    return session


def build_apart(wish: SessionWish) -> None:
    """Have TensorRT build its engine in a process of its own; at once where it is built already.

    Raises:
        DeviceError: it cannot be built.
    """
    try:
        wish.engines.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeviceError(
            f"{wish.engines.parent}: cannot be written ({error.strerror}), and TensorRT keeps "
            "there what it builds; keep the model with `patrol model add`."
        ) from error
    words = [str(wish.path), str(wish.device), *map(str, wish.input_wh_px)]
    command = [sys.executable, "-m", "vision.engine.onnx_session", *words]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if built.returncode:
        with suppress(OSError):
            removedirs(wish.engines)
        lines = built.stderr.strip().splitlines() or [f"ended with {built.returncode}"]
        raise DeviceError(lines[-1])


def main(words: list[str]) -> int:
    """Open a session as told and look once, so that everything is built and kept."""
    path, name, width_px, height_px = words
    device = onnx_device(name)
    if device is None:
        raise DeviceError(f"{name}: is no device of ONNX Runtime's.")
    try:
        session = opened(SessionWish(Path(path), device, (int(width_px), int(height_px))))
        look(session, np.zeros((1, 3, int(height_px), int(width_px)), np.float32))
    except (DeviceError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def look(session: Any, picture: np.ndarray[Any, np.dtype[np.float32]]) -> Any:  # noqa: ANN401
    """The first output for a picture, (1, 3, h, w) RGB in 0..1, without the batch.

    Raises:
        RuntimeError: it failed.
    """
    asked, told = session.get_inputs()[0], session.get_outputs()[0]
    half = asked.type == "tensor(float16)"
    try:
        found = session.run(
            [told.name],
            {asked.name: picture.astype(np.float16 if half else np.float32, copy=False)},
        )
    except Exception as error:  # its errors have no base of their own
        raise RuntimeError(str(error)) from error
    return found[0][0]


def providers_of(wish: SessionWish) -> list[tuple[str, dict[str, str]]]:
    """Providers, the wanted first; what TensorRT cannot compute CUDA does, and then the processor.

    TensorRT computes in half precision, which is what it is taken for.
    """
    processor: tuple[str, dict[str, str]] = (_PROVIDERS["onnx"], {})
    if wish.device.kind == "onnx":
        return [processor]
    number = str(wish.device.number)
    exact = {"use_tf32": "0"} if wish.is_exact else {}
    cuda = (_PROVIDERS["cuda"], {"device_id": number, **exact})
    if wish.device.kind == "cuda":
        return [cuda, processor]
    folder = str(wish.engines)
    options = {
        "device_id": number,
        "trt_fp16_enable": "1",
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": folder,
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": folder,
    }
    return [(_PROVIDERS["tensorrt"], options), cuda, processor]


def _load_libraries(device: OnnxDevice) -> str:
    """Load NVIDIA's libraries, those that pip installed first; tell which of them are missing."""
    if device.kind == "onnx":
        return ""
    try:
        ctypes.CDLL(_DRIVER)
    except OSError:
        return f"NVIDIA's driver, {_DRIVER}, is not there"
    # What it cannot load it prints.
    with redirect_stdout(StringIO()) as said:
        onnxruntime.preload_dlls()
    missing = said.getvalue().partition("\n")[0]
    if device.kind == "tensorrt" and not missing:
        if not find_spec("tensorrt"):
            return "TensorRT 10 is not installed"
        import_module("tensorrt")
    return missing


def _free_sizes(wish: SessionWish) -> Mapping[str, int]:
    """What the free sizes of the input are to be, by the names that the model has for them."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL_ALONE
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    processor = [_PROVIDERS["onnx"]]
    try:
        asked = onnxruntime.InferenceSession(wish.path, options, providers=processor).get_inputs()
    except Exception as error:
        raise DeviceError(f"{wish.path}: ONNX Runtime cannot read it ({error}).") from error
    width_px, height_px = wish.input_wh_px
    sizes = zip(asked[0].shape, (1, 3, height_px, width_px), strict=True)
    return {name: size for name, size in sizes if isinstance(name, str)}


def _refused(wish: SessionWish, why: str) -> DeviceError:
    told = f"{wish.path} cannot be run on {wish.device} ({' '.join(why.split())})"
    if wish.device.kind == "onnx":
        return DeviceError(f"{told}; try another input size, or export the model again.")
    return DeviceError(
        f"{told}. Is the card there (`nvidia-smi`), is its driver one for CUDA 13, and are "
        f"NVIDIA's libraries installed (`{wish.device.installed_by}`)?"
    )


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
