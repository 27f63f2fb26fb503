"""What is left of a mission that was broken off, as a mission for a fresh battery.

The camera starts again some metres before the place where the work stopped, so that nothing
between the two flights stays unseen; and everything that the first flight had set (speed, camera
pitch, what the camera looks at) is set anew, because an autopilot forgets it on the ground.
"""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from flight.errors import PlanningError
from flight.missions import Action, Fence, Mission, MissionItem
from flight.planning.aircraft import Aircraft
from flight.planning.airspace import Airspace, open_airspace
from flight.planning.fences import build_fence, with_ways_home
from flight.planning.forecast import foretold
from flight.planning.items import place_at
from flight.planning.links import Point
from flight.planning.scene import dock_of
from flight.planning.wind import CALM, Wind
from geofences.county import County
from geofences.geodesy import LocalFrame, LonLat

_ASTRAY_M = 200.0  # no aircraft strays so far from its route before somebody breaks it off
_SETTINGS = (Action.SPEED, Action.GIMBAL)


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """Where a mission was broken off.

    Attributes:
        reached_item: Index of the last item flown to.
        position: Where the aircraft left the route, if that is known; at the item otherwise.
    """

    reached_item: int
    position: LonLat | None = None


@dataclass(frozen=True, slots=True)
class ResumeSettings:
    """How a mission is resumed.

    Attributes:
        overlap_m: How far before the breakpoint, along the route, the work starts again.
        no_fly_margin_m: How far the new ways to the work and back keep from no-fly zones.
        fence_margin_m: Distance of the fence from the route.
        wind: Steady wind that time and battery are reckoned with.
    """

    overlap_m: float = 30.0
    no_fly_margin_m: float = 20.0
    fence_margin_m: float = 40.0
    wind: Wind = CALM


def resume_mission(
    county: County,
    mission: Mission,
    at: Breakpoint,
    aircraft: Aircraft,
    settings: ResumeSettings | None = None,
) -> Mission:
    """Make a mission of what is left.

    Args:
        county: Zones as they are now, and the docks.
        mission: What was broken off.
        at: Where.
        aircraft: Who flies the rest; from its own dock.
        settings: How; the usual values if not given.

    Returns:
        The rest as a mission with its own fence, to be checked like any other.

    Raises:
        PlanningError: If nothing is left, the breakpoint is not on the mission, the dock is not
            the county's, or there is no way to the work that keeps clear of every zone.
    """
    settings = settings or ResumeSettings()
    dock = dock_of(county, aircraft)
    frame = LocalFrame(mission.home)
    left = _Rest.of(mission, at, settings.overlap_m, frame)
    home = frame.to_local(dock.position.lon_deg, dock.position.lat_deg)
    line = shapely.linestrings([*left.points, *left.points[-1:]])
    take_off = mission.items[0] if mission.items[0].action is Action.TAKEOFF else None
    around = shapely.buffer(line, settings.no_fly_margin_m)
    air = open_airspace(around, (dock,), county.zones, frame, settings.no_fly_margin_m)
    out = air.way(home, left.points[0], "to the breakpoint")
    back = air.way(left.points[-1], home, "from the last point of the work home")
    items = (
        # As high as before: a failsafe's return over hills counts on it.
        MissionItem(Action.TAKEOFF, dock.position, _height_of(take_off, mission)),
        *left.settings,
        *_transit(out[1:-1], left.start_height_home_m, frame),
        *left.items,
        *_transit(back[1:], left.end_height_home_m, frame),
        MissionItem(Action.RETURN_HOME),
    )
    higher_m = _above_new_home_m(mission, dock.alt_amsl_m)
    items = tuple(_raised(item, higher_m) for item in items)
    route = [*out, *left.points[1:], *back[1:]]
    resumed = dataclasses.replace(
        mission,
        mission_id=f"{mission.mission_id}-r{at.reached_item}",
        vehicle_name=aircraft.name,
        dock_id=dock.dock_id,
        home=dock.position,
        home_alt_amsl_m=dock.alt_amsl_m,
        items=items,
        height_home_m=mission.height_home_m + higher_m,
        cell_codes=tuple(dict.fromkeys(i.cell_code for i in items if i.cell_code)),
        start_s=0.0,
    )
    fence = _fence(resumed, route, air, frame, settings)
    if mission.height_ground_m is not None:  # else it is the ceiling above any home
        fence = dataclasses.replace(
            fence, ceiling_height_home_m=fence.ceiling_height_home_m + higher_m
        )
    fenced = dataclasses.replace(resumed, fence=fence)
    return foretold(fenced, aircraft, settings.wind)


@dataclass(frozen=True, slots=True)
class _Rest:
    """The work that is left: settings to give anew, then items from the first point on."""

    settings: tuple[MissionItem, ...]
    items: tuple[MissionItem, ...]
    points: tuple[Point, ...]
    start_height_home_m: float
    end_height_home_m: float

    @classmethod
    def of(cls, mission: Mission, at: Breakpoint, overlap_m: float, frame: LocalFrame) -> "_Rest":
        work = _work(mission)
        leg, start = _start(mission, work, at, overlap_m, frame)
        state = _state_on_leg(mission.items, leg)
        following = mission.items[leg + 1 : work.stop]
        height_m = _height_m(mission, leg)
        place = place_at(start, frame)
        first = MissionItem(
            Action.WAYPOINT, place, height_m, cell_code=mission.items[leg].cell_code
        )
        placed = [item for item in following if item.flown_to is not None]
        points = [frame.to_local(p.lon_deg, p.lat_deg) for i in placed if (p := i.flown_to)]
        return cls(
            tuple(item for item in state if item.action in _SETTINGS),
            (first, *(i for i in state if i.action not in _SETTINGS), *following),
            (start, *points),
            height_m,
            placed[-1].height_home_m or height_m,
        )


