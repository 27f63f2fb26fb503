"""QGroundControl's files are written as it wants them, and read where they can be flown."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanFileError
from flight.formats.qgc_plan import read_qgc_plan, write_qgc_plan
from flight.missions import Action, Mission
from flight.planning.planner import plan_patrol
from geofences.geodesy import LocalFrame
from tests.flight.formats.routes import missions
from tests.flight.planning.scenes import county, request, zone

GROUND = county([zone(shapely.box(250.0, 150.0, 330.0, 230.0))])
MISSIONS = plan_patrol(GROUND, request(GROUND)).missions
PLANS = Path(__file__).parents[4] / "shared" / "instances" / "plans"
needs_plans = pytest.mark.skipif(not PLANS.exists(), reason="../shared/instances is not here")


def written(mission: Mission, tmp_path: Path) -> dict[str, Any]:
    """The document of a written mission."""
    write_qgc_plan(dataclasses.replace(mission, home_alt_amsl_m=31.0), tmp_path / "m.plan")
    document: dict[str, Any] = json.loads((tmp_path / "m.plan").read_text(encoding="utf-8"))
    return document


def reread(document: dict[str, Any], tmp_path: Path) -> Mission:
    """A document written and read."""
    (tmp_path / "m.plan").write_text(json.dumps(document), encoding="utf-8")
    return read_qgc_plan(tmp_path / "m.plan")


@pytest.mark.parametrize("mission", MISSIONS)
def test_a_mission_is_read_back_as_it_was(mission: Mission, tmp_path: Path) -> None:
    """Items, fence and our own figures all survive."""
    write_qgc_plan(mission, tmp_path / "m.plan")
    assert read_qgc_plan(tmp_path / "m.plan") == mission


@given(missions())
def test_any_mission_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, mission: Mission
) -> None:
    """Rally points, hovers, places looked at, and whether home's altitude is known, too."""
    path = tmp_path_factory.mktemp("plan") / "m.plan"
    mission = dataclasses.replace(mission, energy_wh=61.5, start_s=900.0, height_ground_m=55.0)
    write_qgc_plan(mission, path)
    assert read_qgc_plan(path) == mission


def test_the_file_has_the_versions_that_qgroundcontrol_reads(tmp_path: Path) -> None:
    """File type and every version are those it checks."""
    document = written(MISSIONS[0], tmp_path)
    assert (document["fileType"], document["version"]) == ("Plan", 1)
    assert document["mission"]["version"] == 2
    assert document["geoFence"]["version"] == 2
    assert document["rallyPoints"] == {"version": 2, "points": []}
    assert document["geoFence"]["circles"] == []


def test_items_are_numbered_and_placed_latitude_first(tmp_path: Path) -> None:
    """Each item has seven parameters, its number from 1, and its height above home."""
    mission = MISSIONS[0]
    document = written(mission, tmp_path)["mission"]
    assert [item["doJumpId"] for item in document["items"]] == list(
        range(1, len(mission.items) + 1)
    )
    assert all(len(item["params"]) == 7 for item in document["items"])
    takeoff = document["items"][0]
    assert (takeoff["command"], takeoff["frame"], takeoff["Altitude"]) == (22, 3, 40.0)
    assert takeoff["params"][4:] == [mission.home.lat_deg, mission.home.lon_deg, 40.0]
    assert document["plannedHomePosition"] == [mission.home.lat_deg, mission.home.lon_deg, 31.0]
    assert document["items"][-1]["command"] == 20


def test_the_fence_is_one_inclusion_and_its_exclusions(tmp_path: Path) -> None:
    """Rings are open and latitude first."""
    for mission in MISSIONS:
        polygons = written(mission, tmp_path)["geoFence"]["polygons"]
        assert [p["inclusion"] for p in polygons] == [True] + [False] * (len(polygons) - 1)
        assert len(polygons) == 1 + len(mission.fence.exclusions)
        assert sum(len(p["polygon"]) for p in polygons) == mission.fence.vertex_count
        assert polygons[0]["polygon"][0][0] == pytest.approx(33.16, abs=0.1)


