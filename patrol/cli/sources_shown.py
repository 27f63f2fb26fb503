"""How many sources are shown: a live table for people, JSON lines for machines."""

import time
from contextlib import suppress
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.watch_lines import sighting_row, sighting_text
from patrol.sources.status import SourceState, ToldSighting
from patrol.sources.watched import SourceRow

JSON_EVERY_S = 2.0
_COLUMNS = {
    "source": "left",
    "state": "left",
    "seen": "right",
    "frames": "right",
    "fps": "right",
    "lag": "right",
    "dropped": "right",
    "damaged": "right",
    "restarts": "right",
    "found": "right",
    "remark": "left",
}
# By how wide the window is: what is left out there, beside the words of each row.
_ALL_FROM, _SOME_FROM = 110, 70
_LEFT_OUT_FIRST = frozenset({"seen", "frames", "damaged", "restarts"})
_LEFT_OUT_LAST = _LEFT_OUT_FIRST | {"fps", "lag", "dropped"}
# Lines of a window for what is told above the table, and those with its frame.
_LINES_TOLD = 2
_LINES_BESIDE = _LINES_TOLD + 5
_CALM = frozenset({SourceState.WATCHING, SourceState.FINISHED, SourceState.STOPPED})
_STYLES = {
    SourceState.WATCHING: "green",
    SourceState.FINISHED: "green",
    SourceState.FAILED: "bold red",
    SourceState.RETRYING: "yellow",
    SourceState.RESTARTING: "yellow",
}


class ShownSources(Protocol):
    """Somewhere the watching of many sources is shown."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End."""

    def sighting(self, told: ToldSighting) -> None:
        """A sighting is safe."""

    def notice(self, text: str) -> None:
        """Something that a person should know."""

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """How all sources go just now."""


class JsonSources:
    """Prints a line for each sighting, and for each source now and then and when it changes."""

    def __init__(self) -> None:
        self._said_s: dict[str, float] = {}
        self._states: dict[str, SourceState] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""

    def sighting(self, told: ToldSighting) -> None:
        """Print it."""
        text = sighting_text(told.sighting, told.rule)
        print_json(sighting_row(told.sighting) | {"source": told.source, "text": text})

    def notice(self, text: str) -> None:
        """Print it."""
        print_json({"notice": text})

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Print what changed or is due."""
        now_s = time.monotonic()
        for row in rows:
            name, state = row.status.name, row.status.state
            due = now_s - self._said_s.get(name, float("-inf")) >= JSON_EVERY_S
            if self._states.get(name) is state and (not due or state.is_over):
                continue
            self._said_s[name], self._states[name] = now_s, state
            print_json(status_row(row))


class TableOfSources:
    """A table that stays where it is, with what is told above it."""

    def __init__(self) -> None:
        self._rows: tuple[SourceRow, ...] = ()
        self._console = terminal()
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        # Into a file or a pipe only the last table is written.
        self._moves = self._console.is_terminal

    def __enter__(self) -> Self:
        if self._moves:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._moves:
            # Stopping shows it, all of it however high.
            self._live.update(status_table(self._rows, self._console.width))
            self._live.stop()
        else:
            with suppress(BrokenPipeError):
                self._console.print(status_table(self._rows))

    def sighting(self, told: ToldSighting) -> None:
        """Print it above the table."""
        text = sighting_text(told.sighting, told.rule)
        line = f"[green]●[/] [bold]{escape(told.source)}[/] {escape(text)}"
        self._console.print(line, soft_wrap=True)

    def notice(self, text: str) -> None:
        """Print it above the table, or among the remarks where there is no table."""
        out = self._console if self._moves else notices()
        out.print(text, style="yellow", markup=False, soft_wrap=True)

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Show how all sources go."""
        self._rows = rows
        if self._moves:
            self._live.update(live_table(rows, self._console), refresh=True)


def status_row(row: SourceRow) -> dict[str, object]:
    """Return how a source goes, for a machine."""
    status = row.status
    return {
        "source": status.name,
        "state": status.state.value,
        "frames": status.frames,
        "time_s": round(status.time_s, 2),
        "fps": round(status.fps, 2),
        "lag_s": round(status.lag_s, 3),
        "dropped": status.dropped,
        "damaged": status.damaged,
        "reconnects": status.reconnects,
        "restarts": row.restarts,
        "sightings": status.sightings,
        "clip_wait_s": round(status.clips_s, 3),
        "remark": status.told,
    }


def live_table(rows: tuple[SourceRow, ...], console: Console) -> Table:
    """Return how sources go just now, for a window of a height.

    Where it has no room for long remarks, each source is a line; where there are too many for
    that, too, those that do not go well come first, and how many are left out is told.
    """
    width, most = console.width, max(1, console.height - _LINES_BESIDE)
    if len(rows) <= most:
        made = status_table(rows, width)
        if len(console.render_lines(made, pad=False)) <= console.height - _LINES_TOLD:
            return made
    else:
        worst_first = sorted(rows, key=lambda row: row.status.state in _CALM)
        made = status_table(tuple(worst_first[:most]), width)
        made.caption = f"and {len(rows) - most} more"
    for column in made.columns:
        column.no_wrap, column.overflow = True, "ellipsis"
    # Names may take a third of the window, remarks whatever the rest leaves.
    made.columns[0].max_width = width // 3
    made.expand, made.columns[-1].ratio = True, 1
    return made


def status_table(rows: tuple[SourceRow, ...], width: int = _ALL_FROM) -> Table:
    """Return how all sources go, for a person; in a narrow window with fewer columns."""
    left_out = _LEFT_OUT_LAST if width < _SOME_FROM else _LEFT_OUT_FIRST
    shown = [name for name in _COLUMNS if width >= _ALL_FROM or name not in left_out]
    made = table("", {name: _COLUMNS[name] for name in shown})
    if len(shown) < len(_COLUMNS):
        made.caption = "a wider window shows more"
    for row in rows:
        status = row.status
        style = _STYLES.get(status.state, "")
        state = f"[{style}]{status.state.value}[/]" if style else status.state.value
        again = f" ({status.reconnects} reconnects)" if status.reconnects else ""
        cells = {
            "source": escape(status.name),
            "state": state,
            "seen": f"{status.time_s:.0f} s",
            "frames": str(status.frames),
            "fps": f"{status.fps:.1f}",
            "lag": f"{status.lag_s:.2f} s",
            "dropped": str(status.dropped),
            "damaged": str(status.damaged),
            "restarts": str(row.restarts),
            "found": str(status.sightings),
            "remark": escape((status.told + again).strip()),
        }
        made.add_row(*(cells[name] for name in shown))
    return made
