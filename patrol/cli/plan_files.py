"""`patrol plan export` and `patrol plan import`: plans in the files of other programs."""

import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import shapely
import typer

from flight.formats.foreign import Home
from flight.formats.foreign_files import read_missions
from flight.formats.geojson import write_geojson
from flight.formats.kml import write_kml
from flight.formats.plan_file import read_plan, write_plan
from flight.formats.qgc_plan import is_own_file, read_qgc_file, write_qgc_plan
from flight.formats.route_import import Assumed
from flight.formats.waypoints import write_waypoints
from flight.formats.wpml import WpmlSettings, write_wpml
from flight.formats.wpml_aircraft import dji_aircraft
from flight.missions import Action, Mission, PatrolPlan
from flight.planning.adopting import adopt
from geofences.checks import Finding, Severity
from geofences.county import County
from geofences.errors import InvalidGeometryError
from geofences.geodesy import LocalFrame, LonLat
from patrol.cli.console import notices, print_json, terminal
from patrol.cli.findings import finding_row, show_findings
from patrol.cli.plan_options import parse_aircraft
from patrol.cli.plan_shown import show_plan
from patrol.counties import load_county
from patrol.defaults import DEFAULT_CAMERA, default_aircraft
from patrol.elevation import load_terrain
from patrol.errors import UsageError
from patrol.plan_checks import Day, check_on
from patrol.settings import read_settings

app = typer.Typer()

DEFAULT_PITCH_DEG = -60.0
ELSEWHERE_M = 20_000.0
"""Beyond this from the outermost cells, a mission has nothing to do with a county."""


class Format(StrEnum):
    """What a plan can be written as."""

    PLAN = "plan"
    WAYPOINTS = "waypoints"
    WPML = "wpml"
    KML = "kml"
    GEOJSON = "geojson"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Elevation = Annotated[
    list[Path] | None,
    typer.Option(
        help="Elevation GeoTIFF, VRT or folder of tiles, above sea level (EGM96, EGM2008, 1985) "
        "or what the file says; repeat it. Default: the home's."
    ),
]
PlanFile = Annotated[Path, typer.Argument(help="The plan file that `patrol plan` wrote.")]


