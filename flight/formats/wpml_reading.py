"""DJI's route files read as missions: the waylines, which are what an aircraft flies.

Read by the local names of elements, since the version of the namespace differs by program. What a
patrol cannot hold (photos at intervals, several waylines, heights above the ground) is refused with
its line.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from flight.errors import PlanFileError
from flight.formats.foreign import Home, foreign_mission
from flight.formats.wpml import TEMPLATE, WAYLINES
from flight.formats.wpml_route import Finish, PointDeed, Target, pitch_to
from flight.formats.xml_reading import Element, parse_xml, read_archive
from flight.missions import Action, Mission, MissionItem
from geofences.geodesy import LonLat
from geofences.geoid import alt_amsl_m

_RECORDING = {PointDeed.RECORD: Action.CAMERA_START, PointDeed.STOP_RECORDING: Action.CAMERA_STOP}


def read_wpml(path: Path, *, home: Home | None = None) -> Mission:
    """Read a DJI route file.

    Args:
        path: The KMZ.
        home: Where it starts; None to take the reference take-off point of the file.

    Returns:
        The mission, with a fence drawn around it, since a route file has none.

    Raises:
        PlanFileError: If the file cannot be read, says nothing of the take-off point while `home`
            is None, or holds something that a patrol cannot.
    """
    parts = read_archive(path)
    if WAYLINES not in parts:
        raise PlanFileError(
            f"{path} has no {WAYLINES} in it, so it is no DJI route. Choose another file."
        )
    document = parse_xml(parts[WAYLINES], f"{path}: {WAYLINES}").child("Document")
    start = home or _reference(path, parts)
    folders = document.children("Folder")
    if len(folders) != 1:
        raise document.wrong(f"has {len(folders)} waylines; a mission is one")
    config, folder = document.child("missionConfig"), folders[0]
    climb = config.number("takeOffSecurityHeight")
    steps = list(_items(folder, _base_m(folder, start)))
    places = [step.flown_to for step in steps if step.flown_to is not None]
    items = [
        MissionItem(Action.TAKEOFF, start.position, climb),
        *steps,
        *_end(config, places[-1] if places else start.position),
    ]
    mission = foreign_mission(path.stem, start.position, items, folder.number("autoFlightSpeed"))
    return replace(
        mission,
        home_alt_amsl_m=start.alt_amsl_m,
        distance_m=_told(folder, "distance", mission.distance_m),
        duration_s=_told(folder, "duration", mission.duration_s),
    )


def _reference(path: Path, parts: dict[str, bytes]) -> Home:
    if TEMPLATE in parts:
        document = parse_xml(parts[TEMPLATE], f"{path}: {TEMPLATE}").child("Document")
        config = document.find("missionConfig")
        point = config.find("takeOffRefPoint") if config else None
        if point is not None:
            lat_deg, lon_deg, alt_m = point.numbers_in(point.content, 3)
            at = _place(point, lon_deg, lat_deg)
            return Home(at, round(float(alt_amsl_m(lon_deg, lat_deg, alt_m)), 3))
    raise PlanFileError(
        f"{path} does not say where the aircraft takes off. Say it: --home LON,LAT."
    )


def _base_m(folder: Element, start: Home) -> float:
    """What heights in the file are above, as a height above home."""
    mode = folder.text("executeHeightMode")
    if mode == "relativeToStartPoint":
        return 0.0
    if mode != "WGS84":
        raise folder.child("executeHeightMode").wrong(
            f"is {mode}: heights above the ground need an elevation model; save the route with "
            "heights above the take-off point"
        )
    if start.alt_ellipsoid_m is None:
        raise folder.child("executeHeightMode").wrong(
            "is WGS84, and nothing says how high the take-off point is above the ellipsoid"
        )
    return start.alt_ellipsoid_m


def _items(folder: Element, base_m: float) -> Iterator[MissionItem]:
    speed_mps, look = None, _Look()
    for number, place in enumerate(folder.children("Placemark")):
        if place.integer("index") != number:
            raise place.child("index").wrong(f"must be {number}: points are numbered without gaps")
        height_m = round(place.number("executeHeight") - base_m, 3)
        point = MissionItem(Action.WAYPOINT, _coordinates(place), height_m)
        yield point
        yield from look.through(point, list(_actions(place, number)), _target(place))
        if place.number("waypointSpeed") != speed_mps:
            speed_mps = place.number("waypointSpeed")
            yield place.child("waypointSpeed").build(partial(_speed, speed_mps))


class _Look:
    """What the camera looks at while a route is read.

    A route pitches the camera at every point to keep a target in view; in a mission that is one
    order, so the pitches that follow from it are left out.
    """

    def __init__(self) -> None:
        self._target: Target | None = None
        self._pitch_deg: float | None = None

    def through(
        self, point: MissionItem, actions: list[MissionItem], wanted: Target | None
    ) -> Iterator[MissionItem]:
        """The steps at a point, from which on the nose points at `wanted`."""
        for action in actions:
            if action.action is not Action.GIMBAL or action.value is None:
                yield action
            else:
                yield from self._pitched(point, action, wanted)
                self._pitch_deg = action.value
        if self._target == wanted:
            return
        if wanted is None:
            yield from self._ahead(self._pitch_deg)
        else:
            yield self._at(wanted)

    def _pitched(
        self, point: MissionItem, action: MissionItem, wanted: Target | None
    ) -> Iterator[MissionItem]:
        if self._target is not None and action.value == _pitch_at(point, self._target):
            return
        if wanted not in {None, self._target} and action.value == _pitch_at(point, wanted):
            yield self._at(wanted)
        elif self._target is not None:
            yield from self._ahead(action.value)
        else:
            yield action

    def _at(self, target: Target | None) -> MissionItem:
        self._target = target
        where, height_m = (target.position, target.height_home_m) if target else (None, None)
        return MissionItem(Action.LOOK_AT, where, height_m)

    def _ahead(self, pitch_deg: float | None) -> Iterator[MissionItem]:
        # Ordered while the camera is still busy: it comes to this pitch when it looks ahead.
        if pitch_deg is not None:
            yield MissionItem(Action.GIMBAL, value=pitch_deg)
        self._target = None
        yield MissionItem(Action.LOOK_AHEAD)


def _pitch_at(point: MissionItem, target: Target | None) -> float | None:
    if target is None or point.position is None:
        return None
    return pitch_to(point.position, point.height_home_m or 0.0, target)


def _speed(speed_mps: float) -> MissionItem:
    return MissionItem(Action.SPEED, value=speed_mps)


def _actions(place: Element, index: int) -> Iterator[MissionItem]:
    for group in place.children("actionGroup"):
        kind = group.child("actionTrigger").text("actionTriggerType")
        first, last = (
            group.integer("actionGroupStartIndex"),
            group.integer("actionGroupEndIndex"),
        )
        if kind != "reachPoint" or (first, last) != (index, index):
            raise group.wrong(
                f"acts by {kind} from point {first} to {last}; a patrol acts at one point"
            )
        yield from (_action(action) for action in group.children("action"))


def _action(action: Element) -> MissionItem:
    name, given = action.text("actionActuatorFunc"), action.child("actionActuatorFuncParam")
    if name == PointDeed.HOVER:
        return given.build(lambda: MissionItem(Action.HOVER, value=given.number("hoverTime")))
    if name == PointDeed.PITCH:
        if given.text("gimbalPitchRotateEnable") != "1":
            raise given.wrong("turns the camera otherwise than up or down, which a patrol does not")
        return given.build(
            lambda: MissionItem(Action.GIMBAL, value=given.number("gimbalPitchRotateAngle"))
        )
    if name not in set(PointDeed):
        raise action.child("actionActuatorFunc").wrong(f"is {name}, which a patrol cannot hold")
    return MissionItem(_RECORDING[PointDeed(name)])


def _target(place: Element) -> Target | None:
    heading = place.find("waypointHeadingParam")
    if heading is None or heading.text("waypointHeadingMode") != "towardPOI":
        return None
    point = heading.child("waypointPoiPoint")
    lat_deg, lon_deg, height_m = point.numbers_in(point.content, 3)
    return Target(_place(point, lon_deg, lat_deg), height_m)


def _end(config: Element, last: LonLat) -> Iterator[MissionItem]:
    finish = config.text("finishAction")
    if finish not in set(Finish):
        raise config.child("finishAction").wrong(f"is {finish}, which a patrol cannot hold")
    if finish == Finish.GO_HOME:
        yield MissionItem(Action.RETURN_HOME)
    elif finish == Finish.LAND:
        yield MissionItem(Action.LAND, last, 0.0)


def _coordinates(place: Element) -> LonLat:
    point = place.child("Point").child("coordinates")
    numbers = point.numbers_in(point.content, 2, 3)
    return _place(point, numbers[0], numbers[1])


def _place(element: Element, lon_deg: float, lat_deg: float) -> LonLat:
    return element.build(lambda: LonLat(lon_deg, lat_deg))


def _told(folder: Element, name: str, otherwise: float) -> float:
    return folder.number(name) if folder.find(name) else otherwise
