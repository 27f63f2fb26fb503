"""How far a long command is, on standard error, where a person reads it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from geofences.findings import Tell, tell_nobody


@contextmanager
def progress(console: Console, *, silent: bool) -> Iterator[Tell]:
    """Show steps as they are told; nothing of them stays on the terminal afterwards.

    Args:
        console: of remarks.
        silent: whether a machine reads, which is told nothing.
    """
    if silent or not console.is_terminal:
        yield tell_nobody
        return
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step)
            bars.update(tasks[step], completed=done, total=of)

        yield tell


@contextmanager
def working(console: Console, doing: str, *, silent: bool) -> Iterator[None]:
    """Show that something goes on, and for how long already, where nobody can say how far it is.

    Args:
        console: of remarks.
        doing: what goes on; nothing of it stays on the terminal afterwards.
        silent: whether a machine reads, which is told nothing.
    """
    if silent or not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        shown.add_task(doing, total=None)
        yield
