"""Find a detector model by name or path, and refuse it unless it is what it says it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from vision.errors import ModelError

SHIPPED = Path(__file__).parent
DEFAULT_THRESHOLD = 0.25
_MODEL_SUFFIXES = (".xml", ".onnx")


@dataclass(frozen=True)
class ModelFiles:
    """A detector model on disk with what its metadata says of it.

    Attributes:
        name: name used in reports.
        path: the file OpenVINO reads, ``.xml`` or ``.onnx``.
        class_names: names by class id; empty where only the model itself holds them.
        input_wh_px: size the model was made for, None where the metadata does not say.
        output: "end2end", "raw", or "" where the shape of the output must tell.
        thresholds: score from which a detection of a class counts, by class name.
        sha256: hash of the weights, "" where none was stated.
        precision: arithmetic the model's figures were taken with, "" leaves it to the device.
    """

    name: str
    path: Path
    class_names: tuple[str, ...] = ()
    input_wh_px: tuple[int, int] | None = None
    output: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    sha256: str = ""
    precision: str = ""


def shipped_models() -> tuple[str, ...]:
    """Names of the models that come with the program."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob("*/model.xml")))


def load_model(name_or_path: str | Path) -> ModelFiles:
    """Find a model by the name it is shipped under, or by its folder or file.

    Raises:
        ModelError: nothing is there, its metadata cannot be read, or its hash is wrong.
    """
    text = str(name_or_path)
    shipped = SHIPPED / text / "model.xml"
    if shipped.is_file() and "/" not in text:
        return _load_file(shipped, text)
    path = Path(name_or_path)
    if path.is_dir():
        return _load_file(_only_model_in(path), path.name)
    if path.is_file():
        return _load_file(path, path.stem if path.stem != "model" else path.parent.name)
    known = ", ".join(shipped_models()) or "none"
    raise ModelError(f"{text}: no such model; give a file, a folder, or one of: {known}.")


def _only_model_in(folder: Path) -> Path:
    found = [path for suffix in _MODEL_SUFFIXES for path in sorted(folder.glob(f"*{suffix}"))]
    if len(found) != 1:
        raise ModelError(
            f"{folder}: holds {len(found)} models (.xml or .onnx) where one is expected; "
            "give the file itself."
        )
    return found[0]


def _load_file(path: Path, name: str) -> ModelFiles:
    suffix = path.suffix.lower()
    if suffix == ".pt":
        raise ModelError(
            f"{path}: PyTorch weights are code and are not run here; install the extra 'models' "
            "and export them to OpenVINO or ONNX, then give that file."
        )
    if suffix not in _MODEL_SUFFIXES:
        raise ModelError(f"{path}: is not a model; an OpenVINO .xml or an .onnx file is expected.")
    weights = path.with_suffix(".bin")
    if suffix == ".xml" and not weights.is_file():
        raise ModelError(f"{path}: its weights {weights.name} are missing beside it.")
    metadata_path = path.with_name("metadata.yaml")
    metadata = _read_metadata(metadata_path) if metadata_path.is_file() else {}
    files = _from_metadata(metadata, path, name, metadata_path)
    _check_hash(files, weights if suffix == ".xml" else path, metadata.get("sha256"))
    return files


def _read_metadata(path: Path) -> dict[str, Any]:
    try:
        metadata = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read as YAML; restore the file.") from error
    if not isinstance(metadata, dict):
        raise ModelError(f"{path}: holds no table of keys and values; restore the file.")
    return metadata


def _from_metadata(
    metadata: Mapping[str, Any], path: Path, name: str, metadata_path: Path
) -> ModelFiles:
    try:
        size = metadata.get("input_wh_px")
        stated = metadata.get("sha256", "")
        hashes = stated if isinstance(stated, Mapping) else {"model.bin": stated}
        return ModelFiles(
            name=name,
            path=path,
            class_names=class_names_of(metadata.get("names", ())),
            input_wh_px=(int(size[0]), int(size[1])) if size else None,
            output=str(metadata.get("output", "")),
            thresholds={str(k): float(v) for k, v in (metadata.get("thresholds") or {}).items()},
            sha256=str(hashes.get("model.bin") or ""),
            precision=str(metadata.get("inference_precision", "")),
        )
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise ModelError(f"{metadata_path}: a value is not what it should be ({error}).") from error


def class_names_of(names: object) -> tuple[str, ...]:
    """Class names in order of their ids, from a list or a table id -> name.

    Raises:
        ValueError: the ids are not 0, 1, 2 and so on.
    """
    if isinstance(names, Mapping):
        ids = sorted(int(key) for key in names)
        if ids != list(range(len(ids))):
            raise ValueError("class ids are not consecutive from 0")
        by_id = {int(key): str(value) for key, value in names.items()}
        return tuple(by_id[class_id] for class_id in ids)
    if isinstance(names, (list, tuple)):
        return tuple(str(name) for name in names)
    raise ValueError("names is neither a list nor a table")


def _check_hash(files: ModelFiles, weights: Path, stated: object) -> None:
    hashes = stated if isinstance(stated, Mapping) else {weights.name: stated}
    for file_name, expected in hashes.items():
        path = files.path.with_name(str(file_name))
        if expected in (None, ""):
            continue
        if not path.is_file():
            raise ModelError(f"{path}: is named in the metadata and is missing.")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != str(expected):
            raise ModelError(
                f"{path}: has sha256 {found[:12]}..., the metadata says {str(expected)[:12]}...; "
                "the file is damaged or was exchanged."
            )
