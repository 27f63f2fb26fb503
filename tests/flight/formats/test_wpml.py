"""DJI's route files hold what its tables ask for, in its order, and always the same bytes."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from flight.errors import PlanFileError
from flight.formats.wpml import (
    TEMPLATE,
    WAYLINES,
    WpmlSettings,
    fingerprint,
    wpml_bytes,
    write_wpml,
)
from flight.formats.wpml_aircraft import DJI_AIRCRAFT, dji_aircraft
from flight.missions import Action, Mission, MissionItem
from tests.flight.formats.routes import HOME, mission, missions, place, waypoint

M3TD = WpmlSettings(dji_aircraft("M3TD"))
PATROL = mission(
    [
        MissionItem(Action.TAKEOFF, HOME, 40.0),
        MissionItem(Action.SPEED, value=8.0),
        MissionItem(Action.GIMBAL, value=-60.0),
        waypoint(100.0, 0.0),
        MissionItem(Action.CAMERA_START),
        waypoint(100.0, 300.0),
        waypoint(130.0, 300.0),
        MissionItem(Action.SPEED, value=5.0),
        waypoint(130.0, 0.0, 42.0),
        MissionItem(Action.CAMERA_STOP),
        MissionItem(Action.HOVER, value=12.0),
        MissionItem(Action.RETURN_HOME),
    ],
    home_alt_amsl_m=34.25,  # 21.5 m above the ellipsoid there
)
CONFIG = (
    "flyToWaylineMode finishAction exitOnRCLost executeRCLostAction takeOffSecurityHeight "
    "globalTransitionalSpeed globalRTHHeight droneInfo payloadInfo"
)
POINT = (
    "Point index executeHeight waypointSpeed waypointHeadingParam waypointTurnParam useStraightLine"
)
FOLDER = (
    "templateType templateId waylineCoordinateSysParam autoFlightSpeed globalHeight "
    "gimbalPitchMode globalWaypointHeadingParam globalWaypointTurnMode globalUseStraightLine"
)
GROUP = (
    "actionGroupId actionGroupStartIndex actionGroupEndIndex actionGroupMode actionTrigger action"
)


def part(content: bytes, name: str) -> Any:
    """The document of one of the two files."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return etree.fromstring(archive.read(name))[0]


def names(element: Any) -> list[str]:
    """The local names of an element's children."""
    return [etree.QName(child).localname for child in element]


def texts(element: Any, name: str) -> list[str]:
    """The texts of all elements of a name, anywhere below."""
    return [each.text for each in element.iter() if etree.QName(each).localname == name]


def waylines(made: Mission, options: WpmlSettings = M3TD) -> Any:
    """What the aircraft flies."""
    return part(wpml_bytes(made, options), WAYLINES)


def points(document: Any) -> list[Any]:
    """The placemarks of a document."""
    return [each for each in document.iter() if etree.QName(each).localname == "Placemark"]


def test_both_files_lie_where_dji_looks_for_them() -> None:
    """In one folder, compressed, and nothing else beside them."""
    with zipfile.ZipFile(io.BytesIO(wpml_bytes(PATROL, M3TD))) as archive:
        assert archive.namelist() == [TEMPLATE, WAYLINES]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}
        assert archive.read(WAYLINES).startswith(b'<?xml version="1.0" encoding="UTF-8"?>')


def test_the_configuration_has_every_required_element_in_order() -> None:
    """The same in both files, but for the take-off point, which only the template knows."""
    content = wpml_bytes(PATROL, M3TD)
    flown, template = part(content, WAYLINES)[0], part(content, TEMPLATE)[3]
    assert names(flown) == CONFIG.split()
    assert [n for n in names(template) if not n.startswith("takeOffRef")] == CONFIG.split()
    assert texts(template, "takeOffRefPoint") == ["33.16,115.62,21.5"]
    assert texts(flown, "exitOnRCLost") == ["executeLostAction"]
    assert texts(flown, "executeRCLostAction") == ["goBack"]
    assert texts(flown, "takeOffSecurityHeight") == ["40"]
    assert texts(flown, "globalRTHHeight") == ["42"]


