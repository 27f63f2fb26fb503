"""QGroundControl's `.plan` files, written so that it opens them and read where they can be flown.

One file holds one mission with its fence. What QGroundControl has no place for (our ids, the cell
of each waypoint, the foretold time) stands under a key of our own, which it ignores.
"""

import json
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import shapely

from flight.errors import PlanFileError
from flight.formats.documents import Document, read_document
from flight.formats.qgc_commands import Frame, item_params, parse_item
from flight.formats.writing import write_text
from flight.missions import Action, Fence, Mission, MissionItem
from flight.planning.aircraft import Aircraft
from flight.planning.fences import build_fence
from geofences.geodesy import LocalFrame, LonLat

_OWN_KEY = "gridpatrol"
_VERSIONS = {"mission": 2, "geoFence": 2, "rallyPoints": 2}
_SURVEY_VERSIONS = range(3, 6)
_RELATIVE_ALTITUDE = 1
_COPTER = 2
_ARDUPILOT = 3
_MARGIN_M = 60.0
_LEGAL_CEILING_M = 120.0
_DEFAULT_SPEED_MPS = 5.0
_CIRCLE_VERTICES = 16


def write_qgc_plan(mission: Mission, path: Path, *, home_alt_amsl_m: float = 0.0) -> None:
    """Write one mission and its fence as a `.plan` file.

    Args:
        mission: What to write.
        path: Where; QGroundControl expects it to end in `.plan`.
        home_alt_amsl_m: The dock's altitude, which QGroundControl shows; nothing is flown by it.

    Raises:
        PlanFileError: If the file cannot be written.
    """
    document = {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "Gridpatrol",
        "mission": {
            "version": _VERSIONS["mission"],
            "firmwareType": _ARDUPILOT,
            "vehicleType": _COPTER,
            "globalPlanAltitudeMode": _RELATIVE_ALTITUDE,
            "cruiseSpeed": mission.speed_mps,
            "hoverSpeed": mission.speed_mps,
            "plannedHomePosition": [mission.home.lat_deg, mission.home.lon_deg, home_alt_amsl_m],
            "items": [_simple_item(item, n) for n, item in enumerate(mission.items, start=1)],
        },
        "geoFence": {
            "version": _VERSIONS["geoFence"],
            "circles": [],
            "polygons": [
                _ring(mission.fence.inclusion, inclusion=True),
                *(_ring(polygon, inclusion=False) for polygon in mission.fence.exclusions),
            ],
        },
        "rallyPoints": {"version": _VERSIONS["rallyPoints"], "points": []},
        _OWN_KEY: _own_keys(mission),
    }
    write_text(json.dumps(document, ensure_ascii=False, indent=4) + "\n", path)


def read_qgc_plan(path: Path) -> Mission:
    """Read a `.plan` file, ours or QGroundControl's.

    Surveys are read through the simple items that they carry. A plan without a fence gets one
    drawn 60 m around its route.

    Args:
        path: The file.

    Returns:
        The mission; run `check_mission` before flying it.

    Raises:
        PlanFileError: If the file cannot be read, is no plan of a known version, or holds
            something that cannot be flown; the message names the key or item.
    """
    document = read_document(path)
    if document.text("fileType", default="") != "Plan":
        raise PlanFileError(
            f"{path} is not a QGroundControl plan (its fileType is not 'Plan'). "
            "Choose another file."
        )
    _refuse_version(document, "version", 1)
    mission = document.child("mission")
    _refuse_version(mission, "version", _VERSIONS["mission"])
    own = document.child(_OWN_KEY) if _OWN_KEY in document else None
    home, home_alt_m = _home(mission)
    speed_mps = mission.number("hoverSpeed") if "hoverSpeed" in mission else _DEFAULT_SPEED_MPS
    items = tuple(
        item for child in _simple_items(mission) for item in parse_item(child, home_alt_m)
    )
    if own is not None:
        items = _with_cells(items, own)
    return _mission(path, own, document, home, speed_mps, items)


def _simple_item(item: MissionItem, number: int) -> dict[str, Any]:
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


def _ring(polygon: shapely.Polygon, *, inclusion: bool) -> dict[str, Any]:
    points = shapely.get_coordinates(polygon.exterior)[:-1].tolist()
    return {"version": 1, "inclusion": inclusion, "polygon": [[lat, lon] for lon, lat in points]}


def _own_keys(mission: Mission) -> dict[str, Any]:
    return {
        "mission_id": mission.mission_id,
        "vehicle_name": mission.vehicle_name,
        "dock_id": mission.dock_id,
        "height_home_m": mission.height_home_m,
        "distance_m": mission.distance_m,
        "duration_s": mission.duration_s,
        "cell_codes": list(mission.cell_codes),
        "item_cells": [item.cell_code for item in mission.items],
        "ceiling_height_home_m": mission.fence.ceiling_height_home_m,
    }


def _refuse_version(document: Document, key: str, known: int) -> None:
    value = document.value(key)
    if value != known:
        raise document.wrong(key, f"is {value!r}, but this program reads version {known}")


def _home(mission: Document) -> tuple[LonLat, float]:
    numbers = mission.numbers("plannedHomePosition", 3)
    home = mission.build(lambda: LonLat(numbers[1], numbers[0]), "plannedHomePosition")
    return home, numbers[2]


