"""A patrol plan out of missions that somebody else planned."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import shapely

from flight.missions import Mission, PatrolPlan
from flight.planning.aircraft import Aircraft
from flight.planning.camera_lanes import View, seen_ground
from geofences.cells import Cell
from geofences.county import County
from geofences.geodesy import LocalFrame
from geofences.view import Camera

_SEEN_SHARE = 0.05  # a plan is about a cell if it sees at least this much of it


def adopt(
    missions: Sequence[Mission],
    county: County,
    crew: Sequence[Aircraft],
    camera: Camera,
    gimbal_pitch_deg: float,
) -> PatrolPlan:
    """Make a plan of missions from another program.

    Args:
        missions: What is flown; each keeps the aircraft and dock that it names.
        county: Gives the cells that are seen.
        crew: Who flies missions that name nobody, in turn.
        camera: What is taken to look down.
        gimbal_pitch_deg: Its pitch.

    Returns:
        A plan named after its first mission, not yet checked. Its cells are those that the camera
        sees something of, its coverage is that of these cells.

    Raises:
        PlanningError: If the camera sees no ground.
    """
    manned = [_manned(mission, crew[n % len(crew)]) for n, mission in enumerate(missions)]
    seen: list[shapely.Geometry] = []
    named: list[Mission] = []
    for mission in manned:
        patch = _seen(mission, camera, gimbal_pitch_deg)
        cells = _cells_in(county, patch)
        codes = tuple(cell.code for cell in cells)
        named.append(replace(mission, cell_codes=mission.cell_codes or codes))
        seen.append(patch)
    all_seen = shapely.union_all(seen)
    about = _cells_in(county, all_seen)
    ground = shapely.union_all([cell.polygon for cell in about])
    share = shapely.intersection(all_seen, ground).area / ground.area if about else 0.0
    return PatrolPlan(
        plan_id=hashlib.sha256(repr(tuple(missions)).encode()).hexdigest()[:12],
        name=missions[0].mission_id,
        missions=tuple(named),
        cell_codes=tuple(cell.code for cell in about),
        coverage_fraction=min(1.0, float(share)),
        camera=camera,
        gimbal_pitch_deg=gimbal_pitch_deg,
    )


def _manned(mission: Mission, aircraft: Aircraft) -> Mission:
    if mission.vehicle_name:
        return mission
    return replace(mission, vehicle_name=aircraft.name, dock_id=aircraft.dock_id)


def _seen(mission: Mission, camera: Camera, pitch_deg: float) -> shapely.Geometry:
    """What a mission sees, in degrees; nothing where it flies on the ground."""
    frame = LocalFrame(mission.home)
    if mission.looks_from_m <= 0.0:
        return shapely.Polygon()
    view = View(camera, mission.looks_from_m, pitch_deg)
    return frame.geometry_to_lonlat(seen_ground(mission, view, frame))


def _cells_in(county: County, seen: shapely.Geometry) -> list[Cell]:
    shapely.prepare(seen)
    near = [cell for cell in county.grid.cells if shapely.intersects(seen, cell.polygon)]
    return [
        cell
        for cell in near
        if shapely.intersection(seen, cell.polygon).area >= _SEEN_SHARE * cell.polygon.area
    ]
