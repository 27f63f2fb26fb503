"""What all commands share on the terminal: where text goes, and how JSON lines are written."""

import json
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

# Written to a file or a pipe, a table is as wide as its widest common one needs.
PIPED_WIDTH = 150


def terminal(*, stderr: bool = False) -> Console:
    """Return the console for people, with colours and a width that fit where it is read."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    return console


def notices() -> Console:
    """Return the console for remarks beside the result: standard error."""
    return terminal(stderr=True)


def print_json(value: object) -> None:
    """Print one JSON value on a line of its own, at once, for a machine to read."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def table(title: str, columns: Mapping[str, str]) -> Table:
    """Return an empty table; `columns` gives each heading's alignment, `left` or `right`."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for heading, justify in columns.items():
        # Nothing is cut off in a narrow window: ids and numbers are there to be used.
        right = justify == "right"
        made.add_column(heading, justify="right" if right else "left", overflow="fold")
    return made
