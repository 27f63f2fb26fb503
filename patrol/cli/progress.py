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
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from flight.planning.stages import Doing, Stage, Watch, unwatched
from geofences.findings import Tell, tell_nobody

_DOING = {
    Doing.SEARCHING: "Searching short flights",
    Doing.LAYING: "Laying flights",
    Doing.PARTING: "Keeping aircraft apart",
    Doing.CHECKING: "Checking",
}


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


@contextmanager
def planning(console: Console, *, silent: bool) -> Iterator[Watch]:
    """Show what planning is at, how far, and how long it still takes where that can be told.

    Args:
        console: of remarks; nothing stays on it afterwards.
        silent: whether a machine reads, which is told nothing.
    """
    if silent or not console.is_terminal:
        yield unwatched
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[Doing, TaskID] = {}
        # Whoever reads sees at once that something goes on, before the first step is told.
        begun = bars.add_task("Planning", total=None)

        def watch(stage: Stage) -> None:
            bars.update(begun, visible=False)
            if stage.doing not in tasks:
                tasks[stage.doing] = bars.add_task(_DOING[stage.doing])
            bars.update(
                tasks[stage.doing],
                completed=stage.done,
                total=stage.of,
                description=stage_words(stage),
            )

        yield watch


def stage_words(stage: Stage) -> str:
    """What planning is at, in words."""
    if stage.doing is Doing.SEARCHING and stage.length_m > 0.0:
        return f"{_DOING[stage.doing]}: {stage.length_m / 1000.0:.1f} km by now"
    if stage.doing is Doing.LAYING:
        return f"{_DOING[stage.doing]}: {min(stage.done + 1, stage.of)} of {stage.of}"
    return _DOING[stage.doing]
