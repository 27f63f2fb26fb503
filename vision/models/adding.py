"""A person's own model becomes one that runs: read, mapped, tried on a picture, and kept."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import yaml
from openvino.frontend import FrontEndManager

from vision.engine.model_detector import ModelDetector
from vision.errors import ModelError
from vision.frames import Frame
from vision.models.class_map import ClassMap, map_classes, shown
from vision.models.embedded import Told, told_by, told_in
from vision.models.packages import laid_out
from vision.models.registry import METADATA, ModelFiles, own_models, shipped_models

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LONGEST_SIDE_PX = 640
_TRIAL_WH_PX = (640, 360)
# As ONNX's protobuf writes where the values of a tensor lie, then how long that name is.
_WEIGHTS_ELSEWHERE = re.compile(rb"\x0a\x08location\x12([\x01-\x7f])", re.DOTALL)

Converter = Callable[[Path, Path], Path]
"""Turns weights that are code into a model file in a folder, and returns its path."""


@dataclass(frozen=True)
class Addition:
    """What a person asks for.

    Attributes:
        path: an .onnx, an OpenVINO folder, .xml or .zip of one, or a .pt.
        name: under which it is kept; "" makes one of the file's.
        classes: the model's class name -> what it is told as, None leaves it out.
        converter: what turns a .pt into a model file; None refuses such files.
    """

    path: Path
    name: str = ""
    classes: Mapping[str, str | None] | None = None
    converter: Converter | None = None


@dataclass(frozen=True)
class Added:
    """What was added.

    Attributes:
        files: the model as it will be loaded.
        classes: what becomes of its classes.
        weights: "int8", "fp16" or "fp32", as they came.
    """

    files: ModelFiles
    classes: ClassMap
    weights: str


def add_model(asked: Addition, own_folder: Path) -> Added:
    """Keep a person's model under a name, or leave everything as it was.

    No code of the file's is run, unless a converter is given and the file is of its kind.

    Args:
        asked: what to add.
        own_folder: where added models lie; it is made.

    Raises:
        ModelError: the name is taken or impossible, or the file is no detector that can be run.
    """
    name = _free_name(asked, own_folder)
    own_folder.mkdir(parents=True, exist_ok=True)
    staged = own_folder / f".{name}-{os.getpid()}"
    staged.mkdir()
    try:
        path = laid_out(asked.path, staged, asked.converter)
        added = _described(asked, path, name)
        _try(added.files, asked.path)
        try:
            staged.rename(own_folder / name)
        except OSError as error:
            raise _taken(name) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return replace(added, files=replace(added.files, path=own_folder / name / path.name))


def remove_model(name: str, own_folder: Path) -> None:
    """Remove an added model; who runs it just now keeps running it.

    Raises:
        ModelError: there is no such model, or it is a shipped one.
    """
    if name in shipped_models():
        raise ModelError(f"{name}: comes with the program and stays.")
    if name not in own_models(own_folder):
        known = ", ".join(own_models(own_folder)) or "none"
        raise ModelError(f"{name}: no such model was added; there are: {known}.")
    # Gone under its name at once, whatever happens while its files are being removed.
    gone = own_folder / f".{name}-{os.getpid()}-gone"
    (own_folder / name).rename(gone)
    shutil.rmtree(gone)


def weights_of(model: openvino.Model) -> str:
    """Tell "int8", "fp16" or "fp32" by what a model is made of."""
    kinds = {node.get_type_name() for node in model.get_ops()}
    if "FakeQuantize" in kinds:
        return "int8"
    constants = [n for n in model.get_ops() if n.get_type_name() == "Constant"]
    largest = max(constants, key=lambda node: int(np.prod(node.get_output_shape(0))), default=None)
    half = largest is not None and largest.get_output_element_type(0) == openvino.Type.f16
    return "fp16" if half else "fp32"


def _free_name(asked: Addition, own_folder: Path) -> str:
    stem = asked.path.name if asked.path.is_dir() else asked.path.stem
    name = asked.name or re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")
    if not name:
        raise ModelError(
            f"{asked.path.name}: makes no name for a model, which is of small letters, digits, "
            "dots, dashes and underlines; give one with --name."
        )
    if not _NAME.fullmatch(name):
        raise ModelError(
            f"{name!r} is no name for a model; give one of small letters, digits, dots, dashes "
            "and underlines with --name."
        )
    if name in shipped_models():
        raise ModelError(
            f"{name}: is the name of a model that comes with the program; give another with --name."
        )
    if (own_folder / name).exists():
        raise _taken(name)
    return name


def _taken(name: str) -> ModelError:
    return ModelError(
        f"{name}: is the name of another model; give another one with --name, or remove that "
        f"model first with `patrol model remove {name}`."
    )


def _described(asked: Addition, path: Path, name: str) -> Added:
    """Write what is known of the staged model beside it.

    Raises:
        ModelError: it cannot be read, tells no classes, or means nothing to any rule.
    """
    model = _read(path, asked.path)
    told = _told(path, model)
    if told.task not in {"", "detect"}:
        raise ModelError(f"{asked.path}: its task is {told.task}; a detector is expected.")
    if not told.names:
        raise ModelError(
            f"{asked.path}: names no classes; put a metadata.yaml with 'names' (one a class, in "
            "order) beside the model, both in a folder, and add the folder."
        )
    classes = map_classes(told.names, told.classes if asked.classes is None else asked.classes)
    if not classes.kept:
        raise ModelError(
            f"{asked.path}: none of its classes means anything here ({shown(told.names)}); say "
            "what they are with --classes FILE."
        )
    # So a hash is stated of every file that the model consists of.
    hashes = {file.name: sha256_of(file) for file in sorted(path.parent.glob(f"{path.stem}.*"))}
    files = ModelFiles(
        name=name,
        path=path,
        class_names=told.names,
        input_wh_px=_input_of(model, told),
        sha256=hashes.get(path.with_suffix(".bin").name) or hashes[path.name],
        thresholds=told.thresholds,
        precision="f32",
        class_map=classes.kept,
        joins_riders=bool(classes.riderless),
    )
    weights = weights_of(model)
    origin = {"origin": asked.path.name, "weights": weights, "licence": told.licence}
    write_metadata(path.with_name(METADATA), metadata_of(files) | origin | {"sha256": hashes})
    return Added(files, classes, weights)


def metadata_of(files: ModelFiles) -> dict[str, Any]:
    """Return what a runtime must know of a model, hashes aside."""
    return {
        "name": files.name,
        "names": list(files.class_names),
        "classes": dict(files.class_map or {name: name for name in files.class_names}),
        "joins_riders": files.joins_riders,
        "input_wh_px": list(files.input_wh_px or ()),
        # In bfloat16, which OpenVINO takes by itself where it can, boxes are off by many pixels.
        "inference_precision": files.precision,
        "thresholds": dict(files.thresholds),
    }


def write_metadata(path: Path, content: Mapping[str, Any]) -> None:
    """Write a model's metadata beside it."""
    text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")


