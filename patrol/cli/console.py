"""What all commands share on the terminal: where text goes, and how JSON lines are written."""

import json
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table


def terminal() -> Console:
    """Return the console for people: standard output, colours only where they can be shown."""
    return Console(highlight=False)


def notices() -> Console:
    """Return the console for remarks beside the result: standard error."""
    return Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """Print one JSON value on a line of its own, at once, for a machine to read."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def table(title: str, columns: Mapping[str, str]) -> Table:
    """Return an empty table; `columns` gives each heading's alignment, `left` or `right`."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for heading, justify in columns.items():
        made.add_column(heading, justify="right" if justify == "right" else "left")
    return made
