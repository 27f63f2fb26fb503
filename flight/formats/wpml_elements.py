"""The elements of a WPML route that template and waylines have in common."""

from lxml import etree

from flight.formats.numbers import plain
from flight.formats.wpml_aircraft import DjiAircraft
from flight.formats.wpml_route import PointAction, PointDeed, RoutePoint
from flight.formats.xml_reading import Node

KML = "http://www.opengis.net/kml/2.2"


def add(parent: Node, name: str, value: str | float | None = None) -> Node:
    """Append an element of DJI's namespace, which the root of the tree declares."""
    child = etree.SubElement(parent, f"{{{parent.nsmap['wpml']}}}{name}")
    if value is not None:
        child.text = value if isinstance(value, str) else plain(value)
    return child


def add_all(parent: Node, **values: str | float) -> None:
    """Append elements in the order given."""
    for name, value in values.items():
        add(parent, name, value)


def heading_of(place: Node, point: RoutePoint) -> None:
    """Append where the nose points from here to the next point."""
    heading = add(place, "waypointHeadingParam")
    target = point.looks_at
    if target is None:
        add(heading, "waypointHeadingMode", "followWayline")
    else:
        add(heading, "waypointHeadingMode", "towardPOI")
        # Latitude first, unlike coordinates; aircraft do not look at the height, readers may.
        at, height_m = target.position, target.height_home_m
        numbers = (at.lat_deg, at.lon_deg, height_m)
        add(heading, "waypointPoiPoint", ",".join(map(plain, numbers)))
    add(heading, "waypointHeadingPathMode", "followBadArc")


def turn_of(place: Node, point: RoutePoint) -> None:
    """Append how the aircraft passes or halts."""
    turn = add(place, "waypointTurnParam")
    stops = point.turn_m == 0.0
    mode = "toPointAndStopWithDiscontinuityCurvature" if stops else "coordinateTurn"
    add_all(turn, waypointTurnMode=mode, waypointTurnDampingDist=point.turn_m)


def actions_of(
    place: Node, point: RoutePoint, index: int, group_id: int, aircraft: DjiAircraft
) -> int:
    """Append the actions of a point, and return how many groups they took."""
    if not point.actions:
        return 0
    group = add(place, "actionGroup")
    add_all(
        group,
        actionGroupId=group_id,
        actionGroupStartIndex=index,
        actionGroupEndIndex=index,
        actionGroupMode="sequence",
    )
    add(add(group, "actionTrigger"), "actionTriggerType", "reachPoint")
    for number, action in enumerate(point.actions):
        one = add(group, "action")
        add_all(one, actionId=number, actionActuatorFunc=str(action.deed))
        _parameters(add(one, "actionActuatorFuncParam"), action, index, aircraft)
    return 1


def _parameters(parent: Node, action: PointAction, index: int, aircraft: DjiAircraft) -> None:
    if action.deed is PointDeed.HOVER:
        add(parent, "hoverTime", action.value)
    elif action.deed is PointDeed.PITCH:
        _gimbal(parent, action.value)
    else:
        add(parent, "payloadPositionIndex", 0)
        if action.deed is PointDeed.RECORD:
            add(parent, "fileSuffix", f"point{index}")
        add(parent, "payloadLensIndex", aircraft.lens)
        if action.deed is PointDeed.RECORD:
            add(parent, "useGlobalPayloadLensIndex", 0)


def _gimbal(parent: Node, pitch_deg: float) -> None:
    add_all(
        parent,
        gimbalHeadingYawBase="north",
        gimbalRotateMode="absoluteAngle",
        gimbalPitchRotateEnable=1,
        gimbalPitchRotateAngle=pitch_deg,
        gimbalRollRotateEnable=0,
        gimbalRollRotateAngle=0,
        gimbalYawRotateEnable=0,
        gimbalYawRotateAngle=0,
        gimbalRotateTimeEnable=0,
        gimbalRotateTime=0,
        payloadPositionIndex=0,
    )
