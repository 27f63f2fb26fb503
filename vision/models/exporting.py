"""A model that runs here, written for elsewhere: as OpenVINO, int8 if asked, or as ONNX."""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import openvino
from numpy.typing import NDArray

from vision.detector import Letterbox
from vision.engine.model_detector import ModelDetector
from vision.errors import ModelError, SourceError
from vision.frames import PICTURE_SUFFIXES, Frame
from vision.models.adding import metadata_of, sha256_of, weights_of, write_metadata
from vision.models.class_map import shown
from vision.models.registry import METADATA, ModelFiles
from vision.opening import open_source

Format = Literal["onnx", "openvino"]
Quantiser = Callable[[openvino.Model, Sequence[NDArray[np.float32]]], openvino.Model]
"""Makes int8 of a float model by showing it pictures, float32 (1, 3, H, W) RGB in 0..1."""
OnnxWriter = Callable[[openvino.Model, Sequence[str], Path], None]
"""Writes a model of OpenVINO's as ONNX, with its class names, into a file."""

Remark = Callable[[str], None]
"""Takes a sentence for the person who waits."""

MOST_PICTURES = 300
_LEAST_PICTURES = 10
_GREY = 114


def _unsaid(_remark: str) -> None:
    """Say nothing on the way."""


@dataclass(frozen=True)
class Export:
    """What is asked for.

    Attributes:
        form: what to write.
        folder: where; it must not be there yet.
        quantiser: makes int8 of it; None leaves the weights as they are.
        pictures: folder of pictures like those that it will see, for the quantiser.
        writer: makes ONNX of a model that is kept in OpenVINO's form; None refuses that.
        remark: told what takes long, and which pictures are left out.
    """

    form: Format
    folder: Path
    quantiser: Quantiser | None = None
    pictures: Path | None = None
    writer: OnnxWriter | None = None
    remark: Remark = _unsaid


def export_model(files: ModelFiles, asked: Export) -> str:
    """Write a model with its metadata, or leave nothing behind.

    Returns:
        What its weights are now: "int8", "fp16" or "fp32".

    Raises:
        ModelError: it cannot be had in that form, the folder is taken, or there are too few
            pictures that can be read.
    """
    if asked.folder.exists():
        raise ModelError(f"{asked.folder}: is there already; give another folder with --out.")
    model = openvino.Core().read_model(files.path)
    if asked.quantiser is not None:
        model = _quantised(files, asked, model)
    staged = asked.folder.with_name(f".{asked.folder.name}-{os.getpid()}")
    made = [parent for parent in staged.parents if not parent.exists()]
    staged.mkdir(parents=True)
    try:
        written = _write(files, asked, model, staged)
        hashes = {file.name: sha256_of(file) for file in sorted(staged.iterdir())}
        weights = weights_of(openvino.Core().read_model(written))
        content = metadata_of(files) | {"weights": weights, "sha256": hashes}
        write_metadata(staged / METADATA, content)
        staged.rename(asked.folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        if not asked.folder.exists():
            for parent in made:
                with suppress(OSError):
                    parent.rmdir()
    return weights


def _write(files: ModelFiles, asked: Export, model: openvino.Model, staged: Path) -> Path:
    placed = staged / ("model.onnx" if asked.form == "onnx" else "model.xml")
    if asked.form == "openvino":
        # What came in half precision stays so; nothing is made coarser by the way.
        half = weights_of(model) != "fp32"
        openvino.save_model(model, placed, compress_to_fp16=half)
        return placed
    if asked.quantiser is not None:
        raise ModelError("int8 is written as OpenVINO only; ask for --format openvino.")
    if files.path.suffix.lower() == ".onnx":
        shutil.copyfile(files.path, placed)
        return placed
    if asked.writer is None:
        raise ModelError(
            f"{files.name}: is kept in OpenVINO's own form, and writing that as ONNX needs the "
            "extra `models`: install it with `pip install 'gridpatrol[models]'`."
        )
    asked.writer(model, files.class_names, placed)
    return placed


def _quantised(files: ModelFiles, asked: Export, model: openvino.Model) -> openvino.Model:
    if asked.form == "onnx":
        raise ModelError("int8 is written as OpenVINO only; ask for --format openvino.")
    if weights_of(model) == "int8":
        raise ModelError(f"{files.name}: is int8 already; leave --int8 out.")
    if asked.pictures is None or asked.quantiser is None:
        raise ModelError("int8 needs pictures like those that it will see: --calibrate FOLDER.")
    inputs = _inputs(files, asked.pictures, asked.remark)
    asked.remark(f"Showing it {len(inputs)} pictures; this takes minutes.")
    return asked.quantiser(model, inputs)


def _inputs(files: ModelFiles, folder: Path, remark: Remark) -> list[NDArray[np.float32]]:
    """Pictures of a folder as the model is shown them, evenly chosen where there are many."""
    endings = (f for f in folder.rglob("*") if f.suffix.lower() in PICTURE_SUFFIXES)
    found = sorted(file for file in endings if file.is_file())
    step = max(1, -(-len(found) // MOST_PICTURES))
    detector = ModelDetector(files)
    inputs, broken = [], []
    for path in found[::step]:
        try:
            inputs += [_input_of(detector, frame) for frame in open_source(str(path))]
        except SourceError:
            broken.append(path)
    if broken:
        remark(f"Left out, as they cannot be read: {shown(map(str, broken), most=3)}.")
    if len(inputs) < _LEAST_PICTURES:
        raise ModelError(
            f"{folder}: holds {len(inputs)} pictures; int8 needs at least {_LEAST_PICTURES}, "
            f"better {MOST_PICTURES}, like those that the model will see."
        )
    return inputs


def _input_of(detector: ModelDetector, frame: Frame) -> NDArray[np.float32]:
    letterbox: Letterbox = detector.letterboxes_for(frame.size_wh_px)[0]
    width_px, height_px = letterbox.input_wh_px
    blob = np.full((1, height_px, width_px, 3), _GREY, np.uint8)
    letterbox.fill(frame, blob)
    rgb = blob[..., ::-1].transpose(0, 3, 1, 2)
    return np.ascontiguousarray(rgb, np.float32) / np.float32(255)


def decoding_of(model: openvino.Model) -> list[str]:
    """Names of the nodes that turn the last features into boxes: they stay float, or boxes jump.

    They are what the outputs hang on, back to the last convolutions. The convolution over a
    softmax, by which YOLO8 to YOLO12 tell distances, is part of them.
    """
    waiting: list[Any] = [output.get_node() for output in model.outputs]
    names: dict[str, None] = {}
    while waiting:
        node = waiting.pop()
        name = node.get_friendly_name()
        if name in names or _is_feature(node) or node.get_type_name() == "Parameter":
            continue
        names[name] = None
        waiting += [value.get_source_output().get_node() for value in node.inputs()]
    constants = {n.get_friendly_name() for n in model.get_ops() if n.get_type_name() == "Constant"}
    return [name for name in names if name not in constants]


def _is_feature(node: Any) -> bool:  # noqa: ANN401 - openvino's nodes have no type for this
    if node.get_type_name() not in {"Convolution", "GroupConvolution"}:
        return False
    before = node.input_value(0).get_node()
    while before.get_type_name() in {"Transpose", "Reshape", "Squeeze", "Unsqueeze"}:
        before = before.input_value(0).get_node()
    return bool(before.get_type_name() != "Softmax")
