"""What must hold before a mission may fly, whoever wrote it.

The planner runs these checks on what it made, and they run again before every flight, because a
plan may have been edited or its county's zones changed since. Errors forbid the flight; warnings
are for the operator to judge.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import shapely

from flight.missions import Action, Mission, MissionItem, PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.fences import STORAGE_BYTES, stored_bytes
from geofences.checks import Finding, Severity
from geofences.geodesy import LocalFrame, LonLat
from geofences.zones import Zone, ZoneIndex, ZoneKind

LEGAL_CEILING_M = 120.0
"""True height up to which light and small aircraft need no permission in China (2024 rules)."""

# ArduPilot holds 650 and keeps the first for home.
MOST_ITEMS = 649
"""What ArduPilot stores on common boards with its default parameters."""

CLOSE_TO_NO_FLY_M = 10.0
"""Nearer than a halt from patrol speed takes: v^2 / 2a is 12.8 m for 8 m/s and 2.5 m/s2."""

_ZERO_LEG_M = 0.5
_ENDS = (Action.RETURN_HOME, Action.LAND)


@dataclass(frozen=True)
class _Flown:
    """A mission in metres, and the zones around it."""

    mission: Mission
    zones: ZoneIndex

    @cached_property
    def frame(self) -> LocalFrame:
        return LocalFrame(self.mission.home)

    @cached_property
    def stops(self) -> list[tuple[int, LonLat]]:
        """Item index and place of everything flown to; home is -1."""
        items = enumerate(self.mission.items)
        placed = [(i, item.flown_to) for i, item in items if item.flown_to is not None]
        return [(-1, self.mission.home), *placed]

    @cached_property
    def legs(self) -> list[tuple[int, shapely.LineString]]:
        """Item index flown to, and the way there in metres; the return is not among them."""
        points = [self.frame.to_local(p.lon_deg, p.lat_deg) for _, p in self.stops]
        lines = [shapely.linestrings([a, b]) for a, b in itertools.pairwise(points)]
        return [(index, line) for (index, _), line in zip(self.stops[1:], lines, strict=True)]

    @cached_property
    def route(self) -> shapely.Geometry:
        return shapely.union_all([line for _, line in self.legs])

    def local(self, polygon: shapely.Polygon) -> shapely.Geometry:
        return self.frame.geometry_to_local(polygon)

    def finding(
        self, code: str, severity: Severity, message: str, item_index: int | None = None
    ) -> Finding:
        places = dict(self.stops)
        position = places.get(item_index) if item_index is not None else self.mission.home
        return Finding(code, severity, self.mission.mission_id, message, position)


def check_plan(plan: PatrolPlan, zones: ZoneIndex) -> tuple[Finding, ...]:
    """Check every mission of a plan, and that they go together.

    Args:
        plan: As planned, or as read from a file.
        zones: The zones as they are now.

    Returns:
        Errors first.
    """
    found = [finding for mission in plan.missions for finding in check_mission(mission, zones)]
    if not plan.missions:
        message = f"Plan {plan.name!r} has no missions. Plan it again."
        found.append(Finding("plan.empty", Severity.ERROR, plan.plan_id, message, None))
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def check_mission(mission: Mission, zones: ZoneIndex) -> tuple[Finding, ...]:
    """Check one mission against its fence, the zones and the limits of autopilots.

    Args:
        mission: What is to be flown.
        zones: The zones as they are now.

    Returns:
        Errors first; empty if nothing is wrong.
    """
    flown = _Flown(mission, zones)
    found = [finding for check in _CHECKS for finding in check(flown)]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def check_endurance(mission: Mission, aircraft: Aircraft) -> tuple[Finding, ...]:
    """Check that a mission leaves an aircraft its reserve.

    Args:
        mission: What is to be flown.
        aircraft: Who flies it.

    Returns:
        One error, or nothing.
    """
    if mission.duration_s <= aircraft.usable_s:
        return ()
    message = (
        f"Mission {mission.mission_id} takes {mission.duration_s:.0f} s, but {aircraft.name} may "
        f"fly {aircraft.usable_s:.0f} s and keep its reserve. Give it fewer cells."
    )
    return (
        Finding("endurance.exceeded", Severity.ERROR, mission.mission_id, message, mission.home),
    )


def _sequence(flown: _Flown) -> Iterator[Finding]:
    items = flown.mission.items
    if not items or items[0].action is not Action.TAKEOFF:
        yield flown.finding(
            "mission.no_takeoff",
            Severity.ERROR,
            f"Mission {flown.mission.mission_id} does not begin with a take-off. Put one first.",
        )
    if not items or items[-1].action not in _ENDS:
        yield flown.finding(
            "mission.no_return",
            Severity.ERROR,
            f"Mission {flown.mission.mission_id} ends in the air. End it with a return or landing.",
        )
    if len(items) > MOST_ITEMS:
        yield flown.finding(
            "mission.too_many_items",
            Severity.ERROR,
            f"Mission {flown.mission.mission_id} has {len(items)} items; autopilots hold "
            f"{MOST_ITEMS}. Plan fewer cells at a time.",
        )


def _zero_legs(flown: _Flown) -> Iterator[Finding]:
    for index, line in flown.legs[1:]:
        if line.length < _ZERO_LEG_M:
            yield flown.finding(
                "mission.zero_leg",
                Severity.WARNING,
                f"Item {index} lies {line.length:.2f} m from the one before it; autopilots may "
                "skip it. Remove one of the two.",
                index,
            )


def _fence_shape(flown: _Flown) -> Iterator[Finding]:
    fence = flown.mission.fence
    size_bytes = stored_bytes((fence.inclusion, *fence.exclusions))
    if size_bytes > STORAGE_BYTES:
        yield flown.finding(
            "fence.too_many_vertices",
            Severity.ERROR,
            f"The fence has {fence.vertex_count} vertices and takes {size_bytes} bytes; autopilots "
            f"keep {STORAGE_BYTES}. Simplify it.",
        )
    for name, polygon in _fence_polygons(flown):
        if not shapely.is_valid(polygon):
            yield flown.finding(
                "fence.invalid",
                Severity.ERROR,
                f"The fence's {name} is not a simple ring "
                f"({shapely.is_valid_reason(polygon)}). Redraw it.",
            )


def _fence_polygons(flown: _Flown) -> Iterator[tuple[str, shapely.Polygon]]:
    fence = flown.mission.fence
    yield "inclusion", fence.inclusion
    for number, polygon in enumerate(fence.exclusions, start=1):
        yield f"exclusion {number}", polygon


def _inside_fence(flown: _Flown) -> Iterator[Finding]:
    if not all(shapely.is_valid(polygon) for _, polygon in _fence_polygons(flown)):
        return
    fence = flown.mission.fence
    inclusion = flown.local(fence.inclusion)
    allowed = inclusion.difference(shapely.union_all([flown.local(p) for p in fence.exclusions]))
    if not shapely.covers(allowed, shapely.Point(0.0, 0.0)):
        yield flown.finding(
            "fence.home_outside",
            Severity.ERROR,
            f"Home of mission {flown.mission.mission_id} is outside its own fence, so the aircraft "
            "cannot take off. Widen the fence or move home.",
        )
    for index, line in flown.legs:
        if not shapely.covers(allowed, line):
            yield flown.finding(
                "fence.left",
                Severity.ERROR,
                f"The leg to item {index} at {_place(flown, index)} leaves the fence. Move the "
                "waypoint or widen the fence.",
                index,
            )


def _no_fly(flown: _Flown) -> Iterator[Finding]:
    for zone in flown.zones.of_kind(ZoneKind.NO_FLY):
        polygon = flown.local(zone.polygon)
        for index, line in flown.legs:
            if shapely.intersects(polygon, line):
                yield flown.finding(
                    "zone.no_fly",
                    Severity.ERROR,
                    f"The leg to item {index} at {_place(flown, index)} enters the no-fly zone "
                    f"{_named(zone)}. Plan again round it.",
                    index,
                )
        gap_m = shapely.distance(polygon, flown.route)
        if 0.0 < gap_m < CLOSE_TO_NO_FLY_M:
            yield flown.finding(
                "zone.no_fly_close",
                Severity.WARNING,
                f"Mission {flown.mission.mission_id} passes {gap_m:.0f} m from the no-fly zone "
                f"{_named(zone)}; an aircraft may need {CLOSE_TO_NO_FLY_M:.0f} m to halt. "
                "Plan with a wider margin.",
            )


def _keep_in(flown: _Flown) -> Iterator[Finding]:
    zones = flown.zones.of_kind(ZoneKind.KEEP_IN)
    if not zones:
        return
    inside = shapely.union_all([flown.local(zone.polygon) for zone in zones])
    for index, line in flown.legs:
        if not shapely.covers(inside, line):
            yield flown.finding(
                "zone.keep_in_left",
                Severity.ERROR,
                f"The leg to item {index} at {_place(flown, index)} leaves the area in which "
                "flight is permitted. Plan again inside it.",
                index,
            )


def _heights(flown: _Flown) -> Iterator[Finding]:
    limit_m = min(LEGAL_CEILING_M, flown.mission.fence.ceiling_height_home_m)
    for index, item in enumerate(flown.mission.items):
        if item.height_home_m is not None and item.height_home_m > limit_m:
            yield _too_high(flown, index, item, f"the ceiling of {limit_m:g} m")
    if flown.mission.fence.ceiling_height_home_m > LEGAL_CEILING_M:
        yield flown.finding(
            "fence.above_ceiling",
            Severity.ERROR,
            f"The fence ends at {flown.mission.fence.ceiling_height_home_m:g} m, above the legal "
            f"ceiling of {LEGAL_CEILING_M:g} m. Lower it.",
        )
    for zone in flown.zones.of_kind(ZoneKind.CEILING):
        polygon, items = flown.local(zone.polygon), flown.mission.items
        for index, line in flown.legs:
            height_m = items[index].height_home_m or flown.mission.height_home_m
            over = zone.ceiling_m is not None and height_m > zone.ceiling_m
            if over and shapely.intersects(polygon, line):
                limit = f"the ceiling of {zone.ceiling_m:g} m in {_named(zone)}"
                yield _too_high(flown, index, items[index], limit)


def _too_high(flown: _Flown, index: int, item: MissionItem, limit: str) -> Finding:
    height_m = item.height_home_m or flown.mission.height_home_m
    return flown.finding(
        "ceiling.exceeded",
        Severity.ERROR,
        f"Item {index} flies {height_m:g} m high, above {limit}. Fly lower.",
        index,
    )


def _straight_returns(flown: _Flown) -> Iterator[Finding]:
    """A failsafe flies home in a straight line, whatever lies between."""
    for zone in flown.zones.of_kind(ZoneKind.NO_FLY):
        polygon = flown.local(zone.polygon)
        crossing = [
            index
            for index, place in flown.stops[1:]
            if shapely.intersects(polygon, _line_home(flown, place))
        ]
        if crossing:
            yield flown.finding(
                "return.crosses_no_fly",
                Severity.WARNING,
                f"From {len(crossing)} waypoints (first: item {crossing[0]}) the straight way home "
                f"crosses the no-fly zone {_named(zone)}. The planned way back goes round it, but "
                "a failsafe return would not: be ready to take over, or use another dock.",
                crossing[0],
            )


def _line_home(flown: _Flown, place: LonLat) -> shapely.LineString:
    return shapely.linestrings([flown.frame.to_local(place.lon_deg, place.lat_deg), (0.0, 0.0)])


def _named(zone: Zone) -> str:
    return f"{zone.name} ({zone.zone_id})"


def _place(flown: _Flown, index: int) -> str:
    place = dict(flown.stops)[index]
    return f"{place.lat_deg:.6f} N, {place.lon_deg:.6f} E"


_CHECKS: tuple[Callable[[_Flown], Iterator[Finding]], ...] = (
    _sequence,
    _zero_legs,
    _fence_shape,
    _inside_fence,
    _no_fly,
    _keep_in,
    _heights,
    _straight_returns,
)
