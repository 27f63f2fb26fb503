"""`patrol fly`: fly a plan on real or simulated aircraft."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from events_api.client import EventApiClient
from flight.errors import FlightError
from flight.flight_news import FlightUpdate
from flight.formats.plan_file import read_plan, write_plan
from flight.mavlink.signing import Signing, read_signing_key
from flight.missions import PatrolPlan
from flight.preflight import LostLink
from geofences.checks import Severity
from geofences.county import County
from geofences.errors import GroundError
from geofences.terrain import Terrain
from patrol.cli.console import notices, print_json, terminal
from patrol.cli.findings import show_findings
from patrol.cli.flight_shown import JsonLines, LiveTable, Shown
from patrol.cli.plan_shown import clock
from patrol.counties import load_county
from patrol.elevation import load_terrain
from patrol.errors import NoCountyError, PatrolError, UsageError
from patrol.fleet import FleetOptions, Sortie, SortieEnd, assign, fly_fleet
from patrol.plan_checks import Day, check_on, zones_at
from patrol.positions import PositionPublisher
from patrol.remaining import plan_rest
from patrol.seen_cells import record_seen
from patrol.settings import Settings, read_settings


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
    on_link_loss: Annotated[
        LostLink | None,
        typer.Option(
            help="What the autopilot's own parameters must do when the link is lost (FS_GCS_ENABLE "
            "or NAV_DLL_ACT); if they do something else, nothing starts.",
        ),
    ] = None,
    bring_home: Annotated[
        bool, typer.Option(help="Bring home what is found in the air, whatever it flies.")
    ] = False,
    signing_key: Annotated[
        Path | None,
        typer.Option(
            help="File with the MAVLink 2 signing key of the aircraft: 32 bytes, 64 hexadecimal "
            "digits or a pass phrase. Whoever does not sign with it is not believed."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Fly a plan: check, upload, arm, patrol, return, land. Ctrl-C brings every aircraft home.

    An aircraft found in the air with this plan on board is followed from there. `patrol order`
    pauses, resumes, skips, returns and lands from another terminal.
    """
    settings = read_settings(os.environ, Path.home())
    made = read_plan(plan)
    county = _county(settings)
    terrain = load_terrain((), settings)
    _refuse_unsafe(made, county, terrain)
    sorties = assign(made, vehicle)
    _tell_starts(sorties)
    options = FleetOptions(
        log or settings.flights_folder,
        speedup,
        connect_wait,
        in_flight_folder=settings.in_flight_folder,
        zones=() if county is None else zones_at(county.zones, made, Day(_now())).zones,
        terrain=terrain,
        lost_link=on_link_loss,
        bring_home=bring_home,
        signing=None if signing_key is None else Signing(read_signing_key(signing_key)),
    )
    with ExitStack() as stack:
        shown: Shown = JsonLines() if as_json else LiveTable()
        listeners: list[Callable[[FlightUpdate], None]] = [stack.enter_context(shown).update]
        if publish:
            client = stack.enter_context(EventApiClient(settings.api_url, settings.token))
            positions = stack.enter_context(PositionPublisher(client))
            listeners.append(lambda news: positions.tell(news.vehicle_name, news.telemetry))
        ends = asyncio.run(fly_fleet(sorties, made, options, heard_by(listeners)))
    seen = [code for end in ends if end.result for code in end.result.cell_codes]
    if seen:
        record_seen(settings.seen_file, seen, _now())
    # What lies on disk afterwards must not depend on whether somebody is still there to read.
    for end in ends:
        unless_unheard(partial(_offer_rest, end, made, (county, terrain), options.log_folder))
    unless_unheard(partial(_show_ends, ends, as_json=as_json))
    if not all(end.completed for end in ends):
        raise typer.Exit(1)


