"""How `patrol fly` shows its flights: a live table for people, JSON lines for machines."""

import math
import time
from typing import Protocol, Self

from rich.live import Live
from rich.markup import escape
from rich.table import Table

from flight.flight_news import FlightUpdate
from flight.states import VehicleState
from patrol.cli.console import print_json, table, terminal

JSON_EVERY_S = 1.0
_SAME_HEIGHT_M = 1.0
_COLUMNS = {
    "aircraft": "left",
    "state": "left",
    "mode": "left",
    "item": "right",
    "next": "right",
    "height": "right",
    "ground": "right",
    "speed": "right",
    "battery": "right",
    "wind": "right",
    "link": "right",
    "breach in": "right",
    "position": "left",
    "cell": "left",
}

WIDE = 170
"""Columns from which on each aircraft has one line; below it has two."""
# What stands above what in a narrow terminal, so that all of it fits into eighty columns.
_PAIRS = (
    ("aircraft", "state"),
    ("mode", "item"),
    ("height", "ground"),
    ("speed", "next"),
    ("battery", "breach in"),
    ("wind", "link"),
    ("position", "cell"),
)


class Shown(Protocol):
    """Somewhere flights are shown."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End."""

    def update(self, news: FlightUpdate) -> None:
        """Show news."""


class JsonLines:
    """Prints what happens, and a line a second for each aircraft."""

    def __init__(self) -> None:
        self._last_s: dict[str, float] = {}
        self._states: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""

    def update(self, news: FlightUpdate) -> None:
        """Print news, and mere telemetry once a second."""
        name, now_s = news.vehicle_name, time.monotonic()
        changed = self._states.get(name) != news.state.value
        due = now_s - self._last_s.get(name, 0.0) >= JSON_EVERY_S
        if not (changed or news.text or due):
            return
        self._last_s[name], self._states[name] = now_s, news.state.value
        print_json(json_row(news) | {"changed": changed})


def json_row(news: FlightUpdate) -> dict[str, object]:
    """Return all that is known of a flight just now; what is not known is null."""
    seen, ahead = news.telemetry, news.foresight
    position = seen.position
    row: dict[str, object] = {
        "vehicle": news.vehicle_name,
        "state": news.state.value,
        "text": news.text,
        "time_boot_s": round(seen.time_boot_s, 2),
        "position": [position.lon_deg, position.lat_deg] if position else None,
        "height_home_m": round(seen.height_home_m, 1),
        "height_ground_m": _rounded(ahead.height_ground_m) if ahead else None,
        "speed_mps": round(seen.ground_speed_mps, 1),
        "battery_percent": seen.battery_percent,
        "item": seen.mission_item,
        "items": news.item_count,
        "next_m": None if news.next_m is None else round(news.next_m, 1),
        "cell": news.cell_code,
        "mode": seen.mode,
        **_wind_row(news),
        "silence_s": round(news.silence_s, 2),
        "loss_fraction": None if news.loss_fraction is None else round(news.loss_fraction, 3),
        "breach": seen.breach,
        "breached": list(ahead.breached) if ahead else [],
        "breach_in_s": _finite(ahead.breach_in_s) if ahead else None,
        "fence_m": _finite(ahead.distance_m) if ahead else None,
        "warning": bool(ahead and ahead.warning),
    }
    return row | ({"preflight": news.preflight.as_rows()} if news.preflight else {})


