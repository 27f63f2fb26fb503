"""What a command assumes when the operator does not say."""

import math
from collections.abc import Sequence

import numpy as np
import shapely

from flight.planning.aircraft import Aircraft
from flight.planning.scene import dock_of
from flight.planning.tasks import Task, cells_of, ground_of
from geofences.county import County
from geofences.geodesy import LocalFrame, LonLat
from geofences.terrain import Terrain
from geofences.view import Camera

DEFAULT_CAMERA = Camera("demo-1280", 1280, 720, 70.0)
DEFAULT_HEIGHT_M = 40.0
LEVEL_WITHIN_M = 10.0
"""Ground that differs less from the docks leaves three quarters of the height and more."""
NEIGHBOUR_M = 2000.0
"""Another dock helps if it is not farther than this beyond the nearest."""


def default_aircraft(county: County, task: Task | None = None) -> tuple[Aircraft, ...]:
    """Return one aircraft in each dock that a patrol would be flown from.

    Args:
        county: Its docks and cells.
        task: What is looked at; None for anything, which is flown from the first two docks.

    Returns:
        Aircraft `uav-N` in the Nth dock, in the county's order: in every dock that is the nearest
        one of some cell looked at, and in the second nearest if a single one is left and another
        is about as near. None without docks.

    Raises:
        PlanningError: The county does not have what the task names.
    """
    if task is None:
        return _in_docks(county, {0, 1})
    ground = ground_of(task, county)
    frame = LocalFrame(LonLat(ground.centroid.x, ground.centroid.y))
    docks = [frame.to_local(d.position.lon_deg, d.position.lat_deg) for d in county.docks]
    middles = [county.grid.by_code(code).polygon.centroid for code in cells_of(task, county)]
    places = [frame.to_local(middle.x, middle.y) for middle in middles] or [(0.0, 0.0)]
    gaps_m = np.array([[math.dist(place, dock) for dock in docks] for place in places])
    if not gaps_m.size:
        return ()
    chosen = set(gaps_m.argmin(axis=1).tolist())
    nearest_m = gaps_m.min(axis=0)
    if len(chosen) == 1 and len(docks) > 1:
        second = int(nearest_m.argsort(kind="stable")[1])
        if nearest_m[second] <= nearest_m.min() + NEIGHBOUR_M:
            chosen.add(second)
    return _in_docks(county, chosen)


def _in_docks(county: County, chosen: set[int]) -> tuple[Aircraft, ...]:
    return tuple(
        Aircraft(f"uav-{index + 1}", dock.dock_id)
        for index, dock in enumerate(county.docks)
        if index in chosen
    )


def default_heights(
    county: County, task: Task, aircraft: Sequence[Aircraft], terrain: Terrain | None
) -> tuple[float, float | None]:
    """Return how high a patrol is flown if nobody says.

    Args:
        county: Its docks and cells.
        task: What is looked at.
        aircraft: Who flies.
        terrain: How high the ground is, if that is known.

    Returns:
        Height above home, and height above the ground to be followed instead: where all of the
        ground between docks and work is known and is not level with the docks. None keeps to
        the height above home.

    Raises:
        PlanningError: The county does not have what the task or an aircraft names.
    """
    if terrain is None or not aircraft:
        return DEFAULT_HEIGHT_M, None
    docks = [dock_of(county, craft) for craft in aircraft]
    points = [shapely.Point(dock.position.lon_deg, dock.position.lat_deg) for dock in docks]
    below = shapely.convex_hull(shapely.union_all([ground_of(task, county), *points]))
    ground = terrain.range_in(below)
    homes_m = [dock.alt_amsl_m for dock in docks]
    uneven_m = max(
        ground.highest_alt_amsl_m - min(homes_m), max(homes_m) - ground.lowest_alt_amsl_m
    )
    level = not ground.whole or uneven_m <= LEVEL_WITHIN_M
    return DEFAULT_HEIGHT_M, None if level else DEFAULT_HEIGHT_M


DEFAULT_MODEL = "patrol9"
