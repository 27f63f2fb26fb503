"""`patrol simulate --scenario`: days flown and judged, shown as a table or as JSON lines."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape

from flight.flight_news import FlightUpdate
from patrol.cli.console import notices, print_json, table, terminal
from patrol.errors import UsageError
from patrol.scenarios.flying import FlownDay, fly_day
from patrol.scenarios.judging import Check, judge
from patrol.scenarios.reading import find_days, read_day, shipped_days

_TOLD_EVERY_S = 2.0


def show_shipped(*, as_json: bool) -> None:
    """List the days that come with the program."""
    days = {name: read_day(path) for name, path in shipped_days().items()}
    if as_json:
        print_json([{"name": name, "title": day.title} for name, day in days.items()])
        return
    shown = table("Shipped days", {"name": "left", "aircraft": "right", "what": "left"})
    for name, day in days.items():
        shown.add_row(name, str(len(day.aircraft)), f"{day.title}. {day.about}".strip())
    terminal().print(shown)


def fly_scenarios(names: Sequence[str], keep: Path | None, *, as_json: bool) -> bool:
    """Fly days one after the other and show what held; return whether all did.

    Raises:
        UsageError: A day's folder is there already.
        ScenarioError: One of them is no scenario; nothing has flown then.
    """
    paths = [path for name in names for path in find_days(name)]
    days = [(path.stem, read_day(path)) for path in paths]
    for name, _ in days if keep else ():
        if keep and (keep / name).exists():
            raise UsageError(f"{keep / name} is there already; choose another folder to --keep in.")
    rows: list[tuple[str, FlownDay, tuple[Check, ...], float]] = []
    for number, (name, day) in enumerate(days, start=1):
        progress = _Progress(f"{number} of {len(days)}: {name}")
        began_s = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="patrol-day-") as scratch:
            folder = Path(scratch) if keep is None else keep / name
            flown = fly_day(day, folder, progress.tell)
            checks = judge(flown)
        rows.append((name, flown, checks, time.monotonic() - began_s))
        if as_json:
            print_json(_as_json(*rows[-1]))
    if not as_json:
        _show(rows)
    return all(check.holds for _, _, checks, _ in rows for check in checks)


class _Progress:
    """A line now and then on how far a day has come."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._told_s = time.monotonic()
        notices().print(f"day {what}", markup=False)

    def tell(self, day_s: float, update: FlightUpdate) -> None:
        """Take the news."""
        if time.monotonic() - self._told_s >= _TOLD_EVERY_S:
            self._told_s = time.monotonic()
            notices().print(
                f"  {day_s:,.0f} s flown; {update.vehicle_name} is {update.state}", markup=False
            )


def _as_json(name: str, flown: FlownDay, checks: Sequence[Check], took_s: float) -> object:
    return {
        "scenario": name,
        "title": flown.day.title,
        "holds": all(check.holds for check in checks),
        "simulated_s": round(flown.lasted_s, 2),
        "took_s": round(took_s, 2),
        "checks": [asdict(check) for check in checks],
        "news": [
            {"at_s": round(at_s, 2), "aircraft": news.vehicle_name, "state": news.state}
            | {"text": news.text}
            for at_s, news in flown.news
        ],
    }


def _show(rows: Sequence[tuple[str, FlownDay, tuple[Check, ...], float]]) -> None:
    shown = table(
        "Days",
        {"day": "left", "held": "left", "checks": "right", "minutes": "right", "speed": "right"},
    )
    for name, flown, checks, took_s in rows:
        held = sum(check.holds for check in checks)
        shown.add_row(
            name,
            "[green]yes[/]" if held == len(checks) else "[bold red]NO[/]",
            f"{held}/{len(checks)}",
            f"{flown.lasted_s / 60:.1f}",
            f"{flown.lasted_s / took_s:.0f} ×",
        )
    terminal().print(shown)
    for name, flown, checks, _ in rows:
        broken = [check for check in checks if not check.holds]
        if broken:
            _show_broken(name, flown, broken)


def _show_broken(name: str, flown: FlownDay, broken: Sequence[Check]) -> None:
    shown = table(f"What did not hold: {name}", {"who": "left", "wanted": "left", "found": "left"})
    for check in broken:
        shown.add_row(check.aircraft, escape(check.what), escape(check.found))
    terminal().print(shown)
    for at_s, news in flown.news:
        line = f"{at_s:8.1f} s  {news.vehicle_name}: {news.state}: {news.text}"
        terminal().print(line, markup=False, soft_wrap=True)
