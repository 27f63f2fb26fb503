"""Laying a foreign model's files into a folder of their own, whatever they came packed in."""

import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from vision.errors import ModelError
from vision.models.registry import METADATA

_MOST_BYTES = 4_000_000_000
_MODELS = (".xml", ".onnx")
_PARTS = (".xml", ".bin", ".onnx", METADATA)


def laid_out(given: Path, folder: Path, converter: Callable[[Path, Path], Path] | None) -> Path:
    """Copy the model, and its metadata if there is any, into a folder.

    Args:
        given: an .onnx, an .xml with its .bin beside it, a folder or zip of either, or a .pt.
        folder: where it is laid, as `model` with its own ending.
        converter: what turns a .pt into a model file in a folder; None refuses it.

    Returns:
        The file that OpenVINO reads.

    Raises:
        ModelError: nothing usable is there.
    """
    suffix = given.suffix.lower()
    if given.is_dir():
        return _copied(_only_model(list(given.iterdir()), given), folder)
    if not given.is_file():
        raise ModelError(f"{given}: there is no such file; check the path.")
    if suffix == ".zip":
        return _unpacked(given, folder)
    if suffix == ".pt":
        if converter is None:
            raise ModelError(
                f"{given}: PyTorch weights are a program, and reading them runs it. If you trust "
                "where they come from, say --allow-code; else have them exported to ONNX."
            )
        return converter(given, folder)
    if suffix not in _MODELS:
        raise ModelError(
            f"{given}: is not a model; give an .onnx, an OpenVINO folder or zip, or a .pt."
        )
    return _copied(given, folder)


def _only_model(files: list[Path], given: Path) -> Path:
    found = [file for file in files if file.suffix.lower() in _MODELS]
    if len(found) != 1:
        raise ModelError(
            f"{given}: holds {len(found)} models (.xml or .onnx) where one is expected; give the "
            "file itself."
        )
    return found[0]


def _copied(model: Path, folder: Path) -> Path:
    """Copy a model with its weights and its metadata.

    Raises:
        ModelError: the weights of an .xml are missing.
    """
    suffix = model.suffix.lower()
    weights = model.with_suffix(".bin")
    if suffix == ".xml":
        if not weights.is_file():
            raise ModelError(f"{model}: its weights {weights.name} are missing beside it.")
        shutil.copyfile(weights, folder / "model.bin")
    if (model.parent / METADATA).is_file():
        shutil.copyfile(model.parent / METADATA, folder / METADATA)
    placed = folder / f"model{suffix}"
    shutil.copyfile(model, placed)
    return placed


def _unpacked(given: Path, folder: Path) -> Path:
    """Unpack the parts of one model, by their bare names: what a zip calls folders is not used.

    Raises:
        ModelError: it is damaged, too large, or does not hold one model.
    """
    parts = folder / "parts"
    parts.mkdir()
    try:
        with zipfile.ZipFile(given) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and _is_part(m.filename)]
            if sum(member.file_size for member in members) > _MOST_BYTES:
                raise ModelError(f"{given}: unpacks to more than {_MOST_BYTES // 10**9} GB.")
            for member in members:
                _unpack(archive, member, parts / Path(member.filename).name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise ModelError(f"{given}: cannot be unpacked ({error}); pack it again.") from error
    placed = _copied(_only_model(list(parts.iterdir()), given), folder)
    shutil.rmtree(parts)
    return placed


def _is_part(name: str) -> bool:
    return Path(name).name.lower().endswith(_PARTS)


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path) -> None:
    if to.exists():
        raise ModelError(f"{archive.filename}: holds two files named {to.name}; pack one model.")
    with archive.open(member) as source, to.open("wb") as target:
        shutil.copyfileobj(source, target)
