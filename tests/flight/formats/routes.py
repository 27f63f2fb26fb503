"""Missions of every kind that files must hold, made up by Hypothesis."""

from collections.abc import Sequence

import numpy as np
import shapely
from hypothesis import strategies as st

from flight.missions import Action, Fence, Mission, MissionItem, RallyPoint
from geofences.geodesy import LocalFrame, LonLat

HOME = LonLat(115.62, 33.16)
FRAME = LocalFrame(HOME)


def place(east_m: float, north_m: float) -> LonLat:
    """A place so many metres from home, as precise as MAVLink carries it."""
    lon_deg, lat_deg = FRAME.to_lonlat(east_m, north_m)
    return LonLat(round(lon_deg, 7), round(lat_deg, 7))


def ring(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle in metres as degrees."""
    degrees = FRAME.geometry_to_lonlat(shapely.box(west, south, east, north))
    return shapely.transform(degrees, lambda rows: np.round(rows, 7))


FENCE = Fence(ring(-900.0, -900.0, 900.0, 900.0), (ring(600.0, 600.0, 700.0, 700.0),), 120.0)


def waypoint(east_m: float, north_m: float, height_m: float = 40.0) -> MissionItem:
    """A waypoint so many metres from home."""
    return MissionItem(Action.WAYPOINT, place(east_m, north_m), height_m)


def mission(items: Sequence[MissionItem], **changes: object) -> Mission:
    """A mission of these items from home."""
    values: dict[str, object] = {
        "mission_id": "m-1",
        "vehicle_name": "uav-1",
        "dock_id": "dock-1",
        "home": HOME,
        "items": tuple(items),
        "fence": FENCE,
        "speed_mps": 8.0,
        "height_home_m": 40.0,
        "cell_codes": (),
        "distance_m": 1000.0,
        "duration_s": 300.0,
    }
    return Mission(**(values | changes))  # type: ignore[arg-type]


_METRES = st.floats(-500.0, 500.0)
_HEIGHTS = st.floats(10.0, 110.0).map(lambda metres: round(metres, 2))
_PLACES = st.builds(place, _METRES, _METRES)
_BETWEEN: st.SearchStrategy[MissionItem] = st.one_of(
    st.builds(lambda mps: MissionItem(Action.SPEED, value=round(mps, 2)), st.floats(1.0, 15.0)),
    st.builds(lambda deg: MissionItem(Action.GIMBAL, value=round(deg, 1)), st.floats(-89.0, 10.0)),
    st.builds(lambda s: MissionItem(Action.HOVER, value=float(s)), st.integers(1, 600)),
    # Lower than every flight, since gimbals do not look far up.
    st.builds(lambda at, m: MissionItem(Action.LOOK_AT, at, m / 20.0), _PLACES, _HEIGHTS),
    st.sampled_from(
        [
            MissionItem(Action.CAMERA_START),
            MissionItem(Action.CAMERA_STOP),
            MissionItem(Action.LOOK_AHEAD),
        ]
    ),
)
_STOPS = st.one_of(
    st.builds(lambda at, m: MissionItem(Action.WAYPOINT, at, m), _PLACES, _HEIGHTS),
    st.builds(lambda at, m: MissionItem(Action.HOVER, at, m, 5.0), _PLACES, _HEIGHTS),
)


def _about_where(leg: tuple[MissionItem, list[MissionItem]]) -> tuple[float, float]:
    """A place to the metre: DJI's routes have no legs without a length."""
    at = leg[0].position or HOME
    return round(at.lon_deg, 5), round(at.lat_deg, 5)


@st.composite
def missions(draw: st.DrawFn) -> Mission:
    """Missions from a take-off over two points or more, with anything done between, to an end."""
    height_m = draw(_HEIGHTS)
    leg = st.tuples(_STOPS, st.lists(_BETWEEN, max_size=3))
    legs = draw(st.lists(leg, min_size=2, max_size=8, unique_by=_about_where))
    end = draw(
        st.sampled_from(
            [
                MissionItem(Action.RETURN_HOME),
                MissionItem(Action.LAND, place(20.0, 30.0), 0.0),
            ]
        )
    )
    items = [
        MissionItem(Action.TAKEOFF, HOME, height_m),
        *draw(st.lists(_BETWEEN, max_size=3)),
        *(item for stop, between in legs for item in (stop, *between)),
        end,
    ]
    rally = draw(st.lists(st.builds(RallyPoint, _PLACES, _HEIGHTS), max_size=2))
    home_alt_m = draw(st.none() | st.floats(-100.0, 4000.0).map(lambda metres: round(metres, 2)))
    return mission(items, rally=tuple(rally), home_alt_amsl_m=home_alt_m)