@app.command("export")
def export(
    file: PlanFile,
    formats: Annotated[
        list[Format],
        typer.Option(
            "--format",
            help="plan (QGroundControl), waypoints (Mission Planner), wpml (DJI), kml or geojson; "
            "repeat it.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
    aircraft_model: Annotated[
        str, typer.Option(help="For wpml: the DJI aircraft, such as M4TD or M350+H30T.")
    ] = "",
    from_remote: Annotated[
        bool, typer.Option("--from-remote", help="For wpml: started by a remote, not by a dock.")
    ] = False,
    above_ellipsoid: Annotated[
        bool,
        typer.Option("--above-ellipsoid", help="For wpml: heights above WGS-84, not take-off."),
    ] = False,
    keep: Annotated[
        Path | None,
        typer.Option(help="For plan: a .plan file whose other content the new one keeps."),
    ] = None,
    terrain: Elevation = None,
    as_json: AsJson = False,
) -> None:
    """Write a plan in the files of other programs; a plan that must not fly is not written."""
    settings = read_settings(os.environ, Path.home())
    county = load_county(settings)
    plan = read_plan(file)
    day = Day(terrain=load_terrain(terrain or [], settings))
    _refuse_errors(check_on(plan, county, day), as_json=as_json)
    if Format.WPML in formats and not aircraft_model:
        raise UsageError("A DJI route is made for one aircraft: add --aircraft-model, as in M4TD.")
    writers: dict[Format, Callable[[], list[Path]]] = {
        Format.PLAN: partial(_plans, plan, out, keep),
        Format.WAYPOINTS: partial(_lists, plan, out),
        Format.WPML: partial(
            _routes, plan, out, aircraft_model, from_remote=from_remote, absolute=above_ellipsoid
        ),
        Format.KML: partial(_map, write_kml, plan, county, out / f"{_stem(plan)}.kml"),
        Format.GEOJSON: partial(_map, write_geojson, plan, county, out / f"{_stem(plan)}.geojson"),
    }
    out.mkdir(parents=True, exist_ok=True)
    written = [path for wanted in dict.fromkeys(formats) for path in writers[wanted]()]
    if as_json:
        print_json({"written": [str(path) for path in written]})
        return
    for path in written:
        terminal().print(f"Written: {path}", markup=False, soft_wrap=True)
    if Format.WAYPOINTS in formats:
        notices().print(
            "A waypoint list has no place for the fence: load that from the .plan file."
        )


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="A .plan, .waypoints, .kmz (DJI or KML), .kml or .geojson file.")
    ],
    out: Annotated[Path, typer.Option(help="The plan file to write.")] = Path("plan.json"),
    home: Annotated[
        str,
        typer.Option(
            metavar="LON,LAT[,ALT]",
            help="Where the aircraft starts, and its metres above sea level.",
        ),
    ] = "",
    speed: Annotated[
        float | None, typer.Option(help="For drawn lines: metres a second.", min=0.1)
    ] = None,
    height: Annotated[
        float | None, typer.Option(help="For drawn lines: metres above home.", min=1.0)
    ] = None,
    pitch: Annotated[
        float | None, typer.Option(help="Gimbal pitch in degrees, -90 down.", min=-90.0, max=0.0)
    ] = None,
    aircraft: Annotated[
        list[str] | None,
        typer.Option(help="NAME@DOCK for missions that name nobody; repeat it."),
    ] = None,
    terrain: Elevation = None,
    as_json: AsJson = False,
) -> None:
    """Make a plan of a mission from another program, checked; exit code 1 if it must not fly."""
    settings = read_settings(os.environ, Path.home())
    county = load_county(settings)
    assumed = Assumed(parse_home(home) if home else None, speed, height, pitch)
    missions = read_missions(file, assumed)
    crew = tuple(parse_aircraft(text) for text in aircraft or []) or default_aircraft(county)
    if not crew:
        raise UsageError("Nobody can fly it: this county has no docks. Add --aircraft NAME@DOCK.")
    pitch_deg = _pitch_of(missions) if pitch is None else pitch
    plan = replace(adopt(missions, county, crew, DEFAULT_CAMERA, pitch_deg), aircraft=crew)
    findings = check_on(plan, county, Day(terrain=load_terrain(terrain or [], settings)))
    findings += elsewhere(plan, county)
    _refuse_errors(findings, as_json=as_json)
    plan = replace(plan, name=file.stem, findings=findings)
    write_plan(plan, out)
    if as_json:
        print_json(
            {
                "plan": str(out),
                "missions": [mission.mission_id for mission in plan.missions],
                "findings": [finding_row(finding) for finding in findings],
            }
        )
        return
    show_plan(plan, as_json=False)
    terminal().print(f"Plan written to {out}.", markup=False, soft_wrap=True)
    if file.suffix.lower() == ".plan":
        notices().print(
            f"Surveys and settings that only QGroundControl knows stay in {file}: export with "
            f"--keep {file} to have them in the new file.",
            markup=False,
            soft_wrap=True,
        )


def elsewhere(plan: PatrolPlan, county: County) -> tuple[Finding, ...]:
    """A warning for each mission that starts far from the county, whose zones then say nothing."""
    outlines = shapely.union_all([cell.polygon for cell in county.grid.cells])
    frame = LocalFrame(LonLat(outlines.centroid.x, outlines.centroid.y))
    area = frame.geometry_to_local(shapely.box(*outlines.bounds))
    far = []
    for mission in plan.missions:
        home = shapely.Point(frame.to_local(mission.home.lon_deg, mission.home.lat_deg))
        gap_m = shapely.distance(area, home)
        if gap_m > ELSEWHERE_M:
            message = (
                f"Mission {mission.mission_id} starts {gap_m / 1000.0:.0f} km outside "
                f"{county.name}, whose zones say nothing about that place. Import the county "
                "there, or correct the mission's home."
            )
            place = mission.home
            warning = Severity.WARNING
            far.append(Finding("plan.elsewhere", warning, mission.mission_id, message, place))
    return tuple(far)


