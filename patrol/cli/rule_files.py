"""What the commands for catalogue and calendars share: files in and out."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from patrol.cli.console import terminal
from patrol.errors import UsageError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
File = Annotated[Path, typer.Argument(help="A YAML file.")]
Out = Annotated[Path, typer.Argument(help="YAML file to write.")]


def put_by() -> str:
    """Return who is at this terminal, as far as the machine knows."""
    try:
        return f"{getpass.getuser()} at the command line"[:100]
    except (KeyError, OSError):  # a container's user need not have a name
        return "the command line"


def write_out(out: Path, text: str) -> None:
    """Write a text to a new or an existing file, whole or not at all.

    Raises:
        UsageError: The name is not that of a YAML file.
    """
    if out.suffix.lower() not in {".yaml", ".yml"}:
        raise UsageError(f"{out} is no YAML file: give a name that ends in .yaml.")
    half = out.with_name(f".{out.name}.half")
    half.write_text(text, encoding="utf-8")
    half.replace(out)
    terminal().print(f"Written to {out}.", markup=False, soft_wrap=True)
