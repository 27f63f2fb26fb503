"""Missions out of map files: our own as they were, drawn lines with what is said beside them.

A line in a map file has places and no more: how fast, how high above what, and where the aircraft
starts must be said, since a wrong guess flies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flight.errors import PlanFileError
from flight.formats.foreign import Home, foreign_mission
from flight.formats.plan_layers import route_points
from flight.missions import Action, Mission, MissionItem
from geofences.geodesy import LonLat

_SAME_DEG = 1e-7
_SAME_M = 0.01


@dataclass(frozen=True, slots=True)
class Assumed:
    """What an operator says of lines that do not say it themselves.

    Attributes:
        home: Where the aircraft starts; None for the first point of each line.
        speed_mps: Ground speed.
        height_home_m: Height above home; it goes before heights in the file.
        gimbal_pitch_deg: Camera pitch, -90 straight down.
    """

    home: Home | None = None
    speed_mps: float | None = None
    height_home_m: float | None = None
    gimbal_pitch_deg: float | None = None


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line of a map file.

    Attributes:
        where: Names file and line in errors.
        name: What the line is called.
        points: Its places.
        heights_home_m: Its heights above home, one for each place; None where the file has none
            that could be told above home.
        no_height: Why there are none, as the end of a sentence.
        own: The mission that we wrote it for, if we did.
    """

    where: str
    name: str
    points: tuple[LonLat, ...]
    heights_home_m: tuple[float, ...] | None = None
    no_height: str = "has no heights"
    own: Mission | None = None


def distinct(lines: Sequence[DrawnLine]) -> list[DrawnLine]:
    """Lines with names that no two of them share, since they become names of missions."""
    seen: dict[str, int] = {}
    named = []
    for line in lines:
        seen[line.name] = seen.get(line.name, 0) + 1
        count = seen[line.name]
        named.append(line if count == 1 else replace(line, name=f"{line.name}-{count}"))
    return named


def mission_of_line(line: DrawnLine, assumed: Assumed) -> Mission:
    """Make a mission of a line.

    Args:
        line: The line; where we wrote it and nobody moved it, its mission comes back unchanged.
        assumed: What is said beside it.

    Returns:
        A mission that climbs, flies along the line with its camera running, and returns.

    Raises:
        PlanFileError: If speed or height are not known, or the line is no way to fly.
    """
    if line.own is not None and _unmoved(line, line.own):
        return line.own
    if len(set(line.points)) < 2:
        raise PlanFileError(f"{line.where} has fewer than two different places. Draw a longer one.")
    speed_mps = assumed.speed_mps or (line.own.speed_mps if line.own else None)
    if speed_mps is None:
        raise PlanFileError(f"{line.where} does not say how fast to fly. Say it: --speed M/S.")
    heights = _heights(line, assumed)
    home = assumed.home or _own_home(line.own) or Home(line.points[0])
    items = _items(line, heights, home, speed_mps, _pitch(line.own, assumed))
    made = foreign_mission(line.name, home.position, items, speed_mps)
    made = replace(made, home_alt_amsl_m=home.alt_amsl_m)
    if line.own is None:
        return made
    own = line.own
    return replace(
        made, mission_id=own.mission_id, vehicle_name=own.vehicle_name, dock_id=own.dock_id
    )


def _unmoved(line: DrawnLine, own: Mission) -> bool:
    """Whether a line is still that of its mission, to the precision that files keep."""
    meant = route_points(own)
    if len(meant) != len(line.points):
        return False
    for (place, _), seen in zip(meant, line.points, strict=True):
        moved_deg = max(abs(place.lon_deg - seen.lon_deg), abs(place.lat_deg - seen.lat_deg))
        if moved_deg > _SAME_DEG:
            return False
    seen_m = line.heights_home_m
    return seen_m is None or all(
        abs(a - b) <= _SAME_M for (_, a), b in zip(meant, seen_m, strict=True)
    )


def _heights(line: DrawnLine, assumed: Assumed) -> Sequence[float]:
    if assumed.height_home_m is not None:
        return [assumed.height_home_m] * len(line.points)
    if line.heights_home_m is not None:
        return line.heights_home_m
    if line.own is not None:
        return [line.own.height_home_m] * len(line.points)
    raise PlanFileError(
        f"{line.where} {line.no_height}. Say how high to fly above home: --height METRES."
    )


def _own_home(own: Mission | None) -> Home | None:
    return Home(own.home, own.home_alt_amsl_m) if own else None


def _pitch(own: Mission | None, assumed: Assumed) -> float | None:
    if assumed.gimbal_pitch_deg is not None or own is None:
        return assumed.gimbal_pitch_deg
    return next((item.value for item in own.items if item.action is Action.GIMBAL), None)


def _items(
    line: DrawnLine,
    heights: Sequence[float],
    home: Home,
    speed_mps: float,
    pitch_deg: float | None,
) -> tuple[MissionItem, ...]:
    first, *others = [
        MissionItem(Action.WAYPOINT, place, height_m)
        for place, height_m in zip(line.points, heights, strict=True)
    ]
    look = [] if pitch_deg is None else [MissionItem(Action.GIMBAL, value=pitch_deg)]
    return (
        MissionItem(Action.TAKEOFF, home.position, heights[0]),
        MissionItem(Action.SPEED, value=speed_mps),
        *look,
        first,
        MissionItem(Action.CAMERA_START),
        *others,
        MissionItem(Action.CAMERA_STOP),
        MissionItem(Action.RETURN_HOME),
    )
