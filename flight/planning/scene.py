"""A request resolved against its county: the ground, the air and the docks in metres."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft
from flight.planning.airspace import Airspace, open_airspace
from flight.planning.camera_lanes import View
from flight.planning.links import Point
from flight.planning.request import PatrolRequest
from flight.planning.tasks import cells_of, ground_of
from geofences.county import County, Dock
from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import Terrain

_LOWEST_M = 10.0
_SAMPLES = 64  # along either side of the cells, to find their highest place


@dataclass(frozen=True)
class Scene:
    """A request resolved against its county.

    Attributes:
        county: Cells, zones, docks and roads.
        request: What is asked for.
        frame: Between metres and degrees.
        docks: Of each aircraft, in the request's order.
        airspace: Where aircraft may fly.
        view: What the camera sees of the ground.
        lane_height_m: From how high above the ground the lanes are laid.
        terrain: How high the ground is, if that is known.
    """

    county: County
    request: PatrolRequest
    frame: LocalFrame
    docks: tuple[Dock, ...]
    airspace: Airspace
    view: View
    lane_height_m: float
    terrain: Terrain | None = None

    def dock_point(self, aircraft_index: int) -> Point:
        """Where an aircraft's dock is, metres."""
        position = self.docks[aircraft_index].position
        return self.frame.to_local(position.lon_deg, position.lat_deg)

    @cached_property
    def cell_codes(self) -> tuple[str, ...]:
        """The cells that the task is about."""
        return cells_of(self.request.task, self.county)

    @cached_property
    def cell_polygons(self) -> NDArray[np.object_]:
        """Their outlines in metres, in the same order."""
        cells = [self.county.grid.by_code(code).polygon for code in self.cell_codes]
        return np.array([self.frame.geometry_to_local(cell) for cell in cells], dtype=object)


def resolve(county: County, request: PatrolRequest, terrain: Terrain | None = None) -> Scene:
    """Find what a request names and open the air over it.

    Args:
        county: Its zones are those that are in force.
        request: What is asked for.
        terrain: How high the ground is, if that is known.

    Raises:
        PlanningError: If the county does not have something that the request names, or the ground
            is too high for the flight, or not known to one that is to follow it.
        NothingToCoverError: If no-fly zones leave nothing to fly over.
    """
    ground = ground_of(request.task, county)
    docks = tuple(dock_of(county, aircraft) for aircraft in request.aircraft)
    frame = LocalFrame(LonLat(ground.centroid.x, ground.centroid.y))
    area = frame.geometry_to_local(ground)
    airspace = open_airspace(area, docks, county.zones, frame, request.no_fly_margin_m)
    lowest_m = _lowest_height_m(request, docks, ground, terrain)
    view = View(request.camera, lowest_m, request.gimbal_pitch_deg)
    lane_height_m = lowest_m if request.height_ground_m is None else request.height_ground_m
    return Scene(county, request, frame, docks, airspace, view, lane_height_m, terrain)


def _lowest_height_m(
    request: PatrolRequest,
    docks: Sequence[Dock],
    ground: shapely.Geometry,
    terrain: Terrain | None,
) -> float:
    """From how low the camera may have to look: hills come nearer, and the picture narrower."""
    if request.height_ground_m is not None:
        if terrain is None:
            raise PlanningError(
                "A flight at a height above ground needs to know the ground: give an elevation "
                "model, or a height above the take-off point."
            )
        return max(
            0.5 * request.height_ground_m, request.height_ground_m - request.height_tolerance_m
        )
    if terrain is None:
        return request.height_home_m
    highest_m = terrain.range_in(ground).highest_alt_amsl_m
    if math.isnan(highest_m):
        return request.height_home_m
    lowest_m = min(dock.alt_amsl_m for dock in docks) + request.height_home_m - highest_m
    if lowest_m < _LOWEST_M:
        raise PlanningError(
            f"The ground rises to {highest_m:.0f} m above sea level"
            f"{_highest_place(ground, terrain)}, and a flight "
            f"{request.height_home_m:g} m above its dock reaches {highest_m + lowest_m:.0f} m. "
            f"Follow the ground: plan {request.height_home_m:g} m as the height above ground "
            f"(--height-ground {request.height_home_m:g}), which climbs where hills do; or plan "
            "the cells beyond the hills by themselves."
        )
    return min(lowest_m, request.height_home_m)


def _highest_place(ground: shapely.Geometry, terrain: Terrain) -> str:
    """Where the ground of the cells is highest, as far as samples tell."""
    west, south, east, north = ground.bounds
    across, up = np.linspace(west, east, _SAMPLES), np.linspace(south, north, _SAMPLES)
    lon_deg, lat_deg = (axis.ravel() for axis in np.meshgrid(across, up))
    heights_m = terrain.alt_amsl_m(lon_deg, lat_deg)
    if np.isnan(heights_m).all():
        return ""
    highest = int(np.nanargmax(heights_m))
    return f" about {lat_deg[highest]:.5f} N, {lon_deg[highest]:.5f} E"


def dock_of(county: County, aircraft: Aircraft) -> Dock:
    """The dock that an aircraft starts from.

    Raises:
        PlanningError: If the county does not have it.
    """
    for dock in county.docks:
        if dock.dock_id == aircraft.dock_id:
            return dock
    known = ", ".join(dock.dock_id for dock in county.docks) or "none"
    raise PlanningError(
        f"Aircraft {aircraft.name!r} starts from dock {aircraft.dock_id!r}, which {county.name} "
        f"does not have. Its docks: {known}."
    )
