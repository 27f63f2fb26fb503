"""`patrol model`: the detectors that can be used, the shipped ones and a person's own."""

import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.model_eval import evaluate
from patrol.cli.model_export import export
from patrol.cli.progress import working
from patrol.errors import UsageError
from patrol.settings import read_settings
from vision.errors import ModelError
from vision.models.adding import Added, Addition, Converter, add_model, remove_model
from vision.models.class_map import OUR_CLASSES, read_class_map, shown
from vision.models.registry import ModelFiles, load_model, own_models, shipped_models

app = typer.Typer(help="Show the detectors and add your own.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@app.command("list")
def list_(as_json: _Json = False) -> None:
    """List the shipped models and your own with what they see; each is checked by its hash."""
    folder = _own_folder()
    listed = [(name, "shipped") for name in shipped_models()]
    listed += [(name, "own") for name in own_models(folder)]
    rows: list[dict[str, Any]] = []
    for name, origin in listed:
        try:
            rows.append(_row(load_model(name, folder), origin))
        except ModelError as error:
            rows.append({"name": name, "origin": origin, "fault": str(error)})
    if as_json:
        print_json(rows)
        return
    columns = {"name": "left", "origin": "left", "input": "right", "classes": "left"}
    made = table("Models", columns)
    for row in rows:
        size = "x".join(str(side) for side in row.get("input_wh_px", ()))
        told = row.get("fault") or ", ".join(row["classes"])
        made.add_row(row["name"], row["origin"], size, told)
    terminal().print(made)


@app.command("add")
def add(
    path: Annotated[
        Path, typer.Argument(help="An .onnx, an OpenVINO folder or zip, or a .pt of ultralytics.")
    ],
    name: Annotated[str, typer.Option(help="Name to keep it under; else the file's own.")] = "",
    classes: Annotated[
        Path | None,
        typer.Option(help="YAML that says what its classes are: `lorry: truck_bus`, `dog: null`."),
    ] = None,
    allow_code: Annotated[
        bool,
        typer.Option("--allow-code", help="Run what a .pt holds: only if you trust its origin."),
    ] = False,
    as_json: _Json = False,
) -> None:
    """Keep your own detector under a name, with its class names translated to ours."""
    own_classes = read_class_map(classes) if classes else None
    converter = _converter() if allow_code and path.suffix.lower() == ".pt" else None
    doing = "Converting it" if converter else "Reading and trying it"
    with working(notices(), doing, silent=as_json):
        added = add_model(Addition(path, name, own_classes, converter), _own_folder())
    if as_json:
        print_json(
            _row(added.files, "own")
            | {"left_out": list(added.classes.left_out), "unasked": list(added.classes.unasked)}
        )
        return
    _tell(added)


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="Name of a model that was added.")],
) -> None:
    """Remove a model of your own; sources that run it keep it until they end."""
    remove_model(name, _own_folder())
    terminal().print(f"{name} is removed.")


app.command("eval")(evaluate)
app.command("export")(export)


def _own_folder() -> Path:
    return read_settings(os.environ, Path.home()).models_folder


def _converter() -> Converter:
    """Return what turns a .pt into ONNX.

    Raises:
        UsageError: the extra `models` is not installed.
    """
    if not all(find_spec(module) for module in ("torch", "ultralytics", "onnx", "safetensors")):
        raise UsageError(
            "PyTorch weights need the extra `models`: install it with "
            "`pip install 'gridpatrol[models]'`, or have them exported to ONNX."
        )
    converter: Converter = import_module("vision.models.pytorch").to_onnx
    return converter


def _row(files: ModelFiles, origin: str) -> dict[str, Any]:
    means = files.class_map or {name: name for name in files.class_names}
    return {
        "name": files.name,
        "origin": origin,
        "classes": list(files.seen_classes),
        "own_classes": dict(means),
        "input_wh_px": list(files.input_wh_px or ()),
        "sha256": files.sha256,
    }


def _tell(added: Added) -> None:
    files, classes = added.files, added.classes
    made = table(f"{files.name} ({added.weights})", {"its class": "left", "told as": "left"})
    for own, ours in classes.kept.items():
        made.add_row(own, ours)
    terminal().print(made)
    if classes.left_out:
        notices().print(
            f"Left out, as no rule asks for them: {shown(classes.left_out)}. "
            "--classes FILE says otherwise.",
            soft_wrap=True,
            markup=False,
        )
    if classes.unasked:
        notices().print(
            f"No shipped rule asks for {shown(classes.unasked)}: write one with --rules. Shipped "
            f"rules know {shown(OUR_CLASSES)}.",
            soft_wrap=True,
            markup=False,
        )
    terminal().print(f"Run it with `patrol watch SOURCE --model {files.name}`.")