def test_the_waylines_have_every_required_element_in_order() -> None:
    """Folder, points, headings, turns and groups of actions are those of the tables."""
    document = waylines(PATROL)
    folder = document[1]
    assert names(folder)[:6] == [
        "templateId",
        "executeHeightMode",
        "waylineId",
        "distance",
        "duration",
        "autoFlightSpeed",
    ]
    for number, point in enumerate(points(document)):
        assert names(point)[:7] == POINT.split()
        assert texts(point, "index") == [str(number)]
        assert names(point[4]) == ["waypointHeadingMode", "waypointHeadingPathMode"]
        assert names(point[5]) == ["waypointTurnMode", "waypointTurnDampingDist"]
        for group in point.iterfind("{*}actionGroup"):
            assert list(dict.fromkeys(names(group))) == GROUP.split()
    assert texts(document, "executeHeightMode") == ["relativeToStartPoint"]


def test_the_template_says_the_same_to_editors() -> None:
    """Its points have both heights, their own speed, heading and turn, and the same actions."""
    content = wpml_bytes(PATROL, M3TD)
    template, flown = part(content, TEMPLATE), part(content, WAYLINES)
    assert names(template)[:4] == ["author", "createTime", "updateTime", "missionConfig"]
    folder = template[4]
    assert names(folder)[:9] == FOLDER.split()
    assert names(folder)[-1] == "payloadParam"
    assert texts(folder, "heightMode") == ["relativeToStartPoint"]
    for key in ("coordinates", "waypointSpeed", "waypointTurnMode", "actionActuatorFunc"):
        assert texts(folder, key) == texts(flown, key)
    assert texts(folder, "ellipsoidHeight") == texts(folder, "height")
    assert texts(folder, "height") == texts(flown, "executeHeight")


def test_coordinates_are_longitude_first_and_speeds_are_those_after_the_point() -> None:
    """A change of speed after a point is that point's."""
    document = waylines(PATROL)
    first = PATROL.items[3].position
    assert first is not None
    assert texts(document, "coordinates")[0] == f"{first.lon_deg},{first.lat_deg}"
    assert texts(document, "waypointSpeed") == ["8", "8", "5", "5"]


def test_what_is_done_between_waypoints_is_done_at_the_one_before() -> None:
    """Camera and gimbal first, at the end the hover; groups are numbered through the file."""
    document = waylines(PATROL)
    deeds = [texts(point, "actionActuatorFunc") for point in points(document)]
    assert deeds == [["gimbalRotate", "startRecord"], [], [], ["stopRecord", "hover"]]
    assert texts(document, "actionGroupId") == ["0", "1"]
    assert texts(document, "actionGroupStartIndex") == ["0", "3"]
    assert texts(document, "gimbalPitchRotateAngle") == ["-60"]
    assert texts(document, "hoverTime") == ["12"]
    assert texts(document, "payloadLensIndex") == ["visable", "visable"]


def test_the_aircraft_halts_where_it_acts_and_turns_elsewhere() -> None:
    """First and last point never turn; a turn takes less than half of the shorter leg."""
    document = waylines(PATROL)
    stop = "toPointAndStopWithDiscontinuityCurvature"
    modes = texts(document, "waypointTurnMode")
    assert modes == [stop, "coordinateTurn", "coordinateTurn", stop]
    assert texts(document, "waypointTurnDampingDist") == ["0", "4", "4", "0"]
    close = [waypoint(0.0, 0.0), waypoint(50.0, 0.0), waypoint(50.0, 6.0), waypoint(0.0, 6.0)]
    narrow = waylines(mission([*PATROL.items[:2], *close]))
    first, second = (float(t) for t in texts(narrow, "waypointTurnDampingDist")[1:3])
    assert first == second == pytest.approx(2.7, abs=0.01)
    assert first + second < 6.0


def test_looking_at_a_place_turns_the_nose_and_the_camera() -> None:
    """From the point before on, until the camera looks ahead again with its former pitch."""
    target = place(60.0, 150.0)
    items = list(PATROL.items)
    items.insert(5, MissionItem(Action.LOOK_AT, target, 0.0))
    items.insert(8, MissionItem(Action.LOOK_AHEAD))
    document = waylines(mission(items))
    modes = texts(document, "waypointHeadingMode")
    assert modes == ["towardPOI", "towardPOI", "followWayline", "followWayline"]
    assert texts(document, "waypointPoiPoint")[0] == f"{target.lat_deg},{target.lon_deg},0"
    pitches = [float(text) for text in texts(document, "gimbalPitchRotateAngle")]
    assert pitches[0] == -60.0
    assert pitches[1] == pytest.approx(-14.4, abs=0.2)  # 40 m down over 155 m
    assert pitches[-1] == -60.0


