"""`patrol model export`: a detector for other programs, or made faster by int8."""

import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from patrol.cli.console import notices, terminal
from patrol.errors import UsageError
from patrol.settings import read_settings
from vision.models.exporting import Export, Format, OnnxWriter, Quantiser, export_model
from vision.models.registry import load_model


def export(
    name: Annotated[str, typer.Argument(help="A shipped model, your own, or a path to one.")],
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = "openvino",
    int8: Annotated[
        bool, typer.Option("--int8", help="Make it smaller and faster, a little less exact.")
    ] = False,
    calibrate: Annotated[
        Path | None, typer.Option(help="For int8: pictures like those that it will see.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write; else NAME_FORMAT.")] = None,
) -> None:
    """Write a detector as OpenVINO or ONNX with its metadata, as int8 if that is asked for."""
    if calibrate is not None and not int8:
        raise UsageError("--calibrate serves --int8 alone: add --int8 or leave it out.")
    if calibrate is not None and not calibrate.is_dir():
        raise UsageError(f"{calibrate}: there is no such folder of pictures; check the path.")
    quantiser = _quantiser() if int8 else None
    files = load_model(name, read_settings(os.environ, Path.home()).models_folder)
    folder = out or Path(f"{files.name}_{'int8_' if int8 else ''}{form}")
    writer = _onnx_writer() if form == "onnx" else None
    asked = Export(form, folder, quantiser, calibrate, writer, _remark)
    weights = export_model(files, asked)
    terminal().print(
        f"{folder} ({weights}). Run it with `patrol model add {quote(str(folder))}`, and see what "
        "it is worth with `patrol model eval`.",
        soft_wrap=True,
        markup=False,
    )


def _remark(sentence: str) -> None:
    notices().print(sentence, soft_wrap=True, markup=False)


def _onnx_writer() -> OnnxWriter | None:
    """Return what writes ONNX; None where the extra `models` is not installed."""
    if not find_spec("onnx"):
        return None
    writer: OnnxWriter = import_module("vision.models.onnx_writing").write_onnx
    return writer


def _quantiser() -> Quantiser:
    """Return what makes int8.

    Raises:
        UsageError: the extra `models` is not installed.
    """
    if not find_spec("nncf"):
        raise UsageError(
            "int8 needs the extra `models`: install it with `pip install 'gridpatrol[models]'`."
        )
    quantiser: Quantiser = import_module("vision.models.quantising").to_int8
    return quantiser
