"""`patrol fly`: fly a plan on real or simulated aircraft."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, Self

import typer
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from events_api.client import EventApiClient
from flight.flight_news import FlightUpdate
from flight.formats.plan_file import read_plan
from flight.missions import PatrolPlan
from geofences.checks import Severity
from geofences.county import County
from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.findings import show_findings
from patrol.cli.plan_shown import clock
from patrol.counties import load_county
from patrol.elevation import load_terrain
from patrol.errors import NoCountyError, UsageError
from patrol.fleet import FleetOptions, Sortie, SortieEnd, assign, fly_fleet
from patrol.plan_checks import Day, check_on
from patrol.positions import PositionPublisher
from patrol.seen_cells import record_seen
from patrol.settings import Settings, read_settings

JSON_EVERY_S = 1.0


def fly(
    plan: Annotated[Path, typer.Argument(help="The plan file that `patrol plan` wrote.")],
    vehicle: Annotated[
        list[str],
        typer.Option(
            help="Address of an autopilot, as udpin:0.0.0.0:14550, tcp:HOST:5760 or "
            "serial:/dev/ttyACM0:57600; one for each mission in order, or NAME=ADDRESS."
        ),
    ],
    log: Annotated[
        Path | None, typer.Option(help="Folder to record in; by default below GRIDPATROL_HOME.")
    ] = None,
    connect_wait: Annotated[
        float, typer.Option(help="Seconds to wait for an autopilot to answer.", min=0.1)
    ] = 10.0,
    speedup: Annotated[
        float, typer.Option(help="A simulation's speed; leave it at 1 for real aircraft.", min=1.0)
    ] = 1.0,
    publish: Annotated[bool, typer.Option(help="Show the aircraft on the map.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Fly a plan: check, upload, arm, patrol, return, land. Ctrl-C brings every aircraft home."""
    settings = read_settings(os.environ, Path.home())
    made = read_plan(plan)
    _refuse_unsafe(made, settings)
    sorties = assign(made, vehicle)
    _tell_starts(sorties)
    options = FleetOptions(log or settings.flights_folder, speedup, connect_wait)
    with ExitStack() as stack:
        hear = stack.enter_context(_JsonLines()) if as_json else stack.enter_context(_LiveTable())
        listeners: list[Callable[[FlightUpdate], None]] = [hear.update]
        if publish:
            client = stack.enter_context(EventApiClient(settings.api_url, settings.token))
            positions = stack.enter_context(PositionPublisher(client))
            listeners.append(lambda news: positions.tell(news.vehicle_name, news.telemetry))

        def spread(news: FlightUpdate) -> None:
            for listener in listeners:
                listener(news)

        ends = asyncio.run(fly_fleet(sorties, made, options, spread))
    seen = [code for end in ends if end.result for code in end.result.cell_codes]
    if seen:
        record_seen(settings.seen_file, seen, datetime.now().astimezone())
    _show_ends(ends, as_json=as_json)
    if not all(end.completed for end in ends):
        raise typer.Exit(1)


def _refuse_unsafe(plan: PatrolPlan, settings: Settings) -> None:
    county: County | None = None
    try:
        county = load_county(settings)
    except NoCountyError:
        notices().print("No county was imported: the plan is checked without its no-fly zones.")
    day = Day(datetime.now().astimezone(), terrain=load_terrain((), settings))
    findings = check_on(plan, county, day)
    show_findings(findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise UsageError("This plan must not fly, for the reasons above; plan it again.")


def _tell_starts(sorties: Sequence[Sortie]) -> None:
    for sortie in sorties:
        if sortie.mission.start_s > 0.0:
            told = f"{sortie.mission.vehicle_name}: takes off {clock(sortie.mission.start_s)} later"
            notices().print(told, markup=False, soft_wrap=True)


class _JsonLines:
    """Prints what happens, and a line a second for each aircraft."""

    def __init__(self) -> None:
        self._last_s: dict[str, float] = {}
        self._states: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""

    def update(self, news: FlightUpdate) -> None:
        name, now_s = news.vehicle_name, time.monotonic()
        changed = self._states.get(name) != news.state.value
        if not (changed or news.text) and now_s - self._last_s.get(name, 0.0) < JSON_EVERY_S:
            return
        self._last_s[name], self._states[name] = now_s, news.state.value
        position = news.telemetry.position
        print_json(
            {
                "vehicle": name,
                "state": news.state.value,
                "changed": changed,
                "text": news.text,
                "time_boot_s": round(news.telemetry.time_boot_s, 2),
                "position": [position.lon_deg, position.lat_deg] if position else None,
                "height_home_m": round(news.telemetry.height_home_m, 1),
                "speed_mps": round(news.telemetry.ground_speed_mps, 1),
                "battery_percent": news.telemetry.battery_percent,
                "item": news.telemetry.mission_item,
                "items": news.item_count,
                "cell": news.cell_code,
                "mode": news.telemetry.mode,
                "breach": news.telemetry.breach,
            }
        )


class _LiveTable:
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
        if news.text:
            told = f"{news.vehicle_name}: {news.text}"
            self._live.console.print(told, markup=False, soft_wrap=True)
        self._newest[news.vehicle_name] = news
        self._live.update(flight_table(tuple(self._newest.values())))


def flight_table(updates: tuple[FlightUpdate, ...]) -> Table:
    """Return the newest of each aircraft as a table."""
    columns = {"aircraft": "left", "state": "left", "mode": "left", "item": "right"}
    columns |= {"height": "right", "speed": "right", "battery": "right", "cell": "left"}
    rows = table("In flight", columns)
    for news in updates:
        seen = news.telemetry
        battery = "?" if seen.battery_percent is None else f"{seen.battery_percent:.0f} %"
        item = "–" if seen.mission_item is None else str(seen.mission_item)
        rows.add_row(
            escape(news.vehicle_name),
            news.state.value.replace("_", " "),
            escape(seen.mode),
            f"{item}/{news.item_count}",
            f"{seen.height_home_m:.0f} m",
            f"{seen.ground_speed_mps:.1f} m/s",
            battery,
            escape(news.cell_code),
        )
    return rows


def _show_ends(ends: tuple[SortieEnd, ...], *, as_json: bool) -> None:
    for end in ends:
        name = end.sortie.mission.vehicle_name
        if end.error:
            notices().print(f"{name}: {end.error}", markup=False, style="red", soft_wrap=True)
        if as_json:
            result = end.result
            print_json(
                {
                    "ended": name,
                    "outcome": result.outcome.value if result else "failed",
                    "items_flown": result.items_flown if result else 0,
                    "airborne_s": round(result.airborne_s, 1) if result else 0.0,
                    "cells": list(result.cell_codes) if result else [],
                    "text": result.text if result else str(end.error),
                }
            )
        elif end.result:
            terminal().print(f"{name}: {end.result.text}", markup=False, soft_wrap=True)