def _work(mission: Mission) -> range:
    """The items from the first point of the work to its end; transits are not among them."""
    actions = [item.action for item in mission.items]
    if Action.CAMERA_START not in actions:
        placed = [i for i, item in enumerate(mission.items) if item.flown_to is not None]
        return range(placed[1] if len(placed) > 1 else 0, len(actions) - 1)
    last = len(actions) - 1 - actions[::-1].index(Action.CAMERA_STOP)
    return range(actions.index(Action.CAMERA_START) - 1, last + 1)


def _start(
    mission: Mission, work: range, at: Breakpoint, overlap_m: float, frame: LocalFrame
) -> tuple[int, Point]:
    """Where the work starts again: the item flown to before it, and the point in metres."""
    if at.reached_item not in range(len(mission.items)):
        raise PlanningError(
            f"Mission {mission.mission_id} has items 0 to {len(mission.items) - 1}; it cannot "
            f"have been broken off at item {at.reached_item}."
        )
    places = [(i, item.flown_to) for i, item in enumerate(mission.items) if i in work]
    stops = [(i, frame.to_local(p.lon_deg, p.lat_deg)) for i, p in places if p is not None]
    done = sum(i <= at.reached_item for i, _ in stops)
    if done == len(stops):
        raise PlanningError(
            f"Mission {mission.mission_id} had already done all its work at item "
            f"{at.reached_item}; nothing is left to resume."
        )
    if done == 0:
        return stops[0]
    line = shapely.linestrings([point for _, point in stops])
    along_m = [0.0]
    for (_, a), (_, b) in itertools.pairwise(stops):
        along_m.append(along_m[-1] + math.dist(a, b))
    broken_m = along_m[done - 1]
    if at.position is not None:
        leg = shapely.linestrings([stops[done - 1][1], stops[done][1]])
        there = frame.to_local(at.position.lon_deg, at.position.lat_deg)
        astray_m = float(shapely.distance(leg, shapely.Point(there)))
        if astray_m > _ASTRAY_M:
            raise PlanningError(
                f"{at.position.lon_deg:.6f},{at.position.lat_deg:.6f} is {astray_m:.0f} m from the "
                f"leg on from item {stops[done - 1][0]}, so the mission was not broken off there. "
                "Give the place where the aircraft left its route, and the item before it."
            )
        broken_m += float(shapely.line_locate_point(leg, shapely.Point(there)))
    start_m = max(0.0, broken_m - overlap_m)
    before = max(k for k, m in enumerate(along_m) if m <= start_m and k < len(stops) - 1)
    point = shapely.line_interpolate_point(line, start_m)
    return stops[before][0], (float(point.x), float(point.y))


def _state_on_leg(items: Sequence[MissionItem], leg: int) -> list[MissionItem]:
    """What had been set before the leg that begins at an item, in the order to give it again."""
    latest: dict[Action, MissionItem] = {}
    following = range(leg + 1, len(items))
    end = next((i for i in following if items[i].flown_to is not None), len(items))
    for item in items[:end]:
        if item.action is Action.CAMERA_STOP:
            latest.pop(Action.CAMERA_START, None)
        elif item.action is Action.LOOK_AHEAD:
            latest.pop(Action.LOOK_AT, None)
        elif item.action in {*_SETTINGS, Action.CAMERA_START, Action.LOOK_AT}:
            latest[item.action] = item
    # What stands between the leg's beginning and its end is given by the items themselves.
    given = {item.action for item in items[leg + 1 : end]}
    return [item for action, item in latest.items() if action not in given]


def _above_new_home_m(mission: Mission, alt_amsl_m: float) -> float:
    """How much more the same altitude is above a new home; 0 if the old one's is not known."""
    return 0.0 if mission.home_alt_amsl_m is None else mission.home_alt_amsl_m - alt_amsl_m


def _raised(item: MissionItem, by_m: float) -> MissionItem:
    if item.height_home_m is None:
        return item
    return dataclasses.replace(item, height_home_m=item.height_home_m + by_m)


def _height_m(mission: Mission, leg: int) -> float:
    return _height_of(mission.items[leg], mission)


def _height_of(item: MissionItem | None, mission: Mission) -> float:
    height_m = None if item is None else item.height_home_m
    return mission.height_home_m if height_m is None else height_m


def _transit(points: Sequence[Point], height_m: float, frame: LocalFrame) -> list[MissionItem]:
    return [MissionItem(Action.WAYPOINT, place_at(point, frame), height_m) for point in points]


def _fence(
    resumed: Mission,
    route: Sequence[Point],
    air: Airspace,
    frame: LocalFrame,
    settings: ResumeSettings,
) -> Fence:
    barred = [polygon for _, polygon in air.no_fly]
    return build_fence(
        with_ways_home(np.array(route), barred),
        barred,
        frame,
        margin_m=settings.fence_margin_m,
        ceiling_height_home_m=resumed.fence.ceiling_height_home_m,
    )