def test_a_mission_edited_in_qgroundcontrol_loses_only_its_cells(tmp_path: Path) -> None:
    """With an item removed the cells no longer belong to items."""
    document = written(MISSIONS[0], tmp_path)
    removed = document["mission"]["items"].pop(-2)
    read = reread(document, tmp_path)
    assert len(read.items) == len(MISSIONS[0].items) - 1
    assert not any(item.cell_code for item in read.items)
    assert removed["command"] == 16


def test_a_plan_without_a_fence_gets_one_round_its_route(tmp_path: Path) -> None:
    """Nothing flies without a fence."""
    document = written(MISSIONS[0], tmp_path)
    document["geoFence"]["polygons"] = []
    del document["gridpatrol"]
    read = reread(document, tmp_path)
    frame = LocalFrame(read.home)
    ring = frame.geometry_to_local(read.fence.inclusion)
    points = [shapely.Point(frame.to_local(p.lon_deg, p.lat_deg)) for p in read.route]
    assert all(shapely.distance(ring.exterior, point) > 50.0 for point in points)
    assert read.distance_m == pytest.approx(MISSIONS[0].distance_m, rel=0.01)
    assert read.duration_s == pytest.approx(MISSIONS[0].duration_s, rel=0.05)


def test_altitudes_above_sea_become_heights_above_home(tmp_path: Path) -> None:
    """Frame 0 is above sea level, and home has an altitude."""
    document = written(MISSIONS[0], tmp_path)
    item = document["mission"]["items"][0]
    item["frame"], item["params"][6] = 0, 31.0 + 55.0
    assert reread(document, tmp_path).items[0].height_home_m == pytest.approx(55.0)


def test_circles_err_on_the_safe_side(tmp_path: Path) -> None:
    """A circle to stay in is drawn inside it, one to keep out of around it."""
    mission = MISSIONS[0]
    document = written(mission, tmp_path)
    centre = [mission.home.lat_deg, mission.home.lon_deg]
    document["geoFence"]["polygons"] = []
    document["geoFence"]["circles"] = [
        {"version": 1, "inclusion": inside, "circle": {"center": centre, "radius": radius_m}}
        for inside, radius_m in ((True, 2000.0), (False, 10.0))
    ]
    read = reread(document, tmp_path)
    frame = LocalFrame(mission.home)
    inclusion = frame.geometry_to_local(read.fence.inclusion)
    exclusion = frame.geometry_to_local(read.fence.exclusions[0])
    middle = shapely.Point(0.0, 0.0)
    assert shapely.hausdorff_distance(inclusion, middle) <= 2000.01
    assert shapely.distance(exclusion.exterior, middle) >= 9.99


