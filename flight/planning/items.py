"""The items of one patrol mission, from take-off to the return."""

from collections.abc import Sequence
from dataclasses import dataclass

from flight.missions import Action, MissionItem
from flight.planning.links import Point
from geofences.cells import Grid
from geofences.geodesy import LocalFrame, LonLat

_DECIMALS_DEG = 7  # what MAVLink carries: about a centimetre


@dataclass(frozen=True, slots=True)
class Route:
    """Where one mission flies, metres in a local frame.

    Attributes:
        out: From the dock to the first lane, both included.
        lanes: The lanes and their links; the camera runs here.
        back: From the last lane to the dock, both included.
    """

    out: tuple[Point, ...]
    lanes: tuple[Point, ...]
    back: tuple[Point, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """All points in flying order, none twice in a row."""
        return (*self.out[:-1], *self.lanes, *self.back[1:])


@dataclass(frozen=True, slots=True)
class Settings:
    """How a mission is flown."""

    height_home_m: float
    speed_mps: float
    gimbal_pitch_deg: float


def place_at(point: Point, frame: LocalFrame) -> LonLat:
    """A point of the plane as a place, rounded to what autopilots can hold."""
    lon_deg, lat_deg = frame.to_lonlat(*point)
    return LonLat(round(lon_deg, _DECIMALS_DEG), round(lat_deg, _DECIMALS_DEG))


def patrol_items(
    route: Route, frame: LocalFrame, grid: Grid, codes: frozenset[str], settings: Settings
) -> tuple[MissionItem, ...]:
    """Write down what the aircraft does, in order.

    Args:
        route: Where it flies, metres.
        frame: Between metres and degrees.
        grid: Names the cell below each waypoint.
        codes: The requested cells; others are not named.
        settings: How it flies.

    Returns:
        Take-off, speed and camera pitch first; the camera runs over the lanes only; the way back
        is flown in full to above the dock, so that the return itself is straight down.
    """
    height_m = settings.height_home_m

    def waypoints(points: Sequence[Point], *, looking: bool) -> list[MissionItem]:
        places = [place_at(point, frame) for point in points]
        cells = [grid.cell_at(place) if looking else None for place in places]
        return [
            MissionItem(
                Action.WAYPOINT,
                place,
                height_m,
                cell_code=cell.code if cell and cell.code in codes else "",
            )
            for place, cell in zip(places, cells, strict=True)
        ]

    # The camera starts between the first lane's beginning and the next point, because a command
    # in a mission is carried out once the waypoint before it is reached.
    lanes = waypoints(route.lanes, looking=True)
    return (
        MissionItem(Action.TAKEOFF, place_at(route.out[0], frame), height_m),
        MissionItem(Action.SPEED, value=settings.speed_mps),
        MissionItem(Action.GIMBAL, value=settings.gimbal_pitch_deg),
        *waypoints(route.out[1:-1], looking=False),
        lanes[0],
        MissionItem(Action.CAMERA_START),
        *lanes[1:],
        MissionItem(Action.CAMERA_STOP),
        *waypoints(route.back[1:], looking=False),
        MissionItem(Action.RETURN_HOME),
    )