def parse_home(text: str) -> Home:
    """Read `LON,LAT` or `LON,LAT,ALT`.

    Raises:
        UsageError: the text has another form, or is no place.
    """
    try:
        lon_deg, lat_deg, *more = [float(part) for part in text.split(",")]
        home = Home(LonLat(lon_deg, lat_deg), more[0] if more else None)
    except (ValueError, InvalidGeometryError) as error:
        raise _no_place(text) from error
    if len(more) > 1 or not all(map(math.isfinite, more)):
        raise _no_place(text)
    return home


def _no_place(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is no place: write longitude and latitude in degrees, as in 115.62,33.16, "
        "and metres above sea level if they are known."
    )


def _refuse_errors(findings: Sequence[Finding], *, as_json: bool) -> None:
    errors = tuple(f for f in findings if f.severity is Severity.ERROR)
    if not errors:
        return
    if as_json:
        print_json({"findings": [finding_row(finding) for finding in errors]})
    else:
        show_findings(errors)
        notices().print("Nothing was written: this plan must not fly.")
    raise typer.Exit(1)


def _plans(plan: PatrolPlan, out: Path, keep: Path | None) -> list[Path]:
    if keep is not None and len(plan.missions) > 1:
        raise UsageError(f"--keep is for a plan of one mission; this one has {len(plan.missions)}.")
    kept = read_qgc_file(keep) if keep else None
    paths = _paths(plan.missions, out, ".plan")
    for path in paths if keep is None else ():
        _refuse_foreign(path)
    for mission, path in zip(plan.missions, paths, strict=True):
        write_qgc_plan(mission, path, kept=kept)
    return paths


def _refuse_foreign(path: Path) -> None:
    """Surveys and settings of another program's file would be gone if ours took its place."""
    if path.exists() and not is_own_file(path):
        raise UsageError(
            f"{path} was not written by patrol plan, and would lose what only its program knows. "
            f"Add --keep {path} to keep that, or write to another --out."
        )


def _lists(plan: PatrolPlan, out: Path) -> list[Path]:
    paths = _paths(plan.missions, out, ".waypoints")
    for mission, path in zip(plan.missions, paths, strict=True):
        write_waypoints(mission, path)
    return paths


def _routes(
    plan: PatrolPlan, out: Path, model: str, *, from_remote: bool, absolute: bool
) -> list[Path]:
    settings = WpmlSettings(dji_aircraft(model), from_dock=not from_remote, absolute=absolute)
    paths = _paths(plan.missions, out, ".kmz")
    for mission, path in zip(plan.missions, paths, strict=True):
        write_wpml(mission, path, settings)
    return paths


def _map(
    write: Callable[[PatrolPlan, County, Path], None], plan: PatrolPlan, county: County, path: Path
) -> list[Path]:
    write(plan, county, path)
    return [path]


def _paths(missions: Sequence[Mission], out: Path, suffix: str) -> list[Path]:
    """A file for each mission; names keep to letters, digits and hyphens, as DJI asks for."""
    stems: list[str] = []
    for number, mission in enumerate(missions, start=1):
        stem = _safe(mission.mission_id)
        stems.append(stem if stem not in stems else f"{stem}-{number}")
    return [out / f"{stem}{suffix}" for stem in stems]


def _stem(plan: PatrolPlan) -> str:
    return _safe(f"{plan.name}-{plan.plan_id}")


def _safe(name: str) -> str:
    return re.sub(r"[^\w-]|_", "-", name).strip("-") or "plan"


def _pitch_of(missions: Sequence[Mission]) -> float:
    """The first pitch that any mission orders."""
    pitches = [
        item.value
        for mission in missions
        for item in mission.items
        if item.action is Action.GIMBAL and item.value is not None
    ]
    return pitches[0] if pitches else DEFAULT_PITCH_DEG
