"""A battery ends a patrol; what it left is planned, written, and flown on a fresh one."""

import json
import re
from dataclasses import replace
from pathlib import Path

import shapely

from flight.formats.plan_file import read_plan
from flight.missions import Action, Mission
from flight.simulator.settings import Since, VehicleFault, VehicleFaultKind
from geofences.geodesy import LonLat
from tests.flight.fake_vehicle import HOME, small_mission, square
from tests.patrol.builders import FRAME, SPEEDUP, simulated_aircraft, written_plan
from tests.patrol.conftest import Said, Terminal

DOCK = LonLat(*FRAME.to_lonlat(0.0, -110.0))
SAGS = VehicleFault(VehicleFaultKind.BATTERY_SAG, 1.0, value=0.05, since=Since.WAYPOINT, waypoint=6)

REBOOTS = VehicleFault(VehicleFaultKind.REBOOT, 1.0, since=Since.WAYPOINT, waypoint=6)


def ring() -> Mission:
    """Return twelve cells around home, flown from the southern dock."""
    plain = small_mission(waypoints=12, reach_m=70.0)
    fence = replace(plain.fence, inclusion=square(HOME, 240.0))
    return replace(plain, home=DOCK, dock_id="dock-1", fence=fence)


def flown(terminal: Terminal, plan: Path, address: str) -> Said:
    """Fly a plan, as JSON lines."""
    return terminal("fly", plan, "--vehicle", address, "--speedup", SPEEDUP, "--json")


def test_the_rest_of_a_patrol_is_flown_by_the_next_aircraft(county_terminal: Terminal) -> None:
    """By the command that the first flight ended with; all cells are seen, and the seam twice."""
    plan = written_plan(county_terminal.folder / "plan.json", ring())
    low = (("BATT_FS_LOW_ACT", 2.0),)
    with simulated_aircraft(place=DOCK, faults=(SAGS,), parameters=low) as address:
        first = flown(county_terminal, plan, address)
    assert first.code == 1
    assert first.lines[-1]["outcome"] == "failsafe"
    named = re.search(
        r"planned in (\S+\.plan\.json)\. Change the battery", first.err.replace("\n", " ")
    )
    assert named is not None, first.err
    (rest,) = read_plan(Path(named[1])).missions
    assert {Action.TAKEOFF, Action.SPEED, Action.GIMBAL} <= {item.action for item in rest.items}
    with simulated_aircraft("kite", place=DOCK) as address:
        second = flown(county_terminal, Path(named[1]), f"heron={address}")
    assert second.code == 0, second.err
    seen = [set(map(str, said.lines[-1]["cells"])) for said in (first, second)]  # type: ignore[call-overload]
    assert seen[0] | seen[1] == {f"C{number}" for number in range(12)}
    assert "C0" not in seen[1]
    assert overlap_m(county_terminal.home / "flights", rest) > 15.0


def test_the_rest_of_a_patrol_that_a_reboot_ended_is_planned_too(
    county_terminal: Terminal,
) -> None:
    """By our own count: the autopilot's begins again; nothing of it starts by itself."""
    plan = written_plan(county_terminal.folder / "plan.json", ring())
    with simulated_aircraft(place=DOCK, faults=(REBOOTS,)) as address:
        said = flown(county_terminal, plan, address)
    assert said.code == 1
    assert (said.lines[-1]["outcome"], said.lines[-1]["items_flown"]) == ("failed", 3 + 5)
    assert "rebooted in flight" in said.err
    named = re.search(
        r"planned in (\S+\.plan\.json)\. When it is found and fit to fly",
        said.err.replace("\n", " "),
    )
    assert named is not None, said.err
    (rest,) = read_plan(Path(named[1])).missions
    assert {"C5", "C11"} <= set(rest.cell_codes)
    assert "C0" not in rest.cell_codes


def overlap_m(folder: Path, rest: Mission) -> float:
    """Return how far the first flight still flew its mission after where the second one began."""
    rows = map(json.loads, (folder / "heron.flight.jsonl").read_text().splitlines())
    flown_m = shapely.LineString(
        [
            FRAME.to_local(row["lon_deg"], row["lat_deg"])
            for row in rows
            if row.get("mode") == "AUTO"
        ]
    )
    work = next(item.position for item in rest.items if item.action is Action.WAYPOINT)
    assert work is not None
    begins_m = shapely.Point(FRAME.to_local(work.lon_deg, work.lat_deg))
    assert flown_m.distance(begins_m) < 5.0, "the rest begins where nobody was"
    return float(flown_m.length - flown_m.project(begins_m))
