"""Plan files read back what they wrote, and say which key is wrong when they cannot."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanFileError
from flight.formats.plan_file import read_plan, write_plan
from flight.missions import Action, Fence, Mission, MissionItem, PatrolPlan, RallyPoint
from flight.planning.aircraft import Aircraft
from flight.planning.planner import plan_patrol
from flight.planning.power import PowerModel
from flight.planning.wind import Wind
from geofences.checks import Finding, Severity
from geofences.geodesy import LonLat
from geofences.view import Camera
from tests.flight.planning.scenes import county, request, zone

GROUND = county([zone(shapely.box(-80.0, -60.0, -40.0, 120.0))])
PLAN = plan_patrol(GROUND, request(GROUND))

degrees = st.floats(-80.0, 80.0)
places = st.builds(LonLat, degrees, degrees)
names = st.text(max_size=12)
sizes = st.floats(0.1, 1e6)
waypoints = st.builds(MissionItem, st.just(Action.WAYPOINT), places, sizes, st.none(), names)
settings_items = st.builds(
    lambda action, value: MissionItem(action, value=value),
    st.sampled_from([Action.SPEED, Action.GIMBAL]),
    st.floats(0.5, 90.0),
)
hovers = st.builds(MissionItem, st.just(Action.HOVER), places, sizes, sizes) | st.builds(
    lambda value: MissionItem(Action.HOVER, value=value), sizes
)
looks = st.builds(MissionItem, st.just(Action.LOOK_AT), places, st.floats(-50.0, 200.0))
plain_items = st.sampled_from(
    [
        MissionItem(Action.CAMERA_START),
        MissionItem(Action.CAMERA_STOP),
        MissionItem(Action.LOOK_AHEAD),
        MissionItem(Action.RETURN_HOME),
    ]
)
rings = st.builds(
    lambda x, y, w: shapely.box(x, y, x + w, y + 2 * w), degrees, degrees, st.floats(0.001, 1)
)
missions = st.builds(
    Mission,
    names,
    names,
    names,
    places,
    st.lists(waypoints | settings_items | hovers | looks | plain_items, max_size=6).map(tuple),
    st.builds(Fence, rings, st.lists(rings, max_size=2).map(tuple), sizes),
    sizes,
    sizes,
    st.lists(names, max_size=3).map(tuple),
    sizes,
    sizes,
    st.lists(st.builds(RallyPoint, places, sizes), max_size=3).map(tuple),
    st.none() | st.floats(-400.0, 5000.0),
    st.none() | sizes,
    sizes,
    st.none() | sizes,
)
findings = st.builds(Finding, names, st.sampled_from(Severity), names, names, st.none() | places)
tiny = st.floats(-1e-6, 1e-6)
cameras = st.builds(
    Camera,
    names,
    st.integers(1000, 4000),
    st.integers(1000, 4000),
    st.floats(10.0, 50.0),
    k1=tiny,
    k2=tiny,
    p1=tiny,
    p2=tiny,
    k3=tiny,
    aspect=st.floats(0.9, 1.1),
    centre_x_px=st.none() | st.floats(190.0, 210.0),
    centre_y_px=st.none() | st.floats(190.0, 210.0),
    focal_error_share=st.floats(0.0, 0.1),
    lens_error_share=st.floats(0.0, 0.1),
)
plans = st.builds(
    PatrolPlan,
    names,
    names,
    st.lists(missions, max_size=2).map(tuple),
    st.lists(names, max_size=3).map(tuple),
    st.floats(0.0, 1.0),
    st.lists(findings, max_size=2).map(tuple),
    camera=cameras,
    gimbal_pitch_deg=st.floats(-90.0, 30.0),
)


@settings(max_examples=40, deadline=None)
@given(plans)
def test_every_plan_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, plan: PatrolPlan
) -> None:
    """Nothing is lost or rounded on the way through a file."""
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    write_plan(plan, path)
    assert read_plan(path) == plan


def test_a_planned_patrol_is_read_back_as_it_was(tmp_path: Path) -> None:
    """What the planner makes survives its file, findings and fence included."""
    write_plan(PLAN, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == PLAN


def test_plans_of_the_first_releases_are_read(tmp_path: Path) -> None:
    """They know neither rally points nor energy, and every mission starts at once."""
    path = tmp_path / "plan.json"
    write_plan(PLAN, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    for key in ("rally", "start_s", "energy_wh", "home_alt_amsl_m"):
        for mission in document["missions"]:
            mission.pop(key, None)
    path.write_text(json.dumps(document), encoding="utf-8")
    mission = read_plan(path).missions[0]
    assert (mission.rally, mission.start_s, mission.energy_wh) == ((), 0.0, None)


def test_nothing_but_the_plan_is_left_behind(tmp_path: Path) -> None:
    """The file is replaced in one step and no temporary file stays."""
    path = tmp_path / "plan.json"
    path.write_text("old", encoding="utf-8")
    write_plan(PLAN, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A missing folder is an error with the path in it."""
    with pytest.raises(PlanFileError, match=r"nowhere/plan\.json cannot be written"):
        write_plan(PLAN, tmp_path / "nowhere" / "plan.json")


