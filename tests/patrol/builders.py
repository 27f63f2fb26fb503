"""A county of four cells, a plan over it, and clips that a made-up detector sees things in."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import shapely

from flight.formats.plan_file import write_plan
from flight.missions import Mission, PatrolPlan
from flight.simulator.runner import VehicleHost, _keep_time
from flight.simulator.settings import SimulatorSettings, VehicleFault, VehicleSettings, World
from geofences.cells import Cell, Grid
from geofences.county import County, Dock, Road
from geofences.geodesy import LocalFrame, LonLat
from geofences.view import Camera
from geofences.zones import Zone, ZoneIndex, ZoneKind
from patrol.demo.ports import free_port
from tests.flight.fake_vehicle import HOME, small_mission
from tests.vision.builders import write_model

FRAME = LocalFrame(HOME)
VILLAGE = "341299001001"
CODES = tuple(f"{VILLAGE}{number:03d}" for number in range(1, 5))
SIDE_M = 80.0
SPEEDUP = 25.0
PERSON, CAR, FIRE = 0, 1, 2
CAR_ROW = (40.0, 30.0, 90.0, 60.0, 0.9, CAR)
WATCH_ALL = "watch=0,0,1,1"


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    """Return a rectangle around home, given in metres, as degrees."""
    return FRAME.geometry_to_lonlat(shapely.box(west_m, south_m, east_m, north_m))


def small_cells() -> tuple[Cell, ...]:
    """Return four square cells that meet at home."""
    corners = ((-SIDE_M, 0.0), (0.0, 0.0), (-SIDE_M, -SIDE_M), (0.0, -SIDE_M))
    return tuple(
        Cell(code, box(x, y, x + SIDE_M, y + SIDE_M), f"cell {code[-1]}", "Liu", "Willow Bridge")
        for code, (x, y) in zip(CODES, corners, strict=True)
    )


def small_county(name: str = "Four Cells") -> County:
    """Return a county of four cells, two docks, a road, a no-fly and a restricted zone."""
    south = FRAME.geometry_to_lonlat(shapely.LineString([(-200.0, -95.0), (200.0, -95.0)]))
    return County(
        name,
        Grid(small_cells()),
        ZoneIndex(
            [
                Zone("nf-1", ZoneKind.NO_FLY, box(200.0, 200.0, 260.0, 260.0), "Substation"),
                Zone("re-1", ZoneKind.RESTRICTED, box(-40.0, 20.0, -20.0, 40.0), "Pump station"),
            ]
        ),
        (
            Dock("dock-1", "South", LonLat(*FRAME.to_lonlat(0.0, -110.0)), 30.0),
            Dock("dock-2", "West", LonLat(*FRAME.to_lonlat(-110.0, -90.0)), 31.0),
        ),
        (Road("road-1", "South Road", south, 7.0),),
    )


def write_cells(path: Path, *rings: Sequence[tuple[float, float]]) -> Path:
    """Write a GeoJSON of cells from rings in metres around home."""
    features = []
    for code, ring in zip(CODES, rings, strict=False):
        polygon = FRAME.geometry_to_lonlat(shapely.Polygon(ring))
        geometry = json.loads(shapely.to_geojson(polygon))
        properties = {"code": code, "name": f"cell {code[-1]}"}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def small_plan(*missions: Mission) -> PatrolPlan:
    """Return a plan of these missions; without any, of one short ring that aircraft heron flies."""
    return PatrolPlan(
        "p-1",
        "ring",
        missions or (small_mission(),),
        ("C0", "C1", "C2"),
        1.0,
        camera=Camera("demo-1280", 1280, 720, 70.0),
        gimbal_pitch_deg=-60.0,
    )


def written_plan(path: Path, *missions: Mission) -> Path:
    """Write such a plan and return where."""
    write_plan(small_plan(*missions), path)
    return path


def edited(path: Path, key: str, value: object) -> Path:
    """Change one value of a JSON file, named as in `missions.0.home.lon_deg`."""
    document = json.loads(path.read_text(encoding="utf-8"))
    *way, last = (int(part) if part.isdigit() else part for part in key.split("."))
    place = document
    for part in way:
        place = place[part]
    place[last] = value
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def car_detector(folder: Path) -> Path:
    """Write a model that sees one car at the same place of every picture."""
    return write_model(folder, np.array([CAR_ROW], np.float32), extra="output: end2end\n")


@contextmanager
def simulated_aircraft(
    name: str = "heron",
    *,
    holds_items: int = 650,
    place: LonLat = HOME,
    faults: tuple[VehicleFault, ...] = (),
    parameters: tuple[tuple[str, float], ...] = (),
) -> Iterator[str]:
    """Run one fast aircraft at home in a thread and give its address.

    Args:
        name: of the aircraft.
        holds_items: how many mission items its autopilot has room for.
        place: where it stands.
        faults: what befalls it.
        parameters: what its owner has set.
    """
    port = free_port(socket.SOCK_DGRAM)
    settings = SimulatorSettings(
        vehicles=(
            VehicleSettings(
                name, place.lon_deg, place.lat_deg, faults=faults, parameters=parameters
            ),
        ),
        world=World(armable_at_s=8.0),
        speedup=SPEEDUP,
        base_port=port,
    )
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def fly() -> None:
        host = VehicleHost(settings.vehicles[0], settings)
        host.vehicle._memory.mission.capacity = holds_items
        await host.open(0)
        try:
            await _keep_time([host], settings.speedup, stop)
        finally:
            host.close()

    def run() -> None:
        loop.run_until_complete(fly())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"udpin:127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
