"""Every fault that a hand-made plan file may have is found by `patrol plan check`."""

import json
from typing import Any

import pytest

from flight.formats.plan_file import write_plan
from flight.planning.aircraft import Aircraft
from flight.planning.planner import plan_patrol
from flight.planning.request import PatrolRequest
from flight.planning.tasks import CoverCells
from patrol.defaults import DEFAULT_CAMERA
from tests.patrol.builders import CODES, small_county
from tests.patrol.conftest import Terminal

Plan = dict[str, Any]


def first(plan: Plan) -> Plan:
    """The mission of the plan."""
    mission: Plan = plan["missions"][0]
    return mission


def ring(plan: Plan, east_deg: float, half_deg: float) -> list[list[float]]:
    """A square beside home."""
    home = first(plan)["home"]
    lon, lat, h = home["lon_deg"] + east_deg, home["lat_deg"], half_deg
    return [[lon - h, lat - h], [lon + h, lat - h], [lon + h, lat + h], [lon - h, lat + h],
            [lon - h, lat - h]]  # fmt: skip


def rally(plan: Plan, east_deg: float, height_m: float) -> list[Plan]:
    """A rally point beside home."""
    home = first(plan)["home"]
    at = {"lon_deg": home["lon_deg"] + east_deg, "lat_deg": home["lat_deg"]}
    return [{"position": at, "height_home_m": height_m}]


def bow_tie(plan: Plan) -> list[list[float]]:
    """A ring that crosses itself."""
    a, b, c, d, _ = ring(plan, 0.0, 0.05)
    return [a, c, b, d, a]


def many_corners(plan: Plan) -> list[list[float]]:
    """A fence of 80 vertices."""
    a, b, c, d, _ = ring(plan, 0.0, 0.05)
    share = [n / 77.0 for n in range(77)]
    side = [[a[0] + s * (b[0] - a[0]), a[1] - 0.001 * (n % 2)] for n, s in enumerate(share)]
    return [*side, b, c, d, side[0]]


def higher(plan: Plan) -> None:
    """Fly through the ceiling."""
    for item in first(plan)["items"]:
        if item["action"] == "waypoint":
            item["height_home_m"] = 130.0


def repeat(plan: Plan) -> None:
    """More items than an autopilot stores."""
    items = first(plan)["items"]
    first(plan)["items"] = [items[0], *items[1:-1] * 60, items[-1]][:700]


FAULTS: list[tuple[str, Any, list[str]]] = [
    ("fence.home_outside", lambda p: first(p)["fence"].update(inclusion=ring(p, 0.5, 0.01)), []),
    ("fence.left", lambda p: first(p)["fence"].update(inclusion=ring(p, 0.0, 0.0003)), []),
    ("fence.left", lambda p: first(p)["fence"].update(exclusions=[ring(p, 0.0, 0.0004)]), []),
    ("fence.invalid", lambda p: first(p)["fence"].update(inclusion=bow_tie(p)), []),
    ("fence.too_many_vertices", lambda p: first(p)["fence"].update(inclusion=many_corners(p)), []),
    ("fence.above_ceiling", lambda p: first(p)["fence"].update(ceiling_height_home_m=150.0), []),
    ("rally.outside_fence", lambda p: first(p).update(rally=rally(p, 0.4, 30.0)), []),
    ("rally.above_ceiling", lambda p: first(p).update(rally=rally(p, 0.0, 200.0)), []),
    ("ceiling.exceeded", higher, []),
    ("mission.too_many_items", repeat, []),
    ("mission.no_takeoff", lambda p: first(p)["items"].pop(0), []),
    ("mission.no_return", lambda p: first(p)["items"].pop(), []),
    ("plan.empty", lambda p: p.update(missions=[]), []),
    ("link.range", lambda p: p["aircraft"][0].update(link_range_m=30.0), []),
    ("endurance.exceeded", lambda p: p["aircraft"][0].update(endurance_s=60.0), []),
    ("energy.exceeded", lambda p: p["aircraft"][0].update(battery_wh=2.0), []),
    ("wind.too_strong", lambda _: None, ["--wind", "0@40"]),
    ("time.night", lambda _: None, ["--at", "2026-11-23T23:00+08:00"]),
]
WARNINGS = {"time.night"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A plan file of one cell, in which nothing is wrong."""
    crew = (Aircraft("uav-1", "dock-1"),)
    asked = PatrolRequest("sound", CoverCells((CODES[0],)), crew, DEFAULT_CAMERA)
    path = tmp_path_factory.mktemp("sound") / "plan.json"
    write_plan(plan_patrol(small_county(), asked), path)
    return path.read_text(encoding="utf-8")


def test_the_plan_that_is_spoiled_was_sound(county_terminal: Terminal, sound: str) -> None:
    """So that each fault below is the one that was put in."""
    path = county_terminal.folder / "plan.json"
    path.write_text(sound, encoding="utf-8")
    assert county_terminal("plan", "check", path, "--json").out == "[]\n"


@pytest.mark.parametrize(("code", "spoil", "options"), FAULTS)
def test_a_fault_is_found(
    county_terminal: Terminal, sound: str, code: str, spoil: Any, options: list[str]
) -> None:
    """With its code, its severity, where it is, and a sentence that says what to do."""
    plan = json.loads(sound)
    spoil(plan)
    path = county_terminal.folder / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    said = county_terminal("plan", "check", path, *options, "--json")
    found = [row for row in json.loads(said.out) if row["code"] == code]
    assert found
    assert {row["severity"] for row in found} == {"warning" if code in WARNINGS else "error"}
    assert said.code == (0 if code in WARNINGS else 1)
    assert all((row["position"] is not None) or code == "plan.empty" for row in found)
    assert all(row["message"].count(". ") >= 1 for row in found)
