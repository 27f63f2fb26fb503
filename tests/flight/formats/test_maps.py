"""Plans in KML and GeoJSON are read back as they were, and drawn lines become missions."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import PlanFileError
from flight.formats.foreign import Home
from flight.formats.geojson import read_geojson, write_geojson
from flight.formats.kml import write_kml
from flight.formats.kml_reading import read_kml
from flight.formats.plan_layers import route_points
from flight.formats.route_import import Assumed
from flight.formats.xml_reading import Element, parse_xml
from flight.missions import Action, Mission, MissionItem, PatrolPlan
from geofences.county import County
from geofences.geodesy import LonLat
from geofences.heights import Height, HeightReference
from geofences.zones import ZoneKind
from tests.flight.formats.routes import HOME, mission, missions, waypoint
from tests.flight.planning.scenes import CAMERA, county, zone

POWER = replace(
    zone(shapely.box(250.0, 150.0, 330.0, 230.0)),
    name_zh="变电站",
    upper=Height(300.0, HeightReference.SEA_LEVEL),
)
GROUND = county([POWER, zone(shapely.box(0.0, 0.0, 50.0, 50.0), ZoneKind.WATER)])
SAID = Assumed(Home(HOME, 30.0), speed_mps=6.0, height_home_m=50.0, gimbal_pitch_deg=-70.0)
ABSOLUTE = "<altitudeMode>absolute</altitudeMode>"
LINE = "115.62,33.16 115.621,33.16 115.621,33.162"
FORMATS = [(write_kml, read_kml, "plan.kml"), (write_geojson, read_geojson, "plan.geojson")]


def plan_of(*made: Mission, name: str = "晨间巡查") -> PatrolPlan:
    """A plan of these missions over all cells."""
    codes = tuple(cell.code for cell in GROUND.grid.cells)
    return PatrolPlan("p1", name, made, codes, 1.0, camera=CAMERA, gimbal_pitch_deg=-60.0)


def kml(
    folder: Path, line: str = LINE, mode: str = "<altitudeMode>absolute</altitudeMode>"
) -> Path:
    """A KML file with one path."""
    path = folder / "drawn.kml"
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Bank</name>'
        f"<LineString>{mode}<coordinates>{line}</coordinates></LineString></Placemark>"
        "</Document></kml>"
    )
    return path


def geojson(folder: Path, content: object) -> Path:
    """A GeoJSON file."""
    path = folder / "drawn.geojson"
    path.write_text(json.dumps(content))
    return path


def kml_root(path: Path) -> Element:
    """The document in a KML file."""
    return parse_xml(path.read_bytes(), str(path)).child("Document")


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
@settings(max_examples=25)
@given(made=st.lists(missions(), min_size=1, max_size=2))
def test_missions_are_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory,
    write: Callable[[PatrolPlan, County, Path], None],
    read: Callable[[Path, Assumed], tuple[Mission, ...]],
    name: str,
    made: list[Mission],
) -> None:
    """With every action, place and figure, though the map shows lines only."""
    path = tmp_path_factory.mktemp("map") / name
    named = [replace(each, mission_id=f"m-{n}") for n, each in enumerate(made)]
    write(plan_of(*named), GROUND, path)
    assert read(path, Assumed()) == tuple(named)


@pytest.mark.parametrize(("write", "read", "name"), FORMATS)
@given(name_of_plan=st.text(max_size=6))
@settings(max_examples=15)
def test_any_name_can_be_written(
    tmp_path_factory: pytest.TempPathFactory,
    write: Callable[[PatrolPlan, County, Path], None],
    read: Callable[[Path, Assumed], tuple[Mission, ...]],
    name: str,
    name_of_plan: str,
) -> None:
    """Brackets, quotes and characters that XML forbids break no file."""
    path = tmp_path_factory.mktemp("map") / name
    made = mission([waypoint(0, 0), waypoint(90, 0)], vehicle_name=name_of_plan)
    try:
        write(plan_of(made, name=name_of_plan), GROUND, path)
    except UnicodeEncodeError:
        assert name == "plan.geojson"
        return
    assert len(read(path, Assumed())) == 1


def test_kml_has_a_styled_folder_for_each_kind(tmp_path: Path) -> None:
    """Chinese names first; every style that is used is defined."""
    made = mission([waypoint(0, 0), waypoint(300, 200)])
    write_kml(plan_of(made), GROUND, tmp_path / "plan.kml")
    document = kml_root(tmp_path / "plan.kml")
    assert document.text("name") == "晨间巡查"
    titles = [folder.text("name").split()[0] for folder in document.children("Folder")]
    assert titles == ["航线", "电子围栏", "单元网格", "区域", "机场"]
    defined = {style.attribute("id") for style in document.children("Style")}
    used = {url.content.removeprefix("#") for url in document.descendants("styleUrl")}
    assert used <= defined
    names = [place.text("name") for place in document.children("Folder")[3].children("Placemark")]
    assert names == ["变电站", "电站"]


def test_kml_says_what_its_heights_are_above(tmp_path: Path) -> None:
    """Above sea where home's altitude is known; else drawn above ground, with the caveat."""
    made = mission([waypoint(0, 0, 40.0), waypoint(90, 0, 45.0)])
    write_kml(plan_of(made, replace(made, home_alt_amsl_m=30.5)), GROUND, tmp_path / "plan.kml")
    places = kml_root(tmp_path / "plan.kml").children("Folder")[0].children("Placemark")
    modes = [place.child("LineString").text("altitudeMode") for place in places]
    assert modes == ["relativeToGround", "absolute"]
    ends = [
        [text.split(",")[2] for text in place.child("LineString").text("coordinates").split()]
        for place in places
    ]
    assert ends == [["40", "45"], ["70.5", "75.5"]]
    assert "level ground only" in places[0].text("description")
    assert "above mean sea level" in places[1].text("description")


