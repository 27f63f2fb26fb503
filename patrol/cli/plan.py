"""`patrol plan`: plan a patrol, check a plan, resume a mission that was broken off."""

import dataclasses
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flight.errors import PlanningError
from flight.formats.plan_file import read_plan, write_plan
from flight.formats.qgc_plan import write_qgc_plan
from flight.missions import Mission, PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.picture import draw_plan
from flight.planning.picture_words import Language
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from flight.planning.resuming import Breakpoint, ResumeSettings, resume_mission
from flight.planning.tasks import Task, VisitCells
from geofences.checks import Severity
from patrol.cli.console import notices, print_json, terminal
from patrol.cli.findings import finding_row, show_findings
from patrol.cli.plan_options import (
    CameraFile,
    Sought,
    camera_of,
    parse_aircraft,
    parse_time,
    parse_wind,
    place_of,
)
from patrol.cli.plan_shown import is_partial, short_id, show_plan
from patrol.cli.progress import planning, working
from patrol.counties import load_county
from patrol.defaults import DEFAULT_HEIGHT_M, default_aircraft, default_heights
from patrol.elevation import load_terrain
from patrol.errors import UsageError
from patrol.plan_checks import Day, check_on
from patrol.seen_cells import read_seen, read_wishes, urgencies_of
from patrol.settings import Settings, read_settings

app = typer.Typer(help="Plan a patrol over cells, streets or places, and check plans.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Crew = Annotated[
    list[str] | None,
    typer.Option(
        help="NAME@DOCK[:MINUTES of endurance[:KM that its radio reaches]]; repeat it.",
        metavar="NAME@DOCK",
    ),
]
WindText = Annotated[
    str, typer.Option("--wind", help="FROM@SPEED: degrees it comes from, metres a second.")
]
TimeText = Annotated[
    str, typer.Option("--at", help="Take-off, as 2026-11-22T08:30; zones not active then are left.")
]
Elevation = Annotated[
    list[Path] | None,
    typer.Option(help="Elevation GeoTIFF, VRT or folder of tiles; repeat it. Default: the home's."),
]
PANEL = "What to look at"
PARTIAL = 3
"""The exit code of a plan that leaves out some of what was asked for."""


