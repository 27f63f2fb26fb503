"""`patrol plan export` and `import`: plans go out to other programs and come back."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flight.formats.plan_file import read_plan
from flight.formats.qgc_plan import read_qgc_file
from flight.missions import Action, Mission
from geofences.checks import Severity
from geofences.formats.county_files import read_county
from geofences.geodesy import LonLat, distance_m
from patrol.cli.plan_files import elsewhere, parse_home
from patrol.errors import UsageError
from tests.flight.planning.grounds import PIXELS, write_ground
from tests.patrol.builders import CODES, edited
from tests.patrol.conftest import Terminal

HOME = "115.62,33.159,30"


@pytest.fixture
def planned(county_terminal: Terminal) -> Terminal:
    """A terminal with the plan of one cell in `plan.json`."""
    said = county_terminal("plan", "--cell", CODES[0], "--aircraft", "uav-1@dock-1")
    assert said.code == 0
    return county_terminal


def mission_in(terminal: Terminal, name: str = "plan.json") -> Mission:
    """The only mission of a plan file."""
    (mission,) = read_plan(terminal.folder / name).missions
    return mission


@pytest.mark.parametrize(
    ("kind", "suffix", "more"),
    [
        ("plan", ".plan", ()),
        ("waypoints", ".waypoints", ()),
        ("wpml", ".kmz", ("--aircraft-model", "M4TD")),
        ("kml", ".kml", ()),
        ("geojson", ".geojson", ()),
    ],
)
def test_every_format_goes_out_and_comes_back(
    planned: Terminal, kind: str, suffix: str, more: tuple[str, ...]
) -> None:
    """The way over ground and the heights above home are the same."""
    said = planned("plan", "export", "plan.json", "--format", kind, "--out", "files", *more)
    assert said.code == 0
    (file,) = (planned.folder / "files").iterdir()
    assert file.suffix == suffix
    assert f"Written: files/{file.name}" in said.out
    back = planned("plan", "import", f"files/{file.name}", "--out", "back.json", "--home", HOME)
    assert (back.code, "written to back.json" in back.out) == (0, True)
    old, new = mission_in(planned), mission_in(planned, "back.json")
    heights = [
        [item.height_home_m for item in mission.items if item.action is Action.WAYPOINT]
        for mission in (old, new)
    ]
    assert set(heights[0]) == set(heights[1])
    ways = [
        [i.position for i in mission.items if i.action is Action.WAYPOINT] for mission in (old, new)
    ]
    for seen, meant in zip(ways[1], ways[0], strict=True):
        assert seen is not None
        assert meant is not None
        assert distance_m(seen, meant) < 0.02


def test_several_formats_are_written_at_once_and_told_to_machines(planned: Terminal) -> None:
    """Each mission has a file in each format; maps hold the whole plan."""
    formats = ["--format", "plan", "--format", "waypoints", "--format", "kml"]
    said = planned("plan", "export", "plan.json", *formats, "--out", "files", "--json")
    written = json.loads(said.out)["written"]
    names = sorted(Path(path).suffix for path in written)
    assert names == [".kml", ".plan", ".waypoints"]
    assert sorted(file.suffix for file in (planned.folder / "files").iterdir()) == names


def test_the_fence_that_a_list_leaves_out_is_told(planned: Terminal) -> None:
    """So that nobody flies without it."""
    said = planned("plan", "export", "plan.json", "--format", "waypoints", "--out", "files")
    assert "has no place for the fence" in said.err


def test_what_another_program_keeps_in_its_file_stays(planned: Terminal) -> None:
    """With `--keep` the file's other content goes into the new one."""
    planned("plan", "export", "plan.json", "--format", "plan", "--out", "files")
    (file,) = (planned.folder / "files").iterdir()
    edited(file, "mission.vehicleColour", "red")
    said = planned(
        "plan", "export", "plan.json", "--format", "plan", "--out", "again", "--keep", str(file)
    )
    assert said.code == 0
    kept = read_qgc_file(planned.folder / "again" / file.name)
    assert kept.document.child("mission").text("vehicleColour") == "red"


def test_a_file_of_another_program_is_not_written_over(planned: Terminal) -> None:
    """Its surveys would be gone; our own file is replaced, and with `--keep` theirs too."""
    export = ("plan", "export", "plan.json", "--format", "plan", "--out", "files")
    planned(*export)
    (file,) = (planned.folder / "files").iterdir()
    assert planned(*export).code == 0
    content = json.loads(file.read_text(encoding="utf-8"))
    del content["gridpatrol"]
    theirs = json.dumps({**content, "theirs": 1})
    file.write_text(theirs, encoding="utf-8")
    said = planned(*export)
    assert (said.code, f"Add --keep {Path('files') / file.name}" in said.err) == (1, True)
    assert file.read_text(encoding="utf-8") == theirs
    assert planned(*export, "--keep", str(file)).code == 0
    assert read_qgc_file(file).document.content["theirs"] == 1
    imported = planned("plan", "import", str(file), "--out", "back.json")
    assert f"--keep {file}" in imported.err


