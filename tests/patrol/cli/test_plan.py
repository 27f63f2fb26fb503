"""`patrol plan`: cells and aircraft in, a checked plan out."""

import dataclasses
import io
from datetime import datetime

import pytest
from rich.console import Console

from flight.formats.plan_file import read_plan
from flight.formats.qgc_plan import read_qgc_plan
from flight.missions import Action
from flight.planning.picture_page import cjk_font
from geofences.geodesy import LonLat, distance_m
from patrol.cli.plan import chosen_mission
from patrol.cli.plan_shown import plan_row, short_id, show_plan
from patrol.seen_cells import record_seen
from tests.patrol.builders import CODES, VILLAGE, box, edited, small_plan
from tests.patrol.conftest import Said, Terminal
from tests.vision.test_calibration import write_calibration


def planned(terminal: Terminal, *more: object) -> Said:
    """Plan one cell for one aircraft."""
    return terminal("plan", "--cell", CODES[0], "--aircraft", "uav-1@dock-1", *more)


def test_a_village_is_planned_for_two_aircraft(county_terminal: Terminal) -> None:
    """Without --aircraft, one flies from each of the first two docks; the plan file says so."""
    said = county_terminal("plan", "--village", VILLAGE, "--json")
    assert said.code == 0
    (row,) = said.lines
    assert (row["cells"], row["findings"]) == (4, [])
    plan = read_plan(county_terminal.folder / "plan.json")
    assert set(plan.cell_codes) == set(CODES)
    assert [(m.vehicle_name, m.dock_id) for m in plan.missions] == [
        ("uav-1", "dock-1"),
        ("uav-2", "dock-2"),
    ]
    assert plan.coverage_fraction > 0.99
    assert plan_row(plan) == row


def test_a_person_gets_time_distance_and_coverage(county_terminal: Terminal) -> None:
    """A row for each aircraft, and where the plan lies."""
    said = planned(county_terminal, "--out", "one.json")
    for words in ("1 cell,", "% covered", "uav-1@dock-1", "km", "Plan written to one.json."):
        assert words in said.out


def test_what_is_asked_for_is_what_is_planned(county_terminal: Terminal) -> None:
    """Height, speed and pitch of the lanes are the operator's."""
    planned(county_terminal, "--height", 30, "--speed", 5, "--pitch", -80, "--overlap", 0.2)
    plan = read_plan(county_terminal.folder / "plan.json")
    (mission,) = plan.missions
    assert (mission.height_home_m, mission.speed_mps, plan.gimbal_pitch_deg) == (30, 5, -80)
    heights = {i.height_home_m for i in mission.items if i.action is Action.WAYPOINT}
    assert heights == {30}


def test_the_camera_of_a_calibration_goes_with_the_plan(county_terminal: Terminal) -> None:
    """Its lens is in the file, and a narrower one needs more lanes."""
    usual = planned(county_terminal, "--json", "--out", "usual.json").lines[0]
    write_calibration(county_terminal.folder / "heron.yml")
    found = planned(county_terminal, "--json", "--camera", "heron.yml").lines[0]
    camera = read_plan(county_terminal.folder / "plan.json").camera
    assert (camera.name, camera.size_wh_px) == ("heron", (1920, 1080))
    assert (camera.k1, camera.p2, camera.k3) == (-0.1, -2e-3, 3e-3)
    assert camera.centre_px == (955.5, 541.5)
    assert found != usual
    said = planned(county_terminal, "--camera", "none.yml")
    assert said.code == 1
    assert "none.yml: there is no such calibration" in said.err