Edit = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d.pop("missions"), "missions is missing"),
        (lambda d: d.update(missions={}), "missions must be a list"),
        (lambda d: d.update(name=7), "name must be a text, not 7"),
        (lambda d: d.update(version=9), "version 9; this program reads version 1"),
        (lambda d: d.update(file_type="Plan"), "not a Gridpatrol plan"),
        (lambda d: d.update(coverage_fraction="all"), "coverage_fraction must be a number"),
        (lambda d: d.update(coverage_fraction=True), "coverage_fraction must be a number"),
        (lambda d: d.update(cell_codes=["a", 3]), r"cell_codes\[1\] must be a text"),
        (lambda d: d["camera"].update(hfov_deg=400.0), "camera is not possible"),
        (lambda d: d["camera"].update(width_px=1.5), "camera.width_px must be a whole number"),
        (lambda d: d["missions"].append(5), r"missions\[2\] must be an object"),
        (
            lambda d: d["missions"][0]["home"].update(lat_deg=99.0),
            r"missions\[0\]\.home is not possible",
        ),
        (
            lambda d: d["missions"][1]["items"][3].update(action="loop"),
            r"missions\[1\]\.items\[3\] is not possible",
        ),
        (
            lambda d: d["missions"][0]["items"][3].pop("height_home_m"),
            r"items\[3\] is not possible: A waypoint needs a height",
        ),
        (
            lambda d: d["missions"][0]["fence"].update(inclusion=[[1, 2], [3, 4]]),
            r"fence\.inclusion must be a ring",
        ),
        (
            lambda d: d["missions"][0]["fence"]["inclusion"].append([1.0, "x"]),
            r"fence\.inclusion\[\d+\]\[1\] must be a number",
        ),
        (
            lambda d: d["missions"][0]["fence"]["inclusion"].append([1.0]),
            r"fence\.inclusion\[\d+\] must be 2 numbers",
        ),
        (
            lambda d: d["missions"][0]["fence"].update(inclusion=[[190, 2], [3, 4], [5, 5]]),
            r"fence\.inclusion is not possible",
        ),
        (
            lambda d: d["missions"][0]["rally"].append({"height_home_m": 3.0}),
            r"missions\[0\]\.rally\[0\]\.position is missing",
        ),
        (lambda d: d["missions"][0].update(start_s=-1.0), r"missions\[0\] is not possible: A miss"),
        (lambda d: d["findings"].append({"code": "x"}), r"findings\[\d+\]\.position is missing"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, edit: Edit, message: str) -> None:
    """Each error names the file, the key, and what is wrong with it."""
    path = tmp_path / "plan.json"
    write_plan(PLAN, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    edit(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(PlanFileError, match=message) as caught:
        read_plan(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "line 1, column 2"),
        (b"[]", "does not hold a JSON object"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"", "not valid JSON"),
        (b'{"a":' * 100_000, "nested too deeply|not valid JSON"),
        (
            b'{"file_type": "gridpatrol-plan", "version": 1, "camera": {"name": NaN}}',
            "plan_id|text",
        ),
    ],
)
def test_garbage_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Whatever a file holds, the answer is one sentence."""
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(PlanFileError, match=message):
        read_plan(path)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_edit_of_a_plan_escapes_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Replacing any value by any other gives a plan or a PlanFileError."""
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    write_plan(PLAN, path)
    document = json.loads(path.read_text(encoding="utf-8"))
    spot: Any = document
    while True:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(spot[key], dict | list) and spot[key]
        if not deeper or data.draw(st.integers(0, 4)) == 0:
            break
        spot = spot[key]
    junk: st.SearchStrategy[object] = (
        st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.just([]) | st.just({})
    )
    spot[key] = data.draw(junk)
    path.write_text(json.dumps(document), encoding="utf-8")
    try:
        read_plan(path)
    except PlanFileError as error:
        assert str(path) in str(error)  # noqa: PT017


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(PlanFileError, match=r"absent\.json cannot be read"):
        read_plan(tmp_path / "absent.json")


def test_aircraft_and_wind_come_back(tmp_path: Path) -> None:
    """So that a check before the flight reckons with who was planned with."""
    craft = Aircraft("drone-1", "dock-1", 1234.0, battery_wh=99.5, power=PowerModel(mass_kg=2.5))
    there = dataclasses.replace(PLAN, aircraft=(craft,), wind=Wind(3.0, -4.5))
    write_plan(there, tmp_path / "plan.json")
    back = read_plan(tmp_path / "plan.json")
    assert (back.aircraft, back.wind) == (there.aircraft, there.wind)


def test_a_plan_of_the_first_release_has_neither(tmp_path: Path) -> None:
    """It still reads."""
    write_plan(PLAN, tmp_path / "plan.json")
    keys = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    del keys["aircraft"], keys["wind"]
    (tmp_path / "old.json").write_text(json.dumps(keys), encoding="utf-8")
    assert read_plan(tmp_path / "old.json").aircraft == ()


def test_an_aircraft_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """The error names the key's place."""
    write_plan(dataclasses.replace(PLAN, aircraft=(Aircraft("d", "dock-1"),)), tmp_path / "p.json")
    keys = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    keys["aircraft"][0]["power"]["mass_kg"] = -1.0
    (tmp_path / "bad.json").write_text(json.dumps(keys), encoding="utf-8")
    with pytest.raises(PlanFileError, match=r"aircraft\[0\] is not possible: An aircraft's mass"):
        read_plan(tmp_path / "bad.json")
