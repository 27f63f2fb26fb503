"""A plan in a terminal: a row for each mission, then what the checks found."""

from rich.console import Console
from rich.markup import escape

from flight.missions import Action, Mission, PatrolPlan
from patrol.cli.console import print_json, table, terminal
from patrol.cli.findings import finding_row, show_findings


def show_plan(made: PatrolPlan, *, as_json: bool, console: Console | None = None) -> None:
    """Print time, distance and coverage of a plan, by aircraft."""
    if as_json:
        print_json(plan_row(made))
        return
    headings = {"no.": "right", "aircraft": "left", "cells": "right", "starts": "right"}
    headings |= dict.fromkeys(["time", "km", "Wh", "height", "m/s"], "right")
    rows = table(_title(made), headings)
    for mission in made.missions:
        rows.add_row(
            escape(short_id(made, mission)),
            escape(f"{mission.vehicle_name}@{mission.dock_id}"),
            str(len(mission.cell_codes)),
            clock(mission.start_s),
            clock(mission.duration_s),
            f"{mission.distance_m / 1000.0:.2f}",
            "" if mission.energy_wh is None else f"{mission.energy_wh:.0f}",
            heights(mission),
            f"{mission.speed_mps:.3g}",
        )
    (console or terminal()).print(rows)
    show_findings(made.findings)


def is_partial(made: PatrolPlan) -> bool:
    """Whether a plan leaves out some of what was asked for; its findings say what and why."""
    return any(finding.code.endswith(".left_out") for finding in made.findings)


def _title(made: PatrolPlan) -> str:
    looked_at = len({code for mission in made.missions for code in mission.cell_codes})
    whole = len(made.cell_codes)
    cells = f"{whole}" if looked_at == whole else f"{looked_at} of {whole}"
    landed_s = max((mission.start_s + mission.duration_s for mission in made.missions), default=0.0)
    noun = "cell" if whole == 1 else "cells"
    return (
        f"{escape(made.name)}: {cells} {noun}, {made.coverage_fraction:.1%} covered, "
        f"last landing after {clock(landed_s)}"
    )


def short_id(plan: PatrolPlan, mission: Mission) -> str:
    """What is left of a mission's id without its plan's: enough to name it among the others."""
    return mission.mission_id.removeprefix(f"{plan.plan_id}-")


def clock(time_s: float) -> str:
    """Minutes and seconds, and hours before them where there are any."""
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def heights(mission: Mission) -> str:
    """The height of a mission above home, or from the lowest to the highest of its waypoints."""
    found = [
        item.height_home_m
        for item in mission.items
        if item.action is Action.WAYPOINT and item.height_home_m is not None
    ]
    lowest, highest = (f"{m:.0f}" for m in (min(found, default=0.0), max(found, default=0.0)))
    return f"{lowest} m" if lowest == highest else f"{lowest}-{highest} m"


def plan_row(made: PatrolPlan) -> dict[str, object]:
    """Return a plan's figures for a machine."""
    return {
        "plan_id": made.plan_id,
        "name": made.name,
        "cells": len(made.cell_codes),
        "partial": is_partial(made),
        "coverage_fraction": round(made.coverage_fraction, 4),
        "missions": [
            {
                "mission_id": mission.mission_id,
                "vehicle": mission.vehicle_name,
                "dock": mission.dock_id,
                "items": len(mission.items),
                "distance_m": round(mission.distance_m, 1),
                "duration_s": round(mission.duration_s, 1),
                "energy_wh": None if mission.energy_wh is None else round(mission.energy_wh, 1),
                "start_s": round(mission.start_s, 1),
            }
            for mission in made.missions
        ],
        "findings": [finding_row(finding) for finding in made.findings],
    }
