"""Our own plan file: a patrol plan as JSON that a person can read and a diff can show.

Coordinates are WGS-84 degrees, longitude before latitude. A file is written whole or not at all,
and what is read is as strictly typed as what was written: an error names the key that is wrong.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import shapely

from flight.errors import PlanFileError
from flight.formats.aircraft_keys import aircraft_keys, aircraft_of, wind_of
from flight.formats.documents import Document, read_document
from flight.formats.writing import write_text
from flight.missions import Action, Fence, Mission, MissionItem, PatrolPlan, RallyPoint
from flight.planning.wind import CALM
from geofences.camera import CALIBRATION_KEYS
from geofences.checks import Finding, Severity
from geofences.geodesy import LonLat
from geofences.view import Camera

FILE_TYPE = "gridpatrol-plan"
VERSION = 1


def write_plan(plan: PatrolPlan, path: Path) -> None:
    """Write a plan, replacing what was there only once all of it is on disk.

    Args:
        plan: What to write.
        path: Where; by custom it ends in `.plan.json`.

    Raises:
        PlanFileError: If the file cannot be written.
    """
    document = {"file_type": FILE_TYPE, "version": VERSION, **_plan_keys(plan)}
    write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", path)


def read_plan(path: Path) -> PatrolPlan:
    """Read a plan that `write_plan` wrote, perhaps edited since.

    Args:
        path: The file.

    Returns:
        The plan. It is well formed, not checked against zones: run `check_plan` before flying it.

    Raises:
        PlanFileError: If the file cannot be read, is no plan, or one of its keys is wrong.
    """
    document = read_document(path)
    if document.text("file_type", default="") != FILE_TYPE:
        raise PlanFileError(
            f"{path} is not a Gridpatrol plan (its file_type is not {FILE_TYPE!r}). "
            "Choose a file that `patrol plan` wrote."
        )
    if document.value("version") != VERSION:
        raise PlanFileError(
            f"{path} is a plan of version {document.value('version')!r}; this program reads "
            f"version {VERSION}. Plan it again."
        )
    return document.build(lambda: _plan(document))


def _plan_keys(plan: PatrolPlan) -> dict[str, Any]:
    camera = plan.camera
    return {
        "plan_id": plan.plan_id,
        "name": plan.name,
        "cell_codes": list(plan.cell_codes),
        "coverage_fraction": plan.coverage_fraction,
        "camera": {key: getattr(camera, key) for key in _CAMERA_KEYS} | camera.calibration,
        "gimbal_pitch_deg": plan.gimbal_pitch_deg,
        "aircraft": [aircraft_keys(aircraft) for aircraft in plan.aircraft],
        "wind": asdict(plan.wind),
        "missions": [mission_keys(mission) for mission in plan.missions],
        "findings": [asdict(finding) for finding in plan.findings],
    }


_CAMERA_KEYS = ("name", "width_px", "height_px", "hfov_deg", "k1", "k2")


def mission_keys(mission: Mission) -> dict[str, Any]:
    """A mission as the objects of a JSON file, for `mission_of` to read."""
    keys = {
        "mission_id": mission.mission_id,
        "vehicle_name": mission.vehicle_name,
        "dock_id": mission.dock_id,
        "home": asdict(mission.home),
        "speed_mps": mission.speed_mps,
        "height_home_m": mission.height_home_m,
        "distance_m": mission.distance_m,
        "duration_s": mission.duration_s,
        "cell_codes": list(mission.cell_codes),
        "fence": {
            "inclusion": _ring_keys(mission.fence.inclusion),
            "exclusions": [_ring_keys(polygon) for polygon in mission.fence.exclusions],
            "ceiling_height_home_m": mission.fence.ceiling_height_home_m,
        },
        "items": [_item_keys(item) for item in mission.items],
        "rally": [asdict(point) for point in mission.rally],
        "start_s": mission.start_s,
    }
    for name in _UNKNOWN_AT_TIMES:
        if getattr(mission, name) is not None:
            keys[name] = getattr(mission, name)
    return keys


_UNKNOWN_AT_TIMES = ("home_alt_amsl_m", "energy_wh", "height_ground_m")


def _item_keys(item: MissionItem) -> dict[str, Any]:
    keys: dict[str, Any] = {"action": str(item.action)}
    if item.position is not None:
        keys["position"] = asdict(item.position)
    for name in ("height_home_m", "value"):
        if getattr(item, name) is not None:
            keys[name] = getattr(item, name)
    if item.cell_code:
        keys["cell_code"] = item.cell_code
    return keys


def _ring_keys(polygon: shapely.Polygon) -> list[list[float]]:
    return [[lon, lat] for lon, lat in shapely.get_coordinates(polygon.exterior).tolist()]


def _plan(document: Document) -> PatrolPlan:
    camera = document.child("camera")
    # Files of the first releases have neither aircraft nor wind.
    aircraft = document.children("aircraft") if "aircraft" in document else []
    return PatrolPlan(
        plan_id=document.text("plan_id"),
        name=document.text("name"),
        missions=tuple(mission_of(child) for child in document.children("missions")),
        cell_codes=document.texts("cell_codes"),
        coverage_fraction=document.number("coverage_fraction"),
        findings=tuple(_finding(child) for child in document.children("findings")),
        camera=camera.build(
            lambda: Camera(
                camera.text("name"),
                camera.integer("width_px"),
                camera.integer("height_px"),
                camera.number("hfov_deg"),
                **{key: camera.number(key) for key in CALIBRATION_KEYS if key in camera},
            )
        ),
        gimbal_pitch_deg=document.number("gimbal_pitch_deg"),
        aircraft=tuple(map(aircraft_of, aircraft)),
        wind=wind_of(document.child("wind")) if "wind" in document else CALM,
    )


def mission_of(document: Document) -> Mission:
    """The mission that `mission_keys` wrote.

    Raises:
        PlanFileError: If a key is missing or wrong.
    """
    # Files of the first releases have neither rally points nor foretold energy.
    rally = document.children("rally") if "rally" in document else []
    return document.build(
        lambda: Mission(
            mission_id=document.text("mission_id"),
            vehicle_name=document.text("vehicle_name"),
            dock_id=document.text("dock_id"),
            home=_place(document.child("home")),
            items=tuple(_item(child) for child in document.children("items")),
            fence=_fence(document.child("fence")),
            speed_mps=document.number("speed_mps"),
            height_home_m=document.number("height_home_m"),
            cell_codes=document.texts("cell_codes"),
            distance_m=document.number("distance_m"),
            duration_s=document.number("duration_s"),
            rally=tuple(_rally_point(child) for child in rally),
            home_alt_amsl_m=_number_if_known(document, "home_alt_amsl_m"),
            energy_wh=_number_if_known(document, "energy_wh"),
            start_s=_number_if_known(document, "start_s") or 0.0,
            height_ground_m=_number_if_known(document, "height_ground_m"),
        )
    )


def _rally_point(document: Document) -> RallyPoint:
    return document.build(
        lambda: RallyPoint(
            _place(document.child("position")),
            document.number("height_home_m"),
        )
    )


def _number_if_known(document: Document, key: str) -> float | None:
    return document.number(key) if key in document else None


def _item(document: Document) -> MissionItem:
    return document.build(
        lambda: MissionItem(
            Action(document.text("action")),
            _place(document.child("position")) if "position" in document else None,
            _number_if_known(document, "height_home_m"),
            _number_if_known(document, "value"),
            document.text("cell_code", default=""),
        )
    )


def _fence(document: Document) -> Fence:
    return document.build(
        lambda: Fence(
            _polygon(document, "inclusion", document.value("inclusion")),
            tuple(
                _polygon(document, f"exclusions[{number}]", ring)
                for number, ring in enumerate(document.values("exclusions"))
            ),
            document.number("ceiling_height_home_m"),
        )
    )


def _polygon(document: Document, key: str, ring: object) -> shapely.Polygon:
    points = document.pairs(key, ring)

    def make() -> shapely.Polygon:
        for lon_deg, lat_deg in points:
            LonLat(lon_deg, lat_deg)  # refuses what is no place
        return shapely.Polygon(points)

    return document.build(make, key)


def _finding(document: Document) -> Finding:
    placed = document.value("position") is not None
    # Files of the first releases do not say which of several findings is the worst.
    excess = document.number("excess") if "excess" in document else 0.0
    return document.build(
        lambda: Finding(
            document.text("code"),
            Severity(document.text("severity")),
            document.text("subject"),
            document.text("message"),
            _place(document.child("position")) if placed else None,
            excess=excess,
        )
    )


def _place(document: Document) -> LonLat:
    return document.build(lambda: LonLat(document.number("lon_deg"), document.number("lat_deg")))