def test_geojson_has_no_third_coordinate_and_names_its_heights(tmp_path: Path) -> None:
    """What a height is above stands in the name of its property."""
    made = mission([waypoint(0, 0, 40.0), waypoint(90, 0, 45.0)])
    write_geojson(plan_of(made), GROUND, tmp_path / "plan.geojson")
    features = json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8"))["features"]
    route = features[0]
    assert {len(position) for position in route["geometry"]["coordinates"]} == {2}
    assert route["properties"]["heights_home_m"] == [40.0, 45.0]
    zones = {
        f["properties"]["kind"]: f["properties"] for f in features if "kind" in f["properties"]
    }
    assert (zones["no_fly"]["upper_m"], zones["no_fly"]["upper_above"]) == (300.0, "sea_level")
    assert zones["no_fly"]["kind_zh"] == "禁飞区"
    layers = [feature["properties"]["layer"] for feature in features]
    assert layers == ["routes", "fences"] + ["cells"] * 6 + ["zones"] * 2 + ["docks"] * 2


def test_a_route_that_was_moved_is_flown_where_it_lies_now(tmp_path: Path) -> None:
    """Its aircraft, speed, pitch and heights are still those of the mission."""
    made = mission(
        [waypoint(0, 0, 40.0), waypoint(90, 0, 45.0)], home_alt_amsl_m=30.0, speed_mps=7.0
    )
    write_kml(plan_of(made), GROUND, tmp_path / "plan.kml")
    text = (tmp_path / "plan.kml").read_text(encoding="utf-8")
    old = "115.6209648,33.16,"
    assert old in text
    (tmp_path / "plan.kml").write_text(text.replace(old, "115.63,33.16,"), encoding="utf-8")
    (read,) = read_kml(tmp_path / "plan.kml", Assumed())
    assert (read.mission_id, read.vehicle_name, read.speed_mps) == ("m-1", "uav-1", 7.0)
    assert (read.home, read.home_alt_amsl_m) == (HOME, 30.0)
    flown = [(i.position, i.height_home_m) for i in read.items if i.action is Action.WAYPOINT]
    assert flown[1] == (LonLat(115.63, 33.16), 45.0)


def test_a_drawn_path_becomes_a_mission(tmp_path: Path) -> None:
    """It climbs, films along the path and returns, as the operator says."""
    (read,) = read_kml(kml(tmp_path), SAID)
    kinds = [str(item.action) for item in read.items]
    assert " ".join(kinds) == (
        "takeoff speed gimbal waypoint camera_start waypoint waypoint camera_stop return_home"
    )
    assert (read.mission_id, read.home, read.speed_mps) == ("Bank", HOME, 6.0)
    assert {item.height_home_m for item in read.items if item.position} == {50.0}


def test_heights_above_sea_need_homes_altitude(tmp_path: Path) -> None:
    """With it they become heights above home."""
    path = kml(tmp_path, "115.62,33.16,70 115.621,33.16,75")
    (read,) = read_kml(path, replace(SAID, height_home_m=None))
    heights = [item.height_home_m for item in read.items if item.action is Action.WAYPOINT]
    assert heights == [40.0, 45.0]
    with pytest.raises(PlanFileError, match=r"above sea level, and nothing says how high home is"):
        read_kml(path, Assumed(Home(HOME), speed_mps=6.0))


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("<altitudeMode>relativeToGround</altitudeMode>", "above the ground, which are not above"),
        ("", "lies on the ground"),
    ],
)
def test_other_heights_are_not_taken_for_heights_above_home(
    tmp_path: Path, mode: str, message: str
) -> None:
    """The operator must say one, and then it holds for the whole path."""
    path = kml(tmp_path, "115.62,33.16,70 115.621,33.16,75", mode)
    with pytest.raises(PlanFileError, match=f"{message}.*--height METRES"):
        read_kml(path, replace(SAID, height_home_m=None))
    assert read_kml(path, SAID)[0].height_home_m == 50.0