def _read(path: Path, given: Path) -> openvino.Model:
    if path.stat().st_size == 0:  # which OpenVINO takes for a model of nothing
        raise ModelError(f"{given}: is empty; copy or export it again.")
    try:
        if path.suffix == ".onnx":
            # Left to guess, OpenVINO tries a damaged file as other forms too, and complains aloud.
            reader = FrontEndManager().load_by_framework("onnx")
            return reader.convert(reader.load(str(path)))
        return openvino.Core().read_model(path)
    except Exception as error:  # each of its readers has errors of its own
        elsewhere = _weights_elsewhere(path) if path.suffix == ".onnx" else ""
        if elsewhere:
            raise ModelError(
                f"{given}: its weights lie in another file, {elsewhere!r}, and a model is added as "
                'one file. Where both lie, write it as one with `python -c "import onnx; '
                "onnx.save(onnx.load('FILE.onnx'), 'ONE.onnx')\"`, or export it anew with "
                "ultralytics, and add that file."
            ) from error
        raise ModelError(
            f"{given}: cannot be read as a model; it is damaged, incomplete or of another kind. "
            "Export it again."
        ) from error


def _weights_elsewhere(path: Path) -> str:
    """The file in which a file of ONNX says that its weights lie; "" where it names none."""
    data = path.read_bytes()
    found = _WEIGHTS_ELSEWHERE.search(data)
    if found is None:
        return ""
    return data[found.end() : found.end() + found[1][0]].decode(errors="replace")


def _told(path: Path, model: openvino.Model) -> Told:
    """What the metadata beside the model tells, and what it leaves out from the model itself."""
    inside, beside = told_in(model), Told()
    metadata = path.with_name(METADATA)
    if metadata.is_file():
        try:
            content = yaml.safe_load(metadata.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise ModelError(f"{METADATA} of {path.name}: cannot be read as YAML.") from error
        beside = told_by(content if isinstance(content, dict) else {})
    return Told(
        beside.names or inside.names,
        beside.task or inside.task,
        beside.input_wh_px or inside.input_wh_px,
        beside.licence or inside.licence,
        beside.thresholds,
        beside.classes,
    )


def _input_of(model: openvino.Model, told: Told) -> tuple[int, int]:
    """Width and height: the model's own where they are fixed, else what it was exported for."""
    shape = model.inputs[0].get_partial_shape() if model.inputs else openvino.PartialShape.dynamic()
    if shape.rank.is_static and shape.rank.get_length() == 4 and not shape[2].is_dynamic:
        height = shape[2].get_length()
        return (height if shape[3].is_dynamic else shape[3].get_length(), height)
    return told.input_wh_px or (_LONGEST_SIDE_PX, _LONGEST_SIDE_PX)


def _try(files: ModelFiles, given: Path) -> None:
    """Let it look at a grey picture once, so that what is kept is known to run.

    Raises:
        ModelError: it does not run; said of the file that was given, as the copy goes again.
    """
    width_px, height_px = _TRIAL_WH_PX
    grey = np.full((height_px, width_px, 3), 114, np.uint8)
    try:
        for _ in ModelDetector(files).detect([Frame(0, 0.0, grey)]):
            pass
    except ModelError as error:
        raise ModelError(str(error).replace(str(files.path), str(given))) from error


def sha256_of(path: Path) -> str:
    """Return the hash of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