@app.callback(invoke_without_command=True)
def plan(
    context: typer.Context,
    village: Annotated[
        str, typer.Option(help="The cells of a village (12 digits).", rich_help_panel=PANEL)
    ] = "",
    town: Annotated[
        str, typer.Option(help="The cells of a town (9 digits).", rich_help_panel=PANEL)
    ] = "",
    cell: Annotated[
        list[str] | None, typer.Option(help="This cell; repeat it.", rich_help_panel=PANEL)
    ] = None,
    all_cells: Annotated[
        bool, typer.Option("--all", help="Every cell.", rich_help_panel=PANEL)
    ] = False,
    visit: Annotated[
        bool,
        typer.Option(help="Pass over each cell once, not see all of it.", rich_help_panel=PANEL),
    ] = False,
    urgent: Annotated[
        int,
        typer.Option(
            help="Visit the most urgent cells that fit into so many flights of each aircraft.",
            min=0,
            rich_help_panel=PANEL,
        ),
    ] = 0,
    priorities: Annotated[
        Path | None,
        typer.Option(
            help="CSV with code,priority,every_h; other cells have 1 and 24.", rich_help_panel=PANEL
        ),
    ] = None,
    road: Annotated[
        list[str] | None,
        typer.Option(help="This road as a corridor; repeat it.", rich_help_panel=PANEL),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(help="Metres to see across a road.", min=1.0, rich_help_panel=PANEL),
    ] = None,
    streets: Annotated[
        str,
        typer.Option(
            help="All streets of a village or town (its code), or `all`.", rich_help_panel=PANEL
        ),
    ] = "",
    inspect: Annotated[
        list[str] | None,
        typer.Option(help="Circle this place.", metavar="LON,LAT", rich_help_panel=PANEL),
    ] = None,
    hover: Annotated[
        float | None,
        typer.Option(
            help="Hover so many seconds beside a place instead.", min=1.0, rich_help_panel=PANEL
        ),
    ] = None,
    standoff: Annotated[
        float, typer.Option(help="Metres kept from a place.", min=1.0, rich_help_panel=PANEL)
    ] = 25.0,
    aircraft: Crew = None,
    height: Annotated[
        float | None,
        typer.Option(help="Metres above the take-off point. Default: 40, over hills above ground."),
    ] = None,
    height_ground: Annotated[
        float | None, typer.Option(help="Metres above the ground below: follow the terrain.")
    ] = None,
    speed: Annotated[float, typer.Option(help="Metres a second on the lanes.")] = 8.0,
    overlap: Annotated[
        float, typer.Option(help="Side overlap of the lanes.", min=0.0, max=0.9)
    ] = 0.3,
    pitch: Annotated[
        float, typer.Option(help="Gimbal pitch in degrees, -90 down.", min=-90.0, max=0.0)
    ] = -60.0,
    camera: CameraFile = None,
    wind: WindText = "",
    at: TimeText = "",
    terrain: Elevation = None,
    seed: Annotated[int, typer.Option(help="Another order of visits, as predictable as not.")] = 0,
    out: Annotated[
        Path, typer.Option(help="The plan file to write, or a folder: then named by the plan.")
    ] = Path("plan.json"),
    save: Annotated[Path | None, typer.Option(help="Draw the plan as a PNG.")] = None,
    language: Annotated[Language, typer.Option(help="Of the picture.")] = Language.BOTH,
    qgc: Annotated[
        Path | None, typer.Option(help="Also write QGroundControl .plan files to this folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Plan a patrol: a path for the task, split between the aircraft and batteries, and checked."""
    if context.invoked_subcommand:
        return
    if save and save.suffix.lower() != ".png":
        raise UsageError(f"The picture is a PNG: give --save a name ending in .png, not {save}.")
    settings = read_settings(os.environ, Path.home())
    county = load_county(settings)
    sought = Sought(
        village=village,
        town=town,
        cells=tuple(cell or []),
        all_cells=all_cells,
        visit=visit,
        roads=tuple(road or []),
        width_m=width,
        streets=streets,
        places=tuple(inspect or []),
        hover_s=hover,
        standoff_m=standoff,
        seed=seed,
        flights=urgent,
    )
    task = with_urgencies(sought.task(county), settings, priorities, parse_time(at))
    crew = tuple(map(parse_aircraft, aircraft or [])) or default_aircraft(county, task)
    ground = load_terrain(terrain or [], settings)
    unsaid = height is None and height_ground is None
    if unsaid:
        height, height_ground = default_heights(county, task, crew, ground)
    request = PatrolRequest(
        name=f"{sought.name} {parse_time(at) or datetime.now().astimezone():%Y-%m-%d}",
        task=task,
        aircraft=crew,
        camera=camera_of(camera),
        height_home_m=DEFAULT_HEIGHT_M if height is None else height,
        height_ground_m=height_ground,
        speed_mps=speed,
        side_overlap=overlap,
        gimbal_pitch_deg=pitch,
        wind=parse_wind(wind),
        departs_at=parse_time(at),
    )
    with planning(notices(), silent=as_json) as watch:
        made = plan_patrol(county, request, ground, watch)
    if save:
        with working(notices(), "Drawing", silent=as_json):
            draw_plan(county, made, save, language)
    if qgc:
        qgc.mkdir(parents=True, exist_ok=True)
        for mission in made.missions:
            write_qgc_plan(mission, qgc / f"{mission.mission_id}.plan")
    if out.is_dir():
        out /= f"{made.name.replace(' ', '-')}.json"
    write_plan(made, out)  # last: where there is a plan, all that was asked for is there
    show_plan(made, as_json=as_json)
    if not as_json:
        told = _written(request, out, save, qgc)
        if unsaid and height_ground is not None:
            told += f" It follows the ground, {height_ground:g} m above it."
        terminal().print(told, markup=False, soft_wrap=True)
    _refuse_partial(made, as_json=as_json)


def _written(request: PatrolRequest, out: Path, save: Path | None, qgc: Path | None) -> str:
    """Where a plan and what was asked for beside it lie, and when it takes off."""
    drawn = f", drawn in {save}" if save else ""
    beside = f", for QGroundControl in {qgc}" if qgc else ""
    # A time without a zone is that of this computer, which may be far from the county.
    start = request.departs_at
    when = "" if start is None else f" Take-off at {start:%Y-%m-%d %H:%M}, UTC{start:%z}."
    return f"Plan written to {out}{drawn}{beside}.{when}"


def _refuse_partial(made: PatrolPlan, *, as_json: bool) -> None:
    """End with an exit code of its own where something is left out."""
    if not is_partial(made):
        return
    if not as_json:
        notices().print(
            "[bold red]NOT ALL OF IT IS PLANNED:[/] see what is left out above. "
            f"Exit code {PARTIAL}.",
            soft_wrap=True,
        )
    raise typer.Exit(PARTIAL)


def with_urgencies(
    task: Task, settings: Settings, priorities: Path | None, at: datetime | None
) -> Task:
    """A task that visits the most urgent cells, with how urgent each is; any other as it is."""
    if not isinstance(task, VisitCells) or not task.flights:
        return task
    wishes = read_wishes(priorities) if priorities else {}
    now = at or datetime.now().astimezone()
    told = urgencies_of(task.cell_codes, read_seen(settings.seen_file), wishes, now)
    return dataclasses.replace(task, urgencies=told)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The plan file that `patrol plan` wrote.")],
    aircraft: Crew = None,
    wind: WindText = "",
    at: TimeText = "",
    terrain: Elevation = None,
    as_json: AsJson = False,
) -> None:
    """Check a plan file: zones, fence, heights, endurance; exit code 1 if it must not fly."""
    settings = read_settings(os.environ, Path.home())
    day = Day(
        parse_time(at),
        tuple(map(parse_aircraft, aircraft or [])),
        parse_wind(wind) if wind else None,
        load_terrain(terrain or [], settings),
    )
    findings = check_on(read_plan(file), load_county(settings), day)
    if as_json:
        print_json([finding_row(finding) for finding in findings])
    else:
        show_findings(findings)
        if not findings:
            told = f"{file}: nothing speaks against flying this plan."
            terminal().print(told, markup=False, soft_wrap=True)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(1)


@app.command()
def resume(
    file: Annotated[Path, typer.Argument(help="The plan file that was flown.")],
    reached: Annotated[int, typer.Option(help="Index of the last item that was reached.")],
    mission: Annotated[str, typer.Option(help="Which mission, if the plan has several.")] = "",
    position: Annotated[str, typer.Option(help="Where it was broken off.", metavar="LON,LAT")] = "",
    aircraft: Annotated[
        str, typer.Option(help="Who flies the rest; the same if not given.", metavar="NAME@DOCK")
    ] = "",
    overlap: Annotated[float, typer.Option(help="Metres to fly again.", min=0.0)] = 30.0,
    wind: WindText = "",
    terrain: Elevation = None,
    out: Annotated[Path, typer.Option(help="The plan file to write.")] = Path("resumed.json"),
    as_json: AsJson = False,
) -> None:
    """Plan what is left of a mission that was broken off, on a fresh battery."""
    settings = read_settings(os.environ, Path.home())
    county = load_county(settings)
    whole = read_plan(file)
    broken = chosen_mission(whole, mission)
    craft = parse_aircraft(aircraft) if aircraft else aircraft_of(whole, broken)
    at = Breakpoint(reached, place_of(position) if position else None)
    air = parse_wind(wind) if wind else whole.wind
    rest = resume_mission(county, broken, at, craft, ResumeSettings(overlap, wind=air))
    made = dataclasses.replace(
        whole, missions=(rest,), cell_codes=rest.cell_codes, aircraft=(craft,), wind=air
    )
    findings = check_on(made, county, Day(terrain=load_terrain(terrain or [], settings)))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise PlanningError(
            f"What is left of {broken.mission_id} must not be flown: {findings[0].message}"
        )
    made = dataclasses.replace(made, findings=findings)
    write_plan(made, out)
    show_plan(made, as_json=as_json)
    if not as_json:
        terminal().print(f"Plan of the rest written to {out}.", markup=False, soft_wrap=True)


def aircraft_of(plan: PatrolPlan, mission: Mission) -> Aircraft:
    """The aircraft that a mission was planned with, or the usual one in its place."""
    planned = (craft for craft in plan.aircraft if craft.name == mission.vehicle_name)
    return next(planned, Aircraft(mission.vehicle_name, mission.dock_id))


def chosen_mission(plan: PatrolPlan, mission_id: str) -> Mission:
    """The mission with this id or the number that is shown for it, or the only one.

    Raises:
        UsageError: there is no such mission, or none is named and the plan has several.
    """
    found: Sequence[Mission] = [
        m for m in plan.missions if mission_id in {"", m.mission_id, short_id(plan, m)}
    ]
    if len(found) != 1:
        ids = ", ".join(short_id(plan, m) for m in plan.missions)
        raise UsageError(f"Say which mission with --mission; {plan.name} has {ids}.")
    return found[0]
