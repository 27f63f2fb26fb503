"""Find a detector model by name or path, and refuse it unless it is what it says it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from vision.errors import ModelError

SHIPPED = Path(__file__).parent
METADATA = "metadata.yaml"
DEFAULT_THRESHOLD = 0.25
_MODEL_SUFFIXES = (".xml", ".onnx")


@dataclass(frozen=True)
class ModelFiles:
    """A detector model on disk with what its metadata says of it.

    Attributes:
        name: name used in reports.
        path: the file OpenVINO reads, ``.xml`` or ``.onnx``.
        class_names: the model's own names by class id; empty where only the model holds them.
        input_wh_px: size the model was made for, None where the metadata does not say.
        output: "end2end", "raw", or "" where the shape of the output must tell.
        thresholds: score from which a detection of a class counts, by class name.
        sha256: hash of the weights, "" where none was stated.
        precision: arithmetic the model's figures were taken with, "" leaves it to the device.
        class_map: own name -> the name that detections are told as; classes that are not in it
            are not told. None tells all under their own names.
        joins_riders: whether persons upon two-wheelers are to become one with them.
    """

    name: str
    path: Path
    class_names: tuple[str, ...] = ()
    input_wh_px: tuple[int, int] | None = None
    output: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    sha256: str = ""
    precision: str = ""
    class_map: Mapping[str, str] | None = None
    joins_riders: bool = False

    @property
    def identity(self) -> str:
        """Its name, and the beginning of its hash where one was stated."""
        return f"{self.name} {self.sha256[:12]}".strip()

    @property
    def seen_classes(self) -> tuple[str, ...]:
        """The classes that its detections are told as, each once."""
        means = self.class_map
        told = self.class_names if means is None else [means.get(n) for n in self.class_names]
        return tuple(dict.fromkeys(name for name in told if name is not None))


def shipped_models() -> tuple[str, ...]:
    """Names of the models that come with the program."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob("*/model.xml")))


def own_models(own_folder: Path) -> tuple[str, ...]:
    """Names of the models that a person has added."""
    return tuple(sorted(path.parent.name for path in own_folder.glob(f"[!.]*/{METADATA}")))


def load_model(name_or_path: str | Path, own_folder: Path | None = None) -> ModelFiles:
    """Find a model by its name, or by its folder or file, and check its hash.

    It may be called again at any time: nothing is kept between calls, and what an earlier call
    returned stays usable. A model that was exchanged meanwhile has another `sha256`.

    Args:
        name_or_path: of a shipped model or an added one, or where one lies.
        own_folder: where added models lie, each in a folder of its name.

    Raises:
        ModelError: nothing is there, its metadata cannot be read, or its hash is wrong.
    """
    text = str(name_or_path)
    shipped = SHIPPED / text / "model.xml"
    if shipped.is_file() and "/" not in text:
        return _load_file(shipped, text)
    if own_folder is not None and text in own_models(own_folder):
        return _load_file(_only_model_in(own_folder / text), text, must_have_hash=True)
    path = Path(name_or_path)
    if path.is_dir():
        return _load_file(_only_model_in(path), path.name)
    if path.is_file():
        return _load_file(path, path.stem if path.stem != "model" else path.parent.name)
    known = ", ".join((*shipped_models(), *(own_models(own_folder) if own_folder else ())))
    raise ModelError(f"{text}: no such model; give a file, a folder, or one of: {known}.")


def _only_model_in(folder: Path) -> Path:
    found = [path for suffix in _MODEL_SUFFIXES for path in sorted(folder.glob(f"*{suffix}"))]
    if len(found) != 1:
        raise ModelError(
            f"{folder}: holds {len(found)} models (.xml or .onnx) where one is expected; "
            "give the file itself."
        )
    return found[0]


def _load_file(path: Path, name: str, *, must_have_hash: bool = False) -> ModelFiles:
    suffix = path.suffix.lower()
    if suffix == ".pt":
        raise ModelError(
            f"{path}: PyTorch weights are code and are not run here; add them with "
            "`patrol model add FILE --allow-code`, then give the name, or export them to OpenVINO "
            "or ONNX and give that file."
        )
    if suffix not in _MODEL_SUFFIXES:
        raise ModelError(f"{path}: is not a model; an OpenVINO .xml or an .onnx file is expected.")
    weights = path.with_suffix(".bin")
    if suffix == ".xml" and not weights.is_file():
        raise ModelError(f"{path}: its weights {weights.name} are missing beside it.")
    metadata_path = path.with_name(METADATA)
    metadata = _read_metadata(metadata_path) if metadata_path.is_file() else {}
    files = _from_metadata(metadata, path, name, metadata_path)
    stated = metadata.get("sha256")
    if must_have_hash and not (isinstance(stated, Mapping) and path.name in stated):
        raise ModelError(f"{metadata_path}: states no sha256 of {path.name}; add the model again.")
    _check_hash(files, weights if suffix == ".xml" else path, stated)
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
            sha256=str(hashes.get("model.bin") or hashes.get(path.name) or ""),
            precision=str(metadata.get("inference_precision", "")),
            class_map=_class_map(metadata.get("classes")),
            joins_riders=metadata.get("joins_riders") is True,
        )
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise ModelError(f"{metadata_path}: a value is not what it should be ({error}).") from error


def _class_map(stated: object) -> Mapping[str, str] | None:
    if stated is None:
        return None
    if not isinstance(stated, Mapping):
        raise ValueError("classes is no table")  # noqa: TRY004 - told as a wrong value
    return {str(name): str(to) for name, to in stated.items()}


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
                "the file is damaged or was exchanged. Remove the model, and add it "
                "again from its origin."
            )
