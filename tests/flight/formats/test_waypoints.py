"""Waypoint lists are written without loss and read with an eye on what altitudes are above."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanFileError
from flight.formats.foreign import Home
from flight.formats.waypoints import read_waypoints, write_waypoints
from flight.missions import Action, Mission, MissionItem
from geofences.geodesy import LonLat
from tests.flight.formats.routes import HOME, mission, missions, waypoint

PLANS = Path(__file__).parents[4] / "shared" / "instances" / "plans"
needs_plans = pytest.mark.skipif(not PLANS.exists(), reason="../shared/instances is not here")
PATROL = mission(
    [
        MissionItem(Action.TAKEOFF, HOME, 40.0),
        MissionItem(Action.SPEED, value=6.5),
        waypoint(100.0, 0.0),
        MissionItem(Action.CAMERA_START),
        waypoint(100.0, 300.0),
        MissionItem(Action.RETURN_HOME),
    ],
    home_alt_amsl_m=31.5,
)


def rows(path: Path) -> list[list[str]]:
    """The columns of a list's lines."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def listed(folder: Path, *lines: str) -> Path:
    """A list of these lines."""
    path = folder / "m.waypoints"
    path.write_text("\n".join(["QGC WPL 110", *(line.replace(" ", "\t") for line in lines)]))
    return path


@settings(max_examples=50)
@given(missions())
def test_a_list_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, made: Mission
) -> None:
    """Items, home and its altitude, to the last bit; 0 stands for an unknown altitude."""
    path = tmp_path_factory.mktemp("list") / "m.waypoints"
    write_waypoints(made, path)
    read = read_waypoints(path)
    assert (read.items, read.home) == (made.items, made.home)
    assert read.home_alt_amsl_m == (made.home_alt_amsl_m or None)


@given(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))
def test_places_are_never_rounded(
    tmp_path_factory: pytest.TempPathFactory, lon_deg: float, lat_deg: float
) -> None:
    """Whatever digits a place has, the list has them."""
    path = tmp_path_factory.mktemp("list") / "m.waypoints"
    at = MissionItem(Action.WAYPOINT, LonLat(lon_deg, lat_deg), 40.0)
    write_waypoints(mission([at], home=LonLat(lon_deg, lat_deg)), path)
    assert rows(path)[2][8:10] == rows(path)[1][8:10]
    assert [float(text) for text in rows(path)[2][8:10]] == [lat_deg, lon_deg]


def test_line_0_is_home_and_the_others_are_above_it(tmp_path: Path) -> None:
    """Home is current and above sea; items have frame 3; settings have frame 2."""
    write_waypoints(PATROL, tmp_path / "m.waypoints")
    title, home, *items = rows(tmp_path / "m.waypoints")
    assert title == ["QGC WPL 110"]
    assert home == ["0", "1", "0", "16", "0", "0", "0", "0", "33.16", "115.62", "31.5", "1"]
    assert [row[0] for row in items] == ["1", "2", "3", "4", "5", "6"]
    assert {row[1] for row in items} == {"0"}
    assert [row[2] for row in items] == ["3", "2", "3", "2", "3", "2"]
    assert [row[3] for row in items] == ["22", "178", "16", "2500", "16", "20"]
    assert {(len(row), row[-1]) for row in items} == {(12, "1")}


def test_altitudes_above_sea_become_heights_above_home(tmp_path: Path) -> None:
    """By the altitude in line 0, and frames may change from line to line."""
    path = listed(
        tmp_path,
        "0 1 0 16 0 0 0 0 33.16 115.62 100 1",
        "1 0 0 16 0 0 0 0 33.161 115.62 140 1",
        "2 0 3 16 0 0 0 0 33.162 115.62 45 1",
        "3 0 6 16 0 0 0 0 33.162 115.62 50 1",
    )
    assert [item.height_home_m for item in read_waypoints(path).items] == [40.0, 45.0, 50.0]


def test_without_a_home_line_the_take_off_is_home(tmp_path: Path) -> None:
    """Heights above home are then all that can be read."""
    takeoff = "0 1 3 22 0 0 0 0 33.16 115.62 15 1"
    read = read_waypoints(listed(tmp_path, takeoff, "1 0 3 16 0 0 0 0 33.161 115.62 15 1"))
    assert (read.home, read.home_alt_amsl_m) == (HOME, None)
    mixed = listed(tmp_path, takeoff, "1 0 0 16 0 0 0 0 33.161 115.62 130 1")
    with pytest.raises(PlanFileError, match=r"line 3\.frame is 0: .* above sea level, but nothing"):
        read_waypoints(mixed)
    assert read_waypoints(mixed, home=Home(HOME, 100.0)).items[1].height_home_m == 30.0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 0 0 16 0 0 0 0 33.161 115.62 40 1", r"line 3\.frame is 0: .* 460 m below home"),
        ("1 0 10 16 0 0 0 0 33.161 115.62 40 1", "altitudes must be above home or above sea"),
        ("1 0 3 16 0 0 0 0 99.161 115.62 40 1", r"line 3\.params is not possible"),
        ("1 0 3 16 0 0 0 0 north 115.62 40 1", r"line 3\.params\[4\] must be a number"),
        ("1 0 3 16 0 0 0 0 nan 115.62 40 1", r"params\[4\] must be a finite number"),
        ("1 0 3 16 0 0 0 33.161 115.62 40 1", r"line 3 has 11 columns, not 12"),
        ("1 0 3 177 2 5 0 0 0 0 0 1", "command is 177, which a patrol cannot hold"),
        ("1 0 3 16 0 0 0 0 33.161 115.62 40 0", "autocontinue is 0: the flight would end"),
        ("1 0 3 x 0 0 0 0 33.161 115.62 40 1", "command must be a whole number"),
    ],
)
def test_what_cannot_be_flown_is_named_with_its_line(
    tmp_path: Path, line: str, message: str
) -> None:
    """The first line of the file is line 1."""
    with pytest.raises(PlanFileError, match=message):
        read_waypoints(listed(tmp_path, "0 1 0 16 0 0 0 0 33.16 115.62 500 1", line))


def test_other_files_are_refused(tmp_path: Path) -> None:
    """By their first line, or because they are no text at all."""
    (tmp_path / "a").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b").write_text("{}")
    (tmp_path / "c").write_text("QGC WPL 110\n")
    for name, message in (
        ("a", "not a text file"),
        ("b", "its first line is not 'QGC WPL 110'"),
        ("c", "does not say where home is"),
        ("d", "cannot be read: No such file"),
    ):
        with pytest.raises(PlanFileError, match=message):
            read_waypoints(tmp_path / name)


def test_the_first_speed_is_the_missions(tmp_path: Path) -> None:
    """The list has no other place for it."""
    write_waypoints(PATROL, tmp_path / "m.waypoints")
    assert read_waypoints(tmp_path / "m.waypoints").speed_mps == 6.5


@pytest.mark.shared
@needs_plans
def test_a_list_of_another_program_is_read_once_home_is_known() -> None:
    """Its altitudes are above sea, and it has no home line."""
    path = PLANS / "mission_planner_sample.txt"
    with pytest.raises(PlanFileError, match=r"line 2\.frame is 5: the altitude is above sea"):
        read_waypoints(path)
    read = read_waypoints(path, home=Home(LonLat(8.545538, 47.3978101), 0.0))
    kinds = [str(item.action) for item in read.items]
    assert kinds == ["takeoff", "waypoint", "waypoint", "return_home"]
    again = replace(read, mission_id="again")
    assert [item.height_home_m for item in again.items] == [15.0, 15.0, 15.0, None]