def test_a_dji_route_is_for_one_aircraft(planned: Terminal) -> None:
    """Without its model nothing is written; an unknown one is answered with the known ones."""
    said = planned("plan", "export", "plan.json", "--format", "wpml", "--out", "files")
    assert (said.code, "add --aircraft-model" in said.err) == (1, True)
    assert not (planned.folder / "files").exists()
    said = planned("plan", "export", "plan.json", "--format", "wpml", "--aircraft-model", "Mini")
    assert (said.code, "M30T" in said.err) == (1, True)


def test_a_plan_that_must_not_fly_is_not_written(planned: Terminal) -> None:
    """The finding is told, for people and for machines."""
    items = json.loads((planned.folder / "plan.json").read_text(encoding="utf-8"))["missions"][0]
    index = next(n for n, i in enumerate(items["items"]) if i["action"] == "waypoint")
    edited(planned.folder / "plan.json", f"missions.0.items.{index}.height_home_m", 500.0)
    said = planned("plan", "export", "plan.json", "--format", "plan", "--out", "files")
    assert said.code == 1
    assert "Nothing was written: this plan must not fly." in said.err
    machine = planned("plan", "export", "plan.json", "--format", "plan", "--json")
    assert (machine.code, machine.lines[0]["findings"] != []) == (1, True)
    assert not (planned.folder / "files").exists()


def test_a_drawn_line_is_imported_as_the_operator_says(county_terminal: Terminal) -> None:
    """Its cells are those that the camera sees; the aircraft is the first of the county."""
    line = {
        "type": "LineString",
        "coordinates": [[115.62, 33.16], [115.6204, 33.16], [115.6204, 33.1603]],
    }
    (county_terminal.folder / "bank.geojson").write_text(json.dumps(line))
    options = ["--speed", "5", "--height", "40", "--pitch", "-80", "--home", "115.62,33.159"]
    said = county_terminal("plan", "import", "bank.geojson", *options)
    assert said.code == 0
    plan = read_plan(county_terminal.folder / "plan.json")
    assert (plan.name, plan.gimbal_pitch_deg) == ("bank", -80.0)
    assert plan.cell_codes
    assert 0.0 < plan.coverage_fraction <= 1.0
    mission = mission_in(county_terminal)
    assert (mission.vehicle_name, mission.dock_id, mission.speed_mps) == ("uav-1", "dock-1", 5.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hello", "is no file that holds a mission"),
        ('{"type": "LineString", "coordinates": [[0, 1], [0, 2]]}', "--speed M/S"),
        ("QGC WPL 110\n", "--home LON,LAT,ALT"),
        ('{"fileType": "Plan", "version": 1}', "mission is missing"),
        ("<kml/>", "holds no line to fly along"),
    ],
)
def test_what_cannot_be_imported_leaves_no_plan(
    county_terminal: Terminal, content: str, message: str
) -> None:
    """The sentence says what is missing."""
    (county_terminal.folder / "file").write_text(content)
    said = county_terminal("plan", "import", "file")
    assert (said.code, message in said.err) == (1, True)
    assert not (county_terminal.folder / "plan.json").exists()


def test_a_home_is_longitude_latitude_and_perhaps_altitude() -> None:
    """Anything else is answered with an example."""
    home = parse_home("115.62, 33.16,30.5")
    assert (home.position, home.alt_amsl_m) == (LonLat(115.62, 33.16), 30.5)
    assert parse_home("115.62,33.16").alt_amsl_m is None
    for text in ("115.62", "1,2,3,4", "1,91", "x,y", "1,2,nan"):
        with pytest.raises(UsageError, match="is no place: write longitude"):
            parse_home(text)


def test_a_mission_of_elsewhere_is_told_from_one_of_the_county(planned: Terminal) -> None:
    """Zones that are far away do not make a flight safe; one beside the county is no matter."""
    plan = read_plan(planned.folder / "plan.json")
    county = read_county(planned.home / "county.gpkg")
    assert elsewhere(plan, county) == ()
    zurich = replace(plan.missions[0], home=LonLat(8.5456, 47.3977))
    (finding,) = elsewhere(replace(plan, missions=(zurich,)), county)
    assert (finding.code, finding.severity) == ("plan.elsewhere", Severity.WARNING)
    assert re.search(r"starts \d{4} km outside Four Cells", finding.message)


def test_what_goes_out_was_checked_over_its_ground(planned: Terminal) -> None:
    """A hill that reaches the lanes keeps a plan from being written."""
    write_ground(planned.folder, np.full((PIXELS, PIXELS), 75.0), "hill.tif")
    line = ["plan", "export", "plan.json", "--format", "plan", "--out", "files"]
    said = planned(*line, "--terrain", "hill.tif")
    assert (said.code, "Nothing was written" in said.err) == (1, True)
    assert not (planned.folder / "files").exists()