def test_heights_may_be_above_the_ellipsoid() -> None:
    """Then the altitude of the take-off point is added to each."""
    document = waylines(PATROL, replace(M3TD, absolute=True))
    assert texts(document, "executeHeightMode") == ["WGS84"]
    assert texts(document, "executeHeight") == ["61.5", "61.5", "61.5", "63.5"]
    with pytest.raises(PlanFileError, match="nobody knows how high its home is"):
        wpml_bytes(replace(PATROL, home_alt_amsl_m=None), replace(M3TD, absolute=True))


@pytest.mark.parametrize("aircraft", DJI_AIRCRAFT, ids=lambda aircraft: aircraft.name)
def test_every_aircraft_is_named_by_its_numbers(aircraft: Any) -> None:
    """Drone, variant and camera stand in both files."""
    content = wpml_bytes(PATROL, WpmlSettings(aircraft))
    for name in (TEMPLATE, WAYLINES):
        document = part(content, name)
        assert texts(document, "droneEnumValue") == [str(aircraft.drone)]
        assert texts(document, "droneSubEnumValue") == [str(aircraft.drone_sub)]
        assert texts(document, "payloadEnumValue") == [str(aircraft.payload)]


def test_the_version_of_the_namespace_can_be_chosen() -> None:
    """Older firmware knows only older versions."""
    document = waylines(PATROL, replace(M3TD, version="1.0.2"))
    assert document.nsmap["wpml"] == "http://www.dji.com/wpmz/1.0.2"


@settings(max_examples=25)
@given(missions())
def test_the_same_mission_is_always_the_same_file(made: Mission) -> None:
    """So that its fingerprint is too."""
    assert wpml_bytes(made, M3TD) == wpml_bytes(made, M3TD)


def test_the_fingerprint_is_that_of_the_file(tmp_path: Path) -> None:
    """What a dock compares is what was written."""
    told = write_wpml(PATROL, tmp_path / "m.kmz", M3TD)
    assert told == fingerprint((tmp_path / "m.kmz").read_bytes())
    assert len(told) == 32


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([waypoint(0.0, 0.0)], r"has 1 points; DJI's routes have 2 to 65535"),
        (
            [waypoint(0.0, 0.0), MissionItem(Action.SPEED, value=16.0), waypoint(9.0, 0.0)],
            r"Point 0 is left at 16 m/s",
        ),
        (
            [MissionItem(Action.TAKEOFF, HOME, 6.0), waypoint(0.0, 0.0), waypoint(9.0, 0.0)],
            r"take-off is to 6 m; from a dock DJI permits 8 to 1500 m",
        ),
        (
            [waypoint(0.0, 0.0), MissionItem(Action.GIMBAL, value=45.0), waypoint(9.0, 0.0)],
            r"look at 45 degrees; that of M3TD turns from -90 to 30",
        ),
        (
            [waypoint(0.0, 0.0, 1600.0), waypoint(9.0, 0.0, 1600.0)],
            r"return is at 1600 m; DJI permits 2 to 1500 m",
        ),
        (
            [waypoint(0.0, 0.0), MissionItem(Action.RETURN_HOME), waypoint(9.0, 0.0)],
            r"item 2 \(waypoint\) comes after the return",
        ),
        ([waypoint(0.0, 0.0), waypoint(8010.0, 0.0)], r"8\.0 km away .* limit can be set to 8 km"),
    ],
)
def test_what_dji_does_not_permit_is_refused_in_a_sentence(
    items: list[MissionItem], message: str
) -> None:
    """Before anything is written."""
    with pytest.raises(PlanFileError, match=message):
        wpml_bytes(mission(items), M3TD)


def test_without_a_dock_a_lower_take_off_is_permitted() -> None:
    """A remote controller asks for 1.2 m only."""
    low = mission(
        [MissionItem(Action.TAKEOFF, HOME, 6.0), waypoint(0, 0, 6.0), waypoint(9, 0, 6.0)]
    )
    assert wpml_bytes(low, replace(M3TD, from_dock=False))