def _simple_items(mission: Document) -> Iterator[Document]:
    """The items of a mission in order, those inside surveys included."""
    for child in mission.children("items"):
        kind = child.text("type")
        if kind == "SimpleItem":
            yield child
        elif child.text("complexItemType", default="") in {"survey", "CorridorScan"}:
            if child.value("version") not in _SURVEY_VERSIONS:
                raise child.wrong("version", f"is {child.value('version')!r}, which is not known")
            yield from child.child("TransectStyleComplexItem").children("Items")
        else:
            name = child.text("complexItemType", default=kind)
            raise child.wrong(
                "type",
                f"is {name!r}, which only QGroundControl can turn into waypoints; save it there "
                "as a mission of simple items",
            )


def _with_cells(items: tuple[MissionItem, ...], own: Document) -> tuple[MissionItem, ...]:
    cells = own.texts("item_cells")
    if len(cells) != len(items):  # edited in QGroundControl: the cells no longer belong to items
        return items
    return tuple(
        MissionItem(item.action, item.position, item.height_home_m, item.value, cell)
        for item, cell in zip(items, cells, strict=True)
    )


def _mission(
    path: Path,
    own: Document | None,
    document: Document,
    home: LonLat,
    speed_mps: float,
    items: tuple[MissionItem, ...],
) -> Mission:
    frame = LocalFrame(home)
    # Flown from home and, where the last item says so, back; the fence must hold both.
    places = [home, *(item.flown_to for item in items if item.flown_to is not None)]
    points = shapely.MultiPoint([frame.to_local(p.lon_deg, p.lat_deg) for p in places])
    heights = [item.height_home_m for item in items if item.action is Action.WAYPOINT]
    route = shapely.get_coordinates(points)
    craft = Aircraft(path.stem, "")
    height_m = max((height for height in heights if height is not None), default=0.0)
    times_s = craft.leg_times_s(route, speed_mps)
    steps_m = shapely.length(shapely.linestrings(route)) if len(route) > 1 else 0.0
    return Mission(
        mission_id=own.text("mission_id") if own else path.stem,
        vehicle_name=own.text("vehicle_name") if own else "",
        dock_id=own.text("dock_id") if own else "",
        home=home,
        items=items,
        fence=_fence(document, own, points, frame),
        speed_mps=speed_mps,
        height_home_m=own.number("height_home_m") if own else height_m,
        cell_codes=own.texts("cell_codes") if own else (),
        distance_m=own.number("distance_m") if own else float(steps_m),
        duration_s=own.number("duration_s")
        if own
        else float(times_s.sum()) + craft.vertical_time_s(height_m),
    )


def _fence(
    document: Document, own: Document | None, route: shapely.Geometry, frame: LocalFrame
) -> Fence:
    ceiling_m = own.number("ceiling_height_home_m") if own else _LEGAL_CEILING_M
    rings = list(_fence_rings(document, frame))
    inclusions = [polygon for inside, polygon in rings if inside]
    exclusions = tuple(polygon for inside, polygon in rings if not inside)
    if len(inclusions) > 1:
        raise document.wrong(
            "geoFence",
            f"has {len(inclusions)} inclusions, of which autopilots permit only the overlap; "
            "merge them into one",
        )
    if not inclusions:
        drawn = build_fence(
            shapely.convex_hull(route),
            [],
            frame,
            margin_m=_MARGIN_M,
            ceiling_height_home_m=ceiling_m,
        )
        inclusions = [drawn.inclusion]
    return document.build(lambda: Fence(inclusions[0], exclusions, ceiling_m), "geoFence")


def _fence_rings(document: Document, frame: LocalFrame) -> Iterator[tuple[bool, shapely.Polygon]]:
    if "geoFence" not in document:
        return
    fence = document.child("geoFence")
    _refuse_version(fence, "version", _VERSIONS["geoFence"])
    for ring in fence.children("polygons"):
        points = [(lon, lat) for lat, lon in ring.pairs("polygon", ring.values("polygon"))]
        yield ring.flag("inclusion"), ring.build(partial(_polygon, points), "polygon")
    for child in fence.children("circles"):
        circle = child.child("circle")
        lat_deg, lon_deg = circle.numbers("center", 2)
        centre = circle.build(partial(LonLat, lon_deg, lat_deg), "center")
        inside = child.flag("inclusion")
        yield inside, _circle(frame, centre, circle.number("radius"), inside=inside)


def _polygon(points: list[tuple[float, float]]) -> shapely.Polygon:
    for lon_deg, lat_deg in points:
        LonLat(lon_deg, lat_deg)  # refuses what is no place
    return shapely.Polygon(points)


def _circle(frame: LocalFrame, centre: LonLat, radius_m: float, *, inside: bool) -> shapely.Polygon:
    """A polygon on the safe side: within a circle to stay in, round one to keep out of."""
    wider = 1.0 if inside else 1.0 / math.cos(math.pi / _CIRCLE_VERTICES)
    point = shapely.Point(frame.to_local(centre.lon_deg, centre.lat_deg))
    disc = shapely.buffer(point, radius_m * wider, quad_segs=_CIRCLE_VERTICES // 4)
    return frame.geometry_to_lonlat(disc)
