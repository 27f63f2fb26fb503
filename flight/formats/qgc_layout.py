"""How a `.plan` file is laid out: its versions, and a mission's parts as its objects."""

from typing import Any

import shapely

from flight.formats.qgc_commands import Frame, item_params
from flight.missions import Mission, MissionItem, RallyPoint

OWN_KEY = "gridpatrol"
VERSIONS = {"mission": 2, "geoFence": 2, "rallyPoints": 2}
SURVEY_VERSIONS = {
    "survey": range(3, 6),
    "CorridorScan": range(2, 6),
    "StructureScan": range(2, 6),
}
COMPLEX_ITEMS = frozenset(SURVEY_VERSIONS)

_RELATIVE_ALTITUDE = 1
_COPTER = 2
_ARDUPILOT = 3


def plan_keys(mission: Mission) -> dict[str, Any]:
    """A whole file for a mission, our own key apart."""
    return {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "Gridpatrol",
        "mission": {
            "version": VERSIONS["mission"],
            "firmwareType": _ARDUPILOT,
            "vehicleType": _COPTER,
            "globalPlanAltitudeMode": _RELATIVE_ALTITUDE,
            "cruiseSpeed": mission.speed_mps,
            "hoverSpeed": mission.speed_mps,
            "plannedHomePosition": home_position(mission),
            "items": [simple_item(item, n) for n, item in enumerate(mission.items, start=1)],
        },
        "geoFence": {
            "version": VERSIONS["geoFence"],
            "circles": [],
            "polygons": [
                ring_keys(mission.fence.inclusion, inclusion=True),
                *(ring_keys(polygon, inclusion=False) for polygon in mission.fence.exclusions),
            ],
        },
        "rallyPoints": {
            "version": VERSIONS["rallyPoints"],
            "points": [rally_numbers(point) for point in mission.rally],
        },
    }


def own_keys(mission: Mission) -> dict[str, Any]:
    """What stands under our own key."""
    return {
        "mission_id": mission.mission_id,
        "vehicle_name": mission.vehicle_name,
        "dock_id": mission.dock_id,
        "height_home_m": mission.height_home_m,
        "height_ground_m": mission.height_ground_m,
        "home_alt_amsl_m": mission.home_alt_amsl_m,
        "distance_m": mission.distance_m,
        "duration_s": mission.duration_s,
        "energy_wh": mission.energy_wh,
        "start_s": mission.start_s,
        "cell_codes": list(mission.cell_codes),
        "item_cells": [item.cell_code for item in mission.items],
        "ceiling_height_home_m": mission.fence.ceiling_height_home_m,
    }


def home_position(mission: Mission) -> list[float]:
    """Home as QGroundControl writes it: latitude, longitude, altitude above sea."""
    return [mission.home.lat_deg, mission.home.lon_deg, mission.home_alt_amsl_m or 0.0]


def simple_item(item: MissionItem, number: int) -> dict[str, Any]:
    """One item of a mission; `number` counts from 1."""
    command, frame, params = item_params(item)
    keys: dict[str, Any] = {
        "type": "SimpleItem",
        "autoContinue": True,
        "command": int(command),
        "doJumpId": number,
        "frame": int(frame),
        "params": params,
    }
    if frame is Frame.ABOVE_HOME:
        keys["AMSLAltAboveTerrain"] = None
        keys["Altitude"] = params[6]
        keys["AltitudeMode"] = _RELATIVE_ALTITUDE
    return keys


def ring_keys(polygon: shapely.Polygon, *, inclusion: bool) -> dict[str, Any]:
    """A polygon of the fence; its ring is left open and has latitude first."""
    points = shapely.get_coordinates(polygon.exterior)[:-1].tolist()
    return {"version": 1, "inclusion": inclusion, "polygon": [[lat, lon] for lon, lat in points]}


def rally_numbers(point: RallyPoint) -> list[float]:
    """A rally point: latitude, longitude, height above home."""
    return [point.position.lat_deg, point.position.lon_deg, point.height_home_m]
