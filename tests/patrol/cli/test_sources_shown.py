"""How many sources are shown in windows of all sizes."""

import pytest
from rich.console import Console

from patrol.cli.sources_shown import live_table, status_table
from patrol.sources.status import SourceState, SourceStatus
from patrol.sources.watched import SourceRow

WHY = "rtsp://10.1.4.20/1: cannot be opened as video (Connection refused); check the network."


def row(name: str, state: SourceState = SourceState.WATCHING, told: str = "") -> SourceRow:
    """A source that has gone for an hour."""
    status = SourceStatus(name, state, frames=18_000, time_s=3600.0, fps=5.0, told=told)
    return SourceRow(status, 0)


def shown(rows: tuple[SourceRow, ...], width: int, height: int = 24) -> list[str]:
    """The lines of the live table."""
    console = Console(width=width, height=height, force_terminal=False)
    with console.capture() as caught:
        console.print(live_table(rows, console))
    return caught.get().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 110, 200])
def test_each_source_is_legible_in_every_width(width: int) -> None:
    """Its name and state are in one piece; a remark that has no room is cut."""
    rows = tuple(row(f"cam-{n:02}", SourceState.RETRYING, WHY) for n in range(12))
    lines = shown(rows, width)
    assert len(lines) <= 22
    assert max(map(len, lines)) <= width
    for each in rows:
        (line,) = (line for line in lines if each.status.name in line)
        assert "retrying" in line


def test_a_remark_is_told_whole_where_there_is_room() -> None:
    """Of two sources in a usual window."""
    text = "".join(shown((row("a"), row("b", SourceState.RETRYING, WHY)), 120))
    assert "refused" in text
    assert "restarts" in text


def test_of_too_many_those_that_do_not_go_well_are_shown() -> None:
    """And how many are not."""
    rows = tuple(row(f"cam-{n:03}") for n in range(99))
    lines = shown((*rows, row("broken", SourceState.RETRYING, WHY)), 80)
    assert len(lines) <= 22
    assert "broken" in lines[3]
    assert "and 83 more" in lines[-1]


def test_in_the_end_every_source_is_told() -> None:
    """Into a file with all columns, however many there are."""
    rows = tuple(row(f"cam-{n:03}") for n in range(99))
    assert status_table(rows).row_count == 99
    assert len(status_table(rows).columns) == 11