@pytest.mark.parametrize(
    ("line", "said", "message"),
    [
        (LINE, replace(SAID, speed_mps=None), r"line 1: the path does not say how fast to fly"),
        ("115.62,33.16 115.62,33.16", SAID, "fewer than two different places"),
        ("115.62,33.16 115.62", SAID, "must hold 2 or 3 finite numbers, not '115.62'"),
        ("115.62,33.16 33.16,115.62", SAID, "coordinates is not possible"),
        ("", SAID, "fewer than two different places"),
    ],
)
def test_paths_that_cannot_be_flown_are_refused(
    tmp_path: Path, line: str, said: Assumed, message: str
) -> None:
    """With what is missing."""
    with pytest.raises(PlanFileError, match=message):
        read_kml(kml(tmp_path, line), said)


@pytest.mark.parametrize(
    "content",
    [
        {"type": "LineString", "coordinates": [[115.62, 33.16], [115.63, 33.16, 99.0]]},
        {
            "type": "Feature",
            "properties": None,
            "geometry": {
                "type": "MultiLineString",
                "coordinates": [[[115.62, 33.16], [115.63, 33.16]]],
            },
        },
    ],
    ids=["geometry", "feature"],
)
def test_geojson_need_not_be_a_collection(tmp_path: Path, content: object) -> None:
    """A third coordinate says nothing that could be flown."""
    (read,) = read_geojson(geojson(tmp_path, content), replace(SAID, home=None))
    assert read.home == LonLat(115.62, 33.16)
    assert read.height_home_m == 50.0
    with pytest.raises(PlanFileError, match="has no heights above home"):
        read_geojson(geojson(tmp_path, content), replace(SAID, height_home_m=None))


def test_several_lines_are_several_missions(tmp_path: Path) -> None:
    """With names of their own."""
    line = {"type": "LineString", "coordinates": [[115.62, 33.16], [115.63, 33.16]]}
    feature = {"type": "Feature", "properties": {"name": "Bank"}, "geometry": line}
    point = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Point", "coordinates": [0, 0]},
    }
    nothing: dict[str, object] = {"type": "Feature", "properties": {}, "geometry": None}
    content = {"type": "FeatureCollection", "features": [feature, point, nothing, feature]}
    read = read_geojson(geojson(tmp_path, content), SAID)
    assert [each.mission_id for each in read] == ["Bank", "Bank-2"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"type": "Point", "coordinates": [0, 0]}, "holds no line to fly along"),
        ({"type": "LineString", "coordinates": [[0]]}, r"coordinates\[0\] must be a longitude"),
        ({"type": "LineString", "coordinates": [[0, "x"]]}, r"\[0\]\[1\] must be a number"),
        ({"type": "LineString", "coordinates": [[0, 91]]}, r"coordinates\[0\] is not possible"),
        ({"coordinates": []}, "type is missing"),
    ],
)
def test_other_geojson_is_refused(tmp_path: Path, content: object, message: str) -> None:
    """With the key that is wrong."""
    with pytest.raises(PlanFileError, match=message):
        read_geojson(geojson(tmp_path, content), SAID)


def test_kml_without_a_path_is_refused(tmp_path: Path) -> None:
    """Points and areas are no way to fly."""
    path = tmp_path / "a.kml"
    path.write_text('<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>')
    with pytest.raises(PlanFileError, match="holds no line to fly along"):
        read_kml(path, SAID)


def test_a_broken_mission_of_ours_is_refused_by_its_key(tmp_path: Path) -> None:
    """What was edited by hand is not guessed."""
    made = mission([waypoint(0, 0), waypoint(90, 0)])
    write_kml(plan_of(made), GROUND, tmp_path / "plan.kml")
    text = (tmp_path / "plan.kml").read_text(encoding="utf-8")
    for old, new, message in (
        ('"speed_mps": 8.0', '"speed_mps": "fast"', r"line \d+: speed_mps must be a number"),
        ('{"mission_id"', '["mission_id"', "is not the mission that we wrote there"),
    ):
        (tmp_path / "plan.kml").write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(PlanFileError, match=message):
            read_kml(tmp_path / "plan.kml", SAID)


def test_a_route_begins_and_ends_above_home() -> None:
    """At the height of its first and last leg."""
    made = mission([waypoint(100, 0, 35.0), MissionItem(Action.RETURN_HOME)])
    assert [height_m for _, height_m in route_points(made)] == [35.0, 35.0]