def heard_by(listeners: list[Callable[[FlightUpdate], None]]) -> Callable[[FlightUpdate], None]:
    """Return who tells all listeners; one that cannot hear any more is told nothing more.

    A terminal that was closed, or a pipe whose reader is gone, must not end a flight.
    """
    hearing = list(listeners)

    def tell(news: FlightUpdate) -> None:
        for listener in tuple(hearing):
            try:
                listener(news)
            except (OSError, ValueError):  # writing to a closed file is a ValueError
                hearing.remove(listener)

    return tell


def unless_unheard(say: Callable[[], None]) -> None:
    """Say something; that the terminal was closed or the pipe's reader is gone ends nothing."""
    with contextlib.suppress(OSError, ValueError):  # writing to a closed file is a ValueError
        say()


def _now() -> datetime:
    return datetime.now().astimezone()


def _county(settings: Settings) -> County | None:
    try:
        return load_county(settings)
    except NoCountyError:
        notices().print("No county was imported: the plan is checked without its no-fly zones.")
        return None


def _refuse_unsafe(plan: PatrolPlan, county: County | None, terrain: Terrain | None) -> None:
    findings = check_on(plan, county, Day(_now(), terrain=terrain))
    show_findings(findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise UsageError("This plan must not fly, for the reasons above; plan it again.")


def _tell_starts(sorties: Sequence[Sortie]) -> None:
    for sortie in sorties:
        if sortie.mission.start_s > 0.0:
            told = f"{sortie.mission.vehicle_name}: takes off {clock(sortie.mission.start_s)} later"
            notices().print(told, markup=False, soft_wrap=True)


def _show_ends(ends: tuple[SortieEnd, ...], *, as_json: bool) -> None:
    for end in ends:
        name = end.sortie.mission.vehicle_name
        if end.error:
            notices().print(f"{name}: {end.error}", markup=False, style="red", soft_wrap=True)
        if as_json:
            result, at = end.result, end.left_at
            flown = 0 if at is None else at.reached_item + 1
            print_json(
                {
                    "ended": name,
                    "outcome": result.outcome.value if result else "failed",
                    "items_flown": result.items_flown if result else flown,
                    "airborne_s": round(result.airborne_s, 1) if result else 0.0,
                    "cells": list(result.cell_codes) if result else [],
                    "record_errors": result.record_errors if result else 0,
                    "text": result.text if result else str(end.error),
                }
            )
        elif end.result:
            terminal().print(f"{name}: {end.result.text}", markup=False, soft_wrap=True)
        if end.result and end.result.record_errors:
            told = (
                f"{name}: {end.result.record_errors} writes of its record failed. Is the disk full?"
            )
            notices().print(told, markup=False, style="red", soft_wrap=True)


def _offer_rest(
    end: SortieEnd,
    plan: PatrolPlan,
    ground: tuple[County | None, Terrain | None],
    folder: Path,
) -> None:
    """Plan what a flight left undone, and say how to fly it; nothing flies by itself."""
    (county, terrain), mission, at = ground, end.sortie.mission, end.left_at
    if at is None:
        return
    name = mission.vehicle_name
    if county is None:
        told = f"{name}: {at.reached_item + 1} of {len(mission.items)} items were flown."
        notices().print(told, markup=False, soft_wrap=True)
        return
    try:
        rest = plan_rest(plan, mission, at, county, terrain)
        file = folder / f"{name}-{rest.missions[0].mission_id}.plan.json"
        write_plan(rest, file)
    except (FlightError, GroundError, PatrolError, OSError) as error:
        notices().print(f"{name}: no plan of the rest: {error}", markup=False, soft_wrap=True)
        return
    ready = "When it is found and fit to fly" if end.error else "Change the battery"
    notices().print(
        f"{name}: what is left is planned in {file}. {ready} and fly it: "
        f"patrol fly {file} --vehicle {end.sortie.address} (or plan it for another aircraft: "
        f"patrol plan resume, --mission {mission.mission_id} --reached {at.reached_item}).",
        markup=False,
        soft_wrap=True,
    )
