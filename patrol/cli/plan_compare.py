"""`patrol plan compare`: what if there were more aircraft, more wind, another speed or height."""

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from flight.planning.aircraft import Aircraft
from flight.planning.choosing import Choice, choose, merits_of
from flight.planning.comparison import AXES, Outcome, Preparation, Variant, compare, variants
from flight.planning.comparison_chart import draw_comparison, variant_name
from flight.planning.picture_words import Language
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from flight.planning.tasks import Task
from geofences.county import County
from geofences.terrain import Terrain
from patrol.cli.console import notices, print_json, table, terminal
from patrol.cli.plan_options import Sought, parse_aircraft
from patrol.counties import load_county
from patrol.defaults import DEFAULT_CAMERA, default_aircraft, default_heights
from patrol.elevation import load_terrain
from patrol.errors import UsageError
from patrol.settings import read_settings

app = typer.Typer()

MOST_VARIANTS = 200
MOST_CREW = 100


@app.command("compare")
def compare_(
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="AXIS=V1,V2",
            help=f"What to vary, and its values: {', '.join(axis.name for axis in AXES)}; wind as "
            "FROM@SPEED. Repeat it for every combination.",
        ),
    ],
    village: Annotated[str, typer.Option(help="The cells of a village (12 digits).")] = "",
    town: Annotated[str, typer.Option(help="The cells of a town (9 digits).")] = "",
    cell: Annotated[list[str] | None, typer.Option(help="This cell; repeat it.")] = None,
    streets: Annotated[
        str, typer.Option(help="All streets of a village or town (its code), or `all`.")
    ] = "",
    aircraft: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME@DOCK[:MINUTES of endurance[:KM that its radio reaches]]; repeat it.",
            metavar="NAME@DOCK",
        ),
    ] = None,
    gsd: Annotated[
        float | None, typer.Option(help="Largest pixel on the ground, centimetres.", min=0.1)
    ] = None,
    setup: Annotated[
        float, typer.Option(help="Minutes to make one aircraft ready; 0 for docks.", min=0.0)
    ] = 3.0,
    swap: Annotated[float, typer.Option(help="Minutes to change a battery.", min=0.0)] = 3.0,
    pitch: Annotated[
        float, typer.Option(help="Gimbal pitch in degrees, -90 down.", min=-90.0, max=0.0)
    ] = -60.0,
    save: Annotated[Path | None, typer.Option(help="Draw the comparison as a PNG.")] = None,
    language: Annotated[Language, typer.Option(help="Of the chart.")] = Language.BOTH,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Plan a patrol in several ways and say which is done first, set-up included."""
    settings = read_settings(os.environ, Path.home())
    county = load_county(settings)
    sought = Sought(village=village, town=town, cells=tuple(cell or []), streets=streets)
    choices, task = parse_choices(vary), sought.task(county)
    crew = tuple(map(parse_aircraft, aircraft or [])) or _crew(
        county, task, choices.get("aircraft", [])
    )
    terrain = load_terrain([], settings)
    height_home_m, height_ground_m = default_heights(county, task, crew, terrain)
    request = PatrolRequest(
        sought.name,
        task,
        crew,
        DEFAULT_CAMERA,
        height_home_m=height_home_m,
        height_ground_m=height_ground_m,
        gimbal_pitch_deg=pitch,
    )
    ways = variants(request, choices)
    if len(ways) > MOST_VARIANTS:
        raise UsageError(
            f"These are {len(ways)} combinations; at most {MOST_VARIANTS} are compared. Vary less."
        )
    preparation = Preparation(setup * 60.0, swap * 60.0)
    outcomes: list[Outcome] = []
    try:
        for outcome in _planned(county, ways, terrain, preparation, quiet=as_json):
            outcomes.append(outcome)
            if as_json:
                print_json(outcome_row(outcome))
    except KeyboardInterrupt:
        # What is known already took time to find out.
        notices().print(f"Stopped after {len(outcomes)} of {len(ways)} ways.")
        if outcomes:
            _tell(outcomes, gsd, as_json=as_json)
        raise
    choice = _tell(outcomes, gsd, as_json=as_json)
    if save:
        draw_comparison(outcomes, choice, sought.name, save, language)
    if choice is None:
        raise typer.Exit(1)


def _crew(county: County, task: Task, counts: Sequence[str]) -> tuple[Aircraft, ...]:
    """As many aircraft as the largest number that is tried, from each usual dock in turn."""
    usual = default_aircraft(county, task)
    most = max((int(count) for count in counts if count.isdecimal()), default=0)
    if not usual or most <= len(usual):
        return usual
    docks = [craft.dock_id for craft in usual]
    return tuple(
        Aircraft(f"uav-{n + 1}", docks[n % len(docks)]) for n in range(min(most, MOST_CREW))
    )


def parse_choices(texts: Sequence[str]) -> dict[str, list[str]]:
    """Read `AXIS=V1,V2` of each option.

    Raises:
        UsageError: a text has another form.
    """
    choices: dict[str, list[str]] = {}
    for text in texts:
        name, _, values = text.partition("=")
        parts = [part.strip() for part in values.split(",") if part.strip()]
        if not parts:
            raise UsageError(f"{text!r} varies nothing: write AXIS=V1,V2, as in speed=6,8,10.")
        choices.setdefault(name.strip(), []).extend(parts)
    return choices


def outcome_row(outcome: Outcome) -> dict[str, object]:
    """Return what a variant comes to, for a machine."""
    row: dict[str, object] = {"values": dict(outcome.variant.values)}
    if outcome.plan is None:
        return row | {"refused": outcome.refusal}
    energy_wh = outcome.energy_wh
    return row | {
        "total_s": round(outcome.total_s, 1),
        "setup_s": round(outcome.setup_s, 1),
        "airborne_s": round(outcome.airborne_s, 1),
        "batteries": outcome.batteries,
        "energy_wh": None if energy_wh is None else round(energy_wh, 1),
        "distance_m": round(outcome.distance_m, 1),
        "coverage_fraction": round(outcome.coverage, 4),
        "ground_sample_cm": round(outcome.ground_sample_cm, 2),
        "findings": [finding.code for finding in outcome.plan.findings],
    }


def _planned(
    county: County,
    ways: Sequence[Variant],
    terrain: Terrain | None,
    preparation: Preparation,
    *,
    quiet: bool,
) -> Iterator[Outcome]:
    with Progress(console=notices(), transient=True, disable=quiet) as progress:
        task = progress.add_task("Planning", total=len(ways))
        made = compare(ways, lambda request: plan_patrol(county, request, terrain), preparation)
        for outcome in made:
            progress.advance(task)
            yield outcome


def _tell(outcomes: Sequence[Outcome], gsd: float | None, *, as_json: bool) -> Choice | None:
    choice = choose(outcomes, math.inf if gsd is None else gsd)
    if as_json:
        best = dict(choice.best.variant.values) if choice else None
        print_json({"best": best, "reason": choice.reason if choice else ""})
        return choice
    terminal().print(_table(outcomes, choice))
    for outcome in outcomes:
        if outcome.plan is None:
            told = f"[red]{variant_name(outcome)}[/]: {escape(outcome.refusal)}"
            notices().print(told, soft_wrap=True)
    if choice:
        told = f"Best: {variant_name(choice.best)}. {choice.reason}"
    else:
        told = "None of these ways can be flown, or none sees finely enough."
    terminal().print(told, markup=False, soft_wrap=True)
    return choice


def _table(outcomes: Sequence[Outcome], choice: Choice | None) -> object:
    names = list(outcomes[0].variant.values) if outcomes else []
    headings = {"best in": "left"} | dict.fromkeys(names, "right")
    headings |= dict.fromkeys(
        ["last landing", "set-up", "in the air", "batteries", "energy", "distance", "seen"], "right"
    )
    rows = table("What if", headings | {"pixel": "right", "findings": "right"})
    for outcome in outcomes:
        marks = ", ".join(merits_of(outcome, outcomes, choice))
        rows.add_row(marks, *outcome.variant.values.values(), *_figures(outcome))
    return rows


def _figures(outcome: Outcome) -> list[str]:
    if outcome.plan is None:
        return ["cannot fly", *["-"] * 8]
    energy = "-" if outcome.energy_wh is None else f"{outcome.energy_wh:.0f} Wh"
    return [
        _minutes(outcome.total_s),
        _minutes(outcome.setup_s),
        _minutes(outcome.airborne_s),
        str(outcome.batteries),
        energy,
        f"{outcome.distance_m / 1000.0:.2f} km",
        f"{outcome.coverage:.1%}",
        f"{outcome.ground_sample_cm:.1f} cm",
        str(len(outcome.plan.findings)),
    ]


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
