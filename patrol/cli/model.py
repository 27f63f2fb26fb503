"""`patrol model`: the detectors that can be used."""

from typing import Annotated

import typer

from patrol.cli.console import print_json, table, terminal
from vision.models.registry import load_model, shipped_models

app = typer.Typer(help="Show the shipped detectors.", no_args_is_help=True)


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """List the shipped models with their classes; each is checked against its hash."""
    models = [load_model(name) for name in shipped_models()]
    if as_json:
        print_json(
            [{"name": m.name, "classes": list(m.class_names), "sha256": m.sha256} for m in models]
        )
        return
    made = table("Models", {"name": "left", "input": "right", "classes": "left"})
    for model in models:
        size = "x".join(str(side) for side in model.input_wh_px or ())
        made.add_row(model.name, size, ", ".join(model.class_names))
    terminal().print(made)
