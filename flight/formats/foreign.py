"""Missions out of files that hold only a route: what such files leave open is filled in here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from flight.missions import Action, Fence, Mission, MissionItem
from flight.planning.aircraft import Aircraft
from flight.planning.fences import build_fence
from geofences.geodesy import LocalFrame, LonLat
from geofences.geoid import alt_ellipsoid_m

LEGAL_CEILING_M = 120.0
DEFAULT_SPEED_MPS = 5.0

_MARGIN_M = 60.0


@dataclass(frozen=True, slots=True)
class Home:
    """Where a mission starts, for files that do not say it.

    Attributes:
        position: The place.
        alt_amsl_m: Its altitude above mean sea level, where known.
    """

    position: LonLat
    alt_amsl_m: float | None = None

    @property
    def alt_ellipsoid_m(self) -> float | None:
        """Its altitude above the WGS-84 ellipsoid, to the millimetre, where known."""
        if self.alt_amsl_m is None:
            return None
        place = self.position
        return round(float(alt_ellipsoid_m(place.lon_deg, place.lat_deg, self.alt_amsl_m)), 3)


def foreign_mission(
    name: str,
    home: LonLat,
    items: Sequence[MissionItem],
    speed_mps: float,
    *,
    fence: Fence | None = None,
    ceiling_m: float = LEGAL_CEILING_M,
) -> Mission:
    """Make a mission of what a file says.

    Args:
        name: Becomes the mission's id.
        home: Where it starts.
        items: What is done, in order.
        speed_mps: Until the items set another one.
        fence: None where the file has none: one is then drawn 60 m around the route.
        ceiling_m: Of a fence that is drawn.

    Returns:
        The mission, with its length and the time that an ordinary copter takes. No aircraft or
        dock is named; run `check_mission` before flying it.
    """
    frame = LocalFrame(home)
    flown = [item.flown_to for item in items]
    route = np.array(
        [frame.to_local(p.lon_deg, p.lat_deg) for p in (home, *flown) if p is not None]
    )
    heights = [item.height_home_m for item in items if item.action is Action.WAYPOINT]
    height_m = max((height for height in heights if height is not None), default=0.0)
    craft = Aircraft(name, "")
    return Mission(
        mission_id=name,
        vehicle_name="",
        dock_id="",
        home=home,
        items=tuple(items),
        fence=fence or _drawn(route, frame, ceiling_m),
        speed_mps=speed_mps,
        height_home_m=height_m,
        cell_codes=(),
        distance_m=float(np.hypot(*np.diff(route, axis=0).T).sum()),
        duration_s=float(craft.leg_times_s(route, speed_mps).sum())
        + craft.vertical_time_s(height_m),
    )


def _drawn(route: np.ndarray, frame: LocalFrame, ceiling_m: float) -> Fence:
    """A fence that holds every straight way between points of a route, the one home included."""
    return build_fence(
        shapely.convex_hull(shapely.multipoints(route)),
        [],
        frame,
        margin_m=_MARGIN_M,
        ceiling_height_home_m=ceiling_m,
    )