def test_several_inclusions_are_refused(tmp_path: Path) -> None:
    """Autopilots would fly only in their overlap."""
    document = written(MISSIONS[0], tmp_path)
    document["geoFence"]["polygons"] += document["geoFence"]["polygons"][:1]
    with pytest.raises(PlanFileError, match=r"2 inclusions.*merge them into one"):
        reread(document, tmp_path)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("fileType",), "Mission", "not a QGroundControl plan"),
        (("version",), 2, "version is 2, but this program reads version 1"),
        (("geoFence", "version"), 1, r"geoFence\.version is 1"),
        (("mission", "plannedHomePosition"), [1.0], "must be 3 numbers"),
        (("mission", "plannedHomePosition"), [99.0, 0.0, 0.0], "plannedHomePosition is not possi"),
        (("mission", "items", 0, "command"), 31000, "is 31000, which a patrol cannot hold"),
        (("mission", "items", 0, "frame"), 10, "altitudes must be above home or above sea"),
        (("mission", "items", 0, "params"), [0.0] * 6, "must be 7 numbers, not 6"),
        (("mission", "items", 3, "params", 4), "north", r"params\[4\] must be a number"),
        (("mission", "items", 1, "params", 1), -3.0, "A speed must be more than 0"),
        (("mission", "items", 0, "type"), "Mystery", "'Mystery', which only QGroundControl"),
        (("geoFence", "polygons", 0, "inclusion"), "false", "must be true or false"),
        (("geoFence", "polygons", 0, "polygon", 0), [99.0, 0.0], r"polygons\[0\]\.polygon is not"),
        (("geoFence", "polygons"), None, r"geoFence\.polygons must be a list"),
    ],
)
def test_what_cannot_be_flown_is_named(
    tmp_path: Path, place: tuple[str | int, ...], value: object, message: str
) -> None:
    """Each error names the key and says why."""
    document = written(MISSIONS[0], tmp_path)
    spot: Any = document
    for key in place[:-1]:
        spot = spot[key]
    spot[place[-1]] = value
    with pytest.raises(PlanFileError, match=message):
        reread(document, tmp_path)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_edit_of_a_file_escapes_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Replacing any value by any other gives a mission or a PlanFileError."""
    folder = tmp_path_factory.mktemp("plan")
    document = written(MISSIONS[0], folder)
    circle = {"center": [33.16, 115.62], "radius": 3.0}
    document["geoFence"]["circles"].append({"version": 1, "inclusion": False, "circle": circle})
    replace_one(document, data)
    try:
        reread(document, folder)
    except PlanFileError as error:
        assert "m.plan" in str(error)  # noqa: PT017


def replace_one(document: dict[str, Any], data: st.DataObject) -> None:
    """Put junk into the place of one value, however deep it stands."""
    spot: Any = document
    while True:
        key = data.draw(st.sampled_from(list(spot) if isinstance(spot, dict) else range(len(spot))))
        if (
            not (isinstance(spot[key], dict | list) and spot[key])
            or data.draw(st.integers(0, 5)) == 0
        ):
            break
        spot = spot[key]
    numbers = st.floats() | st.integers() | st.sampled_from([0, -1, 1e300, 10**400])
    others: st.SearchStrategy[object] = (
        st.none() | st.booleans() | st.text(max_size=3) | st.just([]) | st.just({})
    )
    spot[key] = data.draw(numbers | others)


def test_a_landing_at_home_needs_no_place(tmp_path: Path) -> None:
    """A land item at 0, 0 means where the aircraft took off."""
    items = MISSIONS[0].items
    land = dataclasses.replace(items[-1], action=Action.LAND, height_home_m=0.0)
    mission = dataclasses.replace(MISSIONS[0], items=(*items[:-1], land))
    write_qgc_plan(mission, tmp_path / "m.plan")
    assert read_qgc_plan(tmp_path / "m.plan").items[-1] == land


@pytest.mark.shared
@needs_plans
@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("sample", "takeoff waypoint camera_start waypoint waypoint return_home"),
        ("sample_with_digicam_control", ""),
        (
            "sample_with_survey",
            "waypoint camera_start waypoint camera_start"
            + " waypoint" * 4
            + " camera_start waypoint waypoint camera_stop",
        ),
    ],
)
def test_good_plans_of_others_load(name: str, actions: str) -> None:
    """Simple items and surveys of QGroundControl are read in order."""
    mission = read_qgc_plan(PLANS / f"qgroundcontrol_{name}.plan")
    read = [str(item.action) for item in mission.items]
    assert read == actions.split()
    assert shapely.is_valid(mission.fence.inclusion)


@pytest.mark.shared
@needs_plans
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("with_structured_scan", "StructureScan"),
        ("with_survey_missing_items", "Items is missing"),
        ("with_survey_wrong_version", "version is 9"),
        ("without_mission", "mission is missing"),
        ("wrong_mission_version", "version is 7"),
        ("wrong_overall_version", "version is 42"),
    ],
)
def test_broken_plans_of_others_are_refused(name: str, message: str) -> None:
    """Each fault is named."""
    with pytest.raises(PlanFileError, match=message):
        read_qgc_plan(PLANS / f"qgroundcontrol_sample_{name}.plan")


@pytest.mark.shared
@needs_plans
def test_a_waypoint_list_is_not_a_plan() -> None:
    """The older text format is told apart."""
    with pytest.raises(PlanFileError, match="not valid JSON"):
        read_qgc_plan(PLANS / "mission_planner_sample.txt")
