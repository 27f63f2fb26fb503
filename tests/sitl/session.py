"""A session with an autopilot: an aircraft that stands disarmed before and after."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import shapely

from benchmarks.lossy_relay import LossyRelay, Weather
from flight.errors import CommandRefusedError
from flight.mavlink.vehicle import MavlinkVehicle, VehicleSettings
from flight.missions import Action, Fence, Mission, MissionItem, RallyPoint
from geofences.geodesy import LonLat, destination
from tests.flight.mavlink.flying import free_port
from tests.sitl.conftest import Bench

#: By the aircraft's clock: from power-up until its filter has a position, and a whole flight.
POSITION_S = 120.0
FLIGHT_S = 300.0
HEIGHT_M = 12.0
#: A loaded machine simulates more slowly than it was told to.
_SLOWEST = 4.0
_SILENT_WALL_S = 60.0


@contextlib.asynccontextmanager
async def standing(bench: Bench, weather: Weather | None = None) -> AsyncIterator[MavlinkVehicle]:
    """Connect, over a bad radio if wanted, wait for a position, and leave it disarmed."""
    async with _address(bench, weather) as address:
        aircraft = MavlinkVehicle(
            address,
            name="tried",
            settings=VehicleSettings(
                heartbeat_hz=2.0 * bench.speedup,
                connect_wall_s=_SILENT_WALL_S,
                arming_s=POSITION_S,
                command_s=8.0,
                takeoff_s=60.0,
            ),
        )
        await aircraft.connect()
        try:
            await until(aircraft, lambda: aircraft.state.position is not None, POSITION_S)
            await _brought_down(aircraft)
            yield aircraft
            await _brought_down(aircraft)
        finally:
            await aircraft.close()


@contextlib.asynccontextmanager
async def _address(bench: Bench, weather: Weather | None) -> AsyncIterator[str]:
    if weather is None:
        yield bench.address
        return
    near, relay = f"127.0.0.1:{free_port()}", LossyRelay(weather, seed=1)
    await relay.open(bench.address, f"udpout:{near}")
    try:
        yield f"udpin:{near}"
    finally:
        relay.close()


async def until(aircraft: MavlinkVehicle, holds: Callable[[], bool], timeout_s: float) -> None:
    """Wait by the aircraft's clock, and by ours where that stands still or crawls.

    Raises:
        TimeoutError: It did not come true; says what was seen and said last.
    """
    begun_s, begun_wall_s = aircraft.state.time_boot_s, time.monotonic()
    most_wall_s = _SILENT_WALL_S + _SLOWEST * timeout_s
    while not holds():
        passed_s = aircraft.state.time_boot_s - begun_s
        passed_wall_s = time.monotonic() - begun_wall_s
        if aircraft.silence_s > _SILENT_WALL_S:
            raise TimeoutError(f"it has said nothing for {aircraft.silence_s:.0f} s")
        if passed_s > timeout_s or passed_wall_s > most_wall_s:
            raise TimeoutError(
                f"not within {passed_s:.0f} s by its clock, {passed_wall_s:.0f} s by ours; "
                f"{aircraft.control}, {aircraft.state}"
            )
        await asyncio.sleep(0.02)


async def _brought_down(aircraft: MavlinkVehicle) -> None:
    if aircraft.state.armed:
        # A failsafe or the end of its mission may be landing it already.
        with contextlib.suppress(CommandRefusedError):
            await aircraft.land()
        await until(aircraft, lambda: not aircraft.state.armed, FLIGHT_S)


def mission_at(home: LonLat, *, waypoints: int = 4, reach_m: float = 40.0) -> Mission:
    """Return a small flight about a place: a fence of 250 m, the way home at the end."""
    items = [MissionItem(Action.TAKEOFF, home, HEIGHT_M), MissionItem(Action.SPEED, value=5.0)]
    for index in range(waypoints):
        place = destination(home, 360.0 * index / waypoints, reach_m)
        items.append(MissionItem(Action.WAYPOINT, place, HEIGHT_M, cell_code=f"C{index}"))
    items.append(MissionItem(Action.RETURN_HOME))
    corners = [destination(home, bearing, 250.0) for bearing in (45.0, 135.0, 225.0, 315.0)]
    fence = Fence(shapely.Polygon([(c.lon_deg, c.lat_deg) for c in corners]), (), 80.0)
    codes = tuple(f"C{index}" for index in range(waypoints))
    duration_s = 60.0 + 2.0 * math.pi * reach_m / 5.0
    return Mission(
        "sitl", "tried", "dock", home, tuple(items), fence, 5.0, HEIGHT_M, codes, 300.0, duration_s
    )


def here(aircraft: MavlinkVehicle) -> LonLat:
    """Return where the aircraft stands."""
    place = aircraft.state.position
    assert place is not None
    return place


def with_rally(mission: Mission) -> Mission:
    """Return the mission with a place to return to inside its fence."""
    return replace(mission, rally=(RallyPoint(destination(mission.home, 45.0, 30.0), HEIGHT_M),))
