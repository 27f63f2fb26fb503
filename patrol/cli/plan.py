"""`patrol plan`: plan a patrol, check a plan."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from flight.formats.plan_file import read_plan, write_plan
from flight.formats.qgc_plan import write_qgc_plan
from flight.missions import PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.checks import check_plan
from flight.planning.picture import draw_plan
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from flight.planning.tasks import CoverCells
from geofences.checks import Severity
from geofences.county import County
from patrol.cli.console import print_json, table, terminal
from patrol.cli.findings import finding_row, show_findings
from patrol.counties import load_county
from patrol.defaults import DEFAULT_CAMERA, default_aircraft
from patrol.errors import UsageError
from patrol.settings import read_settings

app = typer.Typer(help="Plan a patrol over cells, and check plans before they fly.")

AIRCRAFT_NAME = re.compile(r"\w[\w.-]*")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]


@app.callback(invoke_without_command=True)
def plan(
    context: typer.Context,
    village: Annotated[
        str, typer.Option(help="Cover the cells of this village (first 12 digits of their codes).")
    ] = "",
    cell: Annotated[list[str] | None, typer.Option(help="Cover this cell; repeat it.")] = None,
    aircraft: Annotated[
        list[str] | None,
        typer.Option(help="NAME@DOCK[:MINUTES of endurance]; repeat it.", metavar="NAME@DOCK"),
    ] = None,
    height: Annotated[float, typer.Option(help="Metres above the take-off point.")] = 40.0,
    speed: Annotated[float, typer.Option(help="Metres a second on the lanes.")] = 8.0,
    overlap: Annotated[float, typer.Option(help="Side overlap of the lanes, 0 to 0.9.")] = 0.3,
    pitch: Annotated[
        float, typer.Option(help="Gimbal pitch in degrees, -90 down.", min=-90.0, max=0.0)
    ] = -60.0,
    out: Annotated[Path, typer.Option(help="The plan file to write.")] = Path("plan.json"),
    save: Annotated[Path | None, typer.Option(help="Draw the plan as a PNG.")] = None,
    qgc: Annotated[
        Path | None, typer.Option(help="Also write QGroundControl .plan files to this folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan a patrol: lanes over the cells, split between the aircraft, and checked."""
    if context.invoked_subcommand:
        return
    county = load_county(read_settings(os.environ, Path.home()))
    request = PatrolRequest(
        name=village or "patrol",
        task=CoverCells(_cells_asked_for(county, village, cell or [])),
        aircraft=tuple(parse_aircraft(text) for text in aircraft or []) or default_aircraft(county),
        camera=DEFAULT_CAMERA,
        height_home_m=height,
        speed_mps=speed,
        side_overlap=overlap,
        gimbal_pitch_deg=pitch,
    )
    made = plan_patrol(county, request)
    if save:
        draw_plan(county, made, save)
    if qgc:
        qgc.mkdir(parents=True, exist_ok=True)
        for mission in made.missions:
            write_qgc_plan(mission, qgc / f"{mission.mission_id}.plan")
    write_plan(made, out)  # last: where there is a plan, all that was asked for is there
    show_plan(made, as_json=as_json)
    if not as_json:
        told = f"Plan written to {out}" + (f", drawn in {save}" if save else "") + "."
        terminal().print(told, markup=False, soft_wrap=True)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The plan file that `patrol plan` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Check a plan file against the county's zones; exit code 1 if it must not fly."""
    county = load_county(read_settings(os.environ, Path.home()))
    findings = check_plan(read_plan(file), county.zones)
    if as_json:
        print_json([finding_row(finding) for finding in findings])
    else:
        show_findings(findings)
        if not findings:
            told = f"{file}: nothing speaks against flying this plan."
            terminal().print(told, markup=False, soft_wrap=True)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(1)


def parse_aircraft(text: str) -> Aircraft:
    """Read `NAME@DOCK` or `NAME@DOCK:MINUTES`.

    Raises:
        UsageError: the text has another form.
    """
    name, at, rest = text.partition("@")
    dock_id, _, minutes = rest.partition(":")
    if not (name and at and dock_id):
        raise UsageError(f"{text!r} names no aircraft: write NAME@DOCK, as in uav-1@dock-1.")
    if not AIRCRAFT_NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for an aircraft, which also names files: use letters, digits, "
            "'-', '_' and '.', as in uav-1."
        )
    if not minutes:
        return Aircraft(name, dock_id)
    try:
        return Aircraft(name, dock_id, endurance_s=float(minutes) * 60.0)
    except ValueError:
        raise UsageError(
            f"{text!r} gives no endurance: write minutes after the colon, as in uav-1@dock-1:25."
        ) from None


def show_plan(made: PatrolPlan, *, as_json: bool, console: Console | None = None) -> None:
    """Print time, distance and coverage of a plan, by aircraft."""
    if as_json:
        print_json(plan_row(made))
        return
    title = (
        f"{escape(made.name)}: {len(made.cell_codes)} cells, {made.coverage_fraction:.1%} covered"
    )
    headings = {"aircraft": "left", "dock": "left", "cells": "right", "items": "right"}
    headings |= {"distance": "right", "time": "right", "height": "right", "speed": "right"}
    rows = table(title, headings)
    for mission in made.missions:
        minutes, seconds = divmod(round(mission.duration_s), 60)
        rows.add_row(
            escape(mission.vehicle_name),
            escape(mission.dock_id),
            str(len(mission.cell_codes)),
            str(len(mission.items)),
            f"{mission.distance_m / 1000.0:.2f} km",
            f"{minutes}:{seconds:02d}",
            f"{mission.height_home_m:.0f} m",
            f"{mission.speed_mps:.0f} m/s",
        )
    (console or terminal()).print(rows)
    show_findings(made.findings)


def plan_row(made: PatrolPlan) -> dict[str, object]:
    """Return a plan's figures for a machine."""
    return {
        "plan_id": made.plan_id,
        "cells": len(made.cell_codes),
        "coverage_fraction": round(made.coverage_fraction, 4),
        "missions": [
            {
                "mission_id": mission.mission_id,
                "vehicle": mission.vehicle_name,
                "dock": mission.dock_id,
                "items": len(mission.items),
                "distance_m": round(mission.distance_m, 1),
                "duration_s": round(mission.duration_s, 1),
            }
            for mission in made.missions
        ],
        "findings": [finding_row(finding) for finding in made.findings],
    }


def _cells_asked_for(county: County, village: str, cells: list[str]) -> tuple[str, ...]:
    if bool(village) == bool(cells):
        raise UsageError("Say what to look at: --village CODE, or --cell CODE once or more.")
    if village:
        codes = tuple(each.code for each in county.grid.in_village(village))
        if not codes:
            raise UsageError(
                f"No cell of {county.name} lies in village {village!r}: a village code is the "
                "first 12 digits of its cells' codes."
            )
        return codes
    return tuple(county.grid.by_code(code).code for code in cells)
