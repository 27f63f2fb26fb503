"""The items of one patrol mission, from take-off to the return."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flight.missions import Action, MissionItem
from flight.planning.links import Point
from flight.planning.work import Stop
from geofences.cells import Grid
from geofences.geodesy import LocalFrame, LonLat

_DECIMALS_DEG = 7  # what MAVLink carries: about a centimetre
_DECIMALS_HEIGHT_M = 2


@dataclass(frozen=True, slots=True)
class RoutePoint:
    """A point that a mission flies over.

    Attributes:
        point: Where, metres in a local frame.
        height_home_m: How high.
        working: Whether the aircraft is at work here, not on its way there or back.
        stop: What happens here, if anything does.
    """

    point: Point
    height_home_m: float
    working: bool = False
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How a mission is flown."""

    speed_mps: float
    gimbal_pitch_deg: float
    films: bool = True


def place_at(point: Point, frame: LocalFrame) -> LonLat:
    """A point of the plane as a place, rounded to what autopilots can hold."""
    lon_deg, lat_deg = frame.to_lonlat(*point)
    return LonLat(round(lon_deg, _DECIMALS_DEG), round(lat_deg, _DECIMALS_DEG))


class ItemWriter:
    """Writes routes down as mission items, naming the cell below each point of the work."""

    def __init__(self, frame: LocalFrame, grid: Grid, codes: frozenset[str]) -> None:
        """Prepare for the missions of one plan.

        Args:
            frame: Between metres and degrees.
            grid: Names the cell below each waypoint.
            codes: The cells that the plan is about; others are not named.
        """
        self._frame = frame
        self._grid = grid
        self._codes = codes

    def items(self, route: Sequence[RoutePoint], settings: Settings) -> tuple[MissionItem, ...]:
        """Write down what the aircraft does, in order.

        Args:
            route: From above the dock to above the dock, both included.
            settings: How it flies.

        Returns:
            Take-off, speed and camera pitch first; the camera runs over the work only; the way
            back is flown in full to above the dock, so that the return itself is straight down.
        """
        return (
            MissionItem(Action.TAKEOFF, place_at(route[0].point, self._frame), _height_m(route[0])),
            MissionItem(Action.SPEED, value=settings.speed_mps),
            MissionItem(Action.GIMBAL, value=settings.gimbal_pitch_deg),
            *self._flown(route[1:], settings),
            MissionItem(Action.RETURN_HOME),
        )

    def _flown(self, route: Sequence[RoutePoint], settings: Settings) -> Iterator[MissionItem]:
        looking_at = False
        filming = False
        for point in route:
            if looking_at and not point.working:
                # A region of interest would turn nose and camera for the whole way home.
                yield from _ahead(settings)
                looking_at = False
            if filming and not point.working:
                yield MissionItem(Action.CAMERA_STOP)
                filming = False
            yield self._waypoint(point)
            # The camera starts once the first point of the work is reached, because a command in
            # a mission is carried out after the waypoint before it.
            if settings.films and point.working and not filming:
                yield MissionItem(Action.CAMERA_START)
                filming = True
            if point.stop is not None:
                if looking_at and point.stop.look_at is None:
                    yield from _ahead(settings)
                yield from self._stopped(point, point.stop)
                looking_at = point.stop.look_at is not None

    def _stopped(self, point: RoutePoint, stop: Stop) -> Iterator[MissionItem]:
        if stop.look_at is not None:
            target = place_at(stop.look_at, self._frame)
            yield MissionItem(Action.LOOK_AT, target, stop.look_at_height_home_m)
        if stop.hover_s > 0.0:
            place = place_at(point.point, self._frame)
            yield MissionItem(Action.HOVER, place, _height_m(point), stop.hover_s)

    def _waypoint(self, point: RoutePoint) -> MissionItem:
        place = place_at(point.point, self._frame)
        cell = self._grid.cell_at(place) if point.working else None
        code = cell.code if cell and cell.code in self._codes else ""
        return MissionItem(Action.WAYPOINT, place, _height_m(point), cell_code=code)


def _ahead(settings: Settings) -> Iterator[MissionItem]:
    """Look ahead again; an autopilot's mount goes back to its own default pitch then."""
    yield MissionItem(Action.LOOK_AHEAD)
    yield MissionItem(Action.GIMBAL, value=settings.gimbal_pitch_deg)


def _height_m(point: RoutePoint) -> float:
    return round(point.height_home_m, _DECIMALS_HEIGHT_M)