def test_a_picture_and_files_for_qgroundcontrol_are_written_if_asked(
    county_terminal: Terminal,
) -> None:
    """The picture is a PNG; the other file holds the same way and the same fence."""
    said = planned(county_terminal, "--save", "plan.png", "--qgc", "plans/new")
    assert "drawn in plan.png, for QGroundControl in plans/new." in said.out
    picture = (county_terminal.folder / "plan.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    (mission,) = read_plan(county_terminal.folder / "plan.json").missions
    (file,) = (county_terminal.folder / "plans/new").iterdir()
    assert file.name == f"{mission.mission_id}.plan"
    there = read_qgc_plan(file)
    for seen, meant in zip(there.route, mission.route, strict=True):
        assert distance_m(seen, meant) < 0.1
    assert there.fence.vertex_count == mission.fence.vertex_count


def test_a_picture_that_cannot_be_drawn_leaves_no_plan(county_terminal: Terminal) -> None:
    """The plan file comes last, so where it is, all that was asked for is."""
    said = planned(county_terminal, "--save", "nowhere/plan.png")
    assert said.code == 1
    assert "nowhere/plan.png cannot be written" in said.err
    assert not (county_terminal.folder / "plan.json").exists()


@pytest.mark.parametrize(
    "line", [["plan"], ["plan", "--village", VILLAGE, "--cell", CODES[0]]], ids=["none", "both"]
)
def test_either_a_village_or_cells(county_terminal: Terminal, line: list[str]) -> None:
    """Neither and both are refused with what to write."""
    said = county_terminal(*line)
    assert said.code == 1
    assert "--village CODE, --town CODE, --cell CODE" in said.err


def test_a_sound_plan_passes_the_check(county_terminal: Terminal) -> None:
    """Nothing speaks against it, and a machine gets an empty list."""
    planned(county_terminal)
    said = county_terminal("plan", "check", "plan.json")
    assert (said.code, said.out) == (
        0,
        "plan.json: nothing speaks against flying this plan.\n",
    )
    assert county_terminal("plan", "check", "plan.json", "--json").out == "[]\n"


def test_a_waypoint_in_a_no_fly_zone_fails_the_check(county_terminal: Terminal) -> None:
    """The finding names the item, the place and the zone, for people and for machines."""
    planned(county_terminal)
    plan = read_plan(county_terminal.folder / "plan.json")
    index = next(
        i for i, item in enumerate(plan.missions[0].items) if item.action is Action.WAYPOINT
    )
    place = small_zone_middle()
    edited(
        county_terminal.folder / "plan.json",
        f"missions.0.items.{index}.position",
        {"lon_deg": place.lon_deg, "lat_deg": place.lat_deg},
    )
    said = county_terminal("plan", "check", "plan.json")
    assert said.code == 1
    assert f"error zone.no_fly (2 times, the worst told): The leg to item {index} at " in said.err
    assert "Substation (nf-1)" in said.err
    machine = county_terminal("plan", "check", "plan.json", "--json")
    assert machine.code == 1
    assert '"code": "zone.no_fly"' in machine.out


def small_zone_middle() -> LonLat:
    """Return a place inside the county's no-fly zone."""
    middle = box(200.0, 200.0, 260.0, 260.0).centroid
    return LonLat(middle.x, middle.y)


def test_a_plans_row_is_what_a_machine_needs() -> None:
    """Each mission with its aircraft, its items, its way and its time."""
    row = plan_row(small_plan())
    assert row["missions"] == [
        {
            "mission_id": "m1",
            "vehicle": "heron",
            "dock": "d1",
            "items": 7,
            "distance_m": 100.0,
            "duration_s": 60.0,
            "energy_wh": None,
            "start_s": 0.0,
        }
    ]


def test_a_broken_off_mission_is_resumed_on_another_aircraft(county_terminal: Terminal) -> None:
    """The rest is a plan of its own, and shorter than the whole."""
    planned(county_terminal)
    (whole,) = read_plan(county_terminal.folder / "plan.json").missions
    half = len(whole.items) // 2
    line = ["plan", "resume", "plan.json", "--reached", half, "--aircraft", "uav-2@dock-2"]
    said = county_terminal(*line, "--out", "rest.json")
    assert said.code == 0
    assert "Plan of the rest written to rest.json." in said.out
    (rest,) = read_plan(county_terminal.folder / "rest.json").missions
    assert (rest.vehicle_name, rest.dock_id) == ("uav-2", "dock-2")
    assert rest.duration_s < whole.duration_s
    said = county_terminal("plan", "check", "rest.json")
    assert said.code == 0


def test_a_mission_must_be_named_where_there_are_several(county_terminal: Terminal) -> None:
    """The message lists them."""
    county_terminal("plan", "--village", VILLAGE)
    plan = read_plan(county_terminal.folder / "plan.json")
    said = county_terminal("plan", "resume", "plan.json", "--reached", 5)
    assert said.code == 1
    assert all(short_id(plan, mission) in said.err for mission in plan.missions)


def test_the_most_urgent_cells_are_planned_by_when_they_were_seen(
    county_terminal: Terminal,
) -> None:
    """Of four cells three were just seen, and one flight goes to the other."""
    now = datetime.now().astimezone()
    record_seen(county_terminal.home / "seen.json", CODES[1:], now)
    (county_terminal.folder / "wishes.csv").write_text(
        f"code,priority,every_h\n{CODES[1]},0,24\n{CODES[2]},0,24\n{CODES[3]},0,24\n",
        encoding="utf-8",
    )
    line = ["plan", "--village", VILLAGE, "--urgent", 1, "--priorities", "wishes.csv"]
    said = county_terminal(*line, "--aircraft", "uav-1@dock-1")
    assert said.code == 0
    (mission,) = read_plan(county_terminal.folder / "plan.json").missions
    assert CODES[0] in mission.cell_codes


def test_a_plan_that_leaves_something_out_says_so_loudly(county_terminal: Terminal) -> None:
    """It is written, and its exit code is another one than that of a whole plan."""
    line = ["plan", "--village", VILLAGE, "--visit", "--aircraft", "uav-1@dock-1:2.4"]
    said = county_terminal(*line)
    assert said.code == 3
    assert "NOT ALL OF IT IS PLANNED" in said.err
    assert "visits.left_out" in said.err
    plan = read_plan(county_terminal.folder / "plan.json")
    assert plan.missions
    said = county_terminal(*line, "--json")
    assert said.code == 3
    assert said.lines[0]["partial"] is True


def test_a_plan_in_a_folder_is_named_by_what_it_is(county_terminal: Terminal) -> None:
    """What is done, where and when."""
    folder = county_terminal.folder
    said = planned(county_terminal, "--at", "2026-11-23T08:30+08:00", "--out", folder)
    assert said.code == 0
    plan = read_plan(folder / f"cover-{CODES[0]}-2026-11-23.json")
    assert plan.name == f"cover {CODES[0]} 2026-11-23"


def test_wind_is_reckoned_with(county_terminal: Terminal) -> None:
    """The same lanes cost more energy, or longer, in a gale of 14 m/s."""
    planned(county_terminal)
    (calm,) = read_plan(county_terminal.folder / "plan.json").missions
    planned(county_terminal, "--wind", "270@14")
    (windy,) = read_plan(county_terminal.folder / "plan.json").missions
    assert calm.energy_wh is not None
    assert windy.energy_wh is not None
    assert windy.energy_wh > calm.energy_wh


def test_a_gale_is_refused(county_terminal: Terminal) -> None:
    """No plan is written."""
    said = planned(county_terminal, "--wind", "0@30")
    assert (said.code, "carries 'uav-1' away" in said.err) == (1, True)
    assert not (county_terminal.folder / "plan.json").exists()


def test_a_mission_is_named_by_the_number_that_is_shown(county_terminal: Terminal) -> None:
    """Or by its whole id."""
    county_terminal("plan", "--village", VILLAGE)
    plan = read_plan(county_terminal.folder / "plan.json")
    first = plan.missions[0]
    number = first.mission_id.removeprefix(f"{plan.plan_id}-")
    assert chosen_mission(plan, number) == chosen_mission(plan, first.mission_id) == first


def test_a_narrow_window_shows_every_word_of_a_plan() -> None:
    """Eighty columns, as in a terminal in the field; nothing is cut off."""
    narrow = Console(width=80, file=io.StringIO(), record=True)
    made = small_plan()
    long = dataclasses.replace(
        made.missions[0], dock_id="dock-12", start_s=36_000.0, duration_s=1100.0, energy_wh=123.4
    )
    show_plan(dataclasses.replace(made, missions=(long,)), as_json=False, console=narrow)
    lines = narrow.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    (row,) = (line for line in lines if "heron" in line)
    for words in ("heron@dock-12", "10:00:00", "18:20", "0.10", "123", " m "):
        assert words in row


def test_a_picture_is_in_the_language_asked_for(county_terminal: Terminal) -> None:
    """English alone is another picture than both."""
    planned(county_terminal, "--save", "en.png", "--language", "en")
    planned(county_terminal, "--save", "both.png")
    pictures = [(county_terminal.folder / name).read_bytes() for name in ("en.png", "both.png")]
    assert cjk_font() is None or pictures[0] != pictures[1]
    assert planned(county_terminal, "--language", "fr").code == 2


def test_a_picture_of_another_kind_is_refused(county_terminal: Terminal) -> None:
    """A PNG under another name would open nowhere; nothing is planned."""
    said = planned(county_terminal, "--save", "plan.pdf")
    assert (said.code, said.out) == (1, "")
    assert "a name ending in .png, not plan.pdf" in said.err
    assert not list(county_terminal.folder.glob("plan.*"))


def test_the_clock_of_a_take_off_is_told(county_terminal: Terminal) -> None:
    """The one that was written, so that nobody takes it for another."""
    said = planned(county_terminal, "--at", "2026-11-22T08:30+08:00")
    assert "Take-off at 2026-11-22 08:30, UTC+0800." in said.out
    assert "Take-off" not in planned(county_terminal).out