def _wind_row(news: FlightUpdate) -> dict[str, object]:
    """The wind as it is told, or else as it is estimated."""
    seen, estimate = news.telemetry, news.wind_estimate
    if seen.wind_mps is not None or estimate is None:
        return {
            "wind_mps": seen.wind_mps,
            "wind_from_deg": seen.wind_from_deg,
            "wind_estimated": False,
        }
    return {
        "wind_mps": round(estimate.speed_mps, 1),
        "wind_from_deg": round(estimate.from_deg),
        "wind_estimated": True,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _finite(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None


class LiveTable:
    """Shows all aircraft in a table that lives, and what happens above it."""

    def __init__(self) -> None:
        self._live = Live(console=terminal(), refresh_per_second=4, transient=False)
        self._newest: dict[str, FlightUpdate] = {}

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def update(self, news: FlightUpdate) -> None:
        """Show news above the table, and the newest state in it."""
        say = self._live.console.print
        if news.preflight is not None:
            for line in news.preflight.lines:
                say(f"{news.vehicle_name}: {line}", markup=False, soft_wrap=True)
        elif news.text:
            style = "bold red" if news.text.startswith(("WARNING", "BREACH")) else None
            say(f"{news.vehicle_name}: {news.text}", markup=False, soft_wrap=True, style=style)
        self._newest[news.vehicle_name] = news
        width = self._live.console.width
        self._live.update(flight_table(tuple(self._newest.values()), width))


def flight_table(updates: tuple[FlightUpdate, ...], width: int = WIDE) -> Table:
    """Return the newest of each aircraft as a table that fits the width.

    Args:
        updates: One for each aircraft.
        width: Columns of the terminal; in a narrow one each aircraft has two lines.
    """
    rows = table("In flight", _COLUMNS) if width >= WIDE else _narrow_table()
    for news in updates:
        cells = _cells(news)
        warned = news.foresight is not None and news.foresight.warning
        shown = [*cells.values()]
        if width < WIDE:
            shown = ["\n".join(cells[name] for name in pair) for pair in _PAIRS]
        rows.add_row(*shown, style="bold red" if warned else None)
    return rows


def _narrow_table() -> Table:
    rows = Table(title="In flight", title_justify="left", title_style="bold", box=None)
    rows.padding, rows.pad_edge = (0, 1, 0, 0), False
    for pair in _PAIRS:
        heading = "\n".join(pair).removesuffix(" in")  # as wide as what stands below it
        rows.add_column(heading, overflow="fold", header_style="bold")
    return rows


def _cells(news: FlightUpdate) -> dict[str, str]:
    """Return what is shown of an aircraft by its heading, ready to print."""
    seen = news.telemetry
    item = "–" if seen.mission_item is None else str(seen.mission_item)
    shown = (
        escape(news.vehicle_name),
        news.state.value.replace("_", " "),
        escape(seen.mode),
        f"{item}/{news.item_count}",
        "–" if news.next_m is None else f"{news.next_m:.0f} m",
        f"{seen.height_home_m:.0f} m",
        _above_ground(news),
        f"{seen.ground_speed_mps:.1f} m/s",
        "?" if seen.battery_percent is None else f"{seen.battery_percent:.0f} %",
        _wind(news),
        _link(news),
        _breach(news),
        _place(seen),
        escape(news.cell_code),
    )
    return dict(zip(_COLUMNS, shown, strict=True))


def _above_ground(news: FlightUpdate) -> str:
    """The height above the ground, where that is known and another one than above home."""
    above_ground_m = None if news.foresight is None else news.foresight.height_ground_m
    if (
        above_ground_m is None
        or abs(above_ground_m - news.telemetry.height_home_m) < _SAME_HEIGHT_M
    ):
        return ""
    return f"{above_ground_m:.0f} m"


def _wind(news: FlightUpdate) -> str:
    seen, estimate = news.telemetry, news.wind_estimate
    if seen.wind_mps is None:
        if estimate is None:
            return "?"
        return f"~{estimate.speed_mps:.0f} m/s {estimate.from_deg:.0f}°"
    from_deg = "" if seen.wind_from_deg is None else f" {seen.wind_from_deg:.0f}°"
    return f"{seen.wind_mps:.0f} m/s{from_deg}"


def _link(news: FlightUpdate) -> str:
    loss = "?" if news.loss_fraction is None else f"{100.0 * news.loss_fraction:.0f}"
    return f"{news.silence_s:.1f} s, −{loss} %"


def _breach(news: FlightUpdate) -> str:
    ahead = news.foresight
    if ahead is None:
        return "–"
    if ahead.breached:
        return "BREACH"
    return f"{ahead.breach_in_s:.0f} s" if math.isfinite(ahead.breach_in_s) else "–"


def _place(seen: VehicleState) -> str:
    place = seen.position
    return "?" if place is None else f"{place.lat_deg:.5f},{place.lon_deg:.5f}"
