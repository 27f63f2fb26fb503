"""A ground station that we did not write flies the simulated aircraft: MAVSDK."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from mavsdk import ComponentType, Configuration
from mavsdk.asyncio.mavsdk import Mavsdk
from mavsdk.asyncio.plugins.action import ActionAsync
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
from mavsdk.asyncio.plugins.telemetry import TelemetryAsync
from mavsdk.plugins.mission_raw import MissionItem

from flight.simulator.mavlink_ids import Command
from flight.simulator.runner import VehicleHost
from flight.simulator.settings import Personality, SimulatorSettings, World
from flight.simulator.vehicle import STEP_S
from tests.flight.mavlink.flying import free_port
from tests.flight.simulator.station import HOME_ITEM, RETURN, Item, item, settings, waypoint

PATIENCE_S = 30.0
SPEEDUP = 25
LOW_TAKEOFF = item(Command.TAKEOFF, z=12.0)
MISSIONS = {
    Personality.ARDUPILOT: (HOME_ITEM, LOW_TAKEOFF, waypoint(20, 0, 12), RETURN),
    Personality.PX4: (LOW_TAKEOFF, waypoint(20, 0, 12), RETURN),
}


@contextlib.asynccontextmanager
async def aircraft(personality: Personality, port: int) -> AsyncIterator[VehicleHost]:
    """Run one armable aircraft that calls a port."""
    patient = (("DISARM_DELAY", 120.0),) if personality is Personality.ARDUPILOT else ()
    simulation = SimulatorSettings(
        (settings(parameters=patient),),
        World(boot_age_s=60.0, personality=personality),
        base_port=port,
    )
    host = VehicleHost(simulation.vehicles[0], simulation)
    await host.open(0)

    async def keep_time() -> None:
        while True:
            host.advance(round(0.02 * SPEEDUP / STEP_S))
            await asyncio.sleep(0.02)

    running = asyncio.create_task(keep_time())
    try:
        yield host
    finally:
        running.cancel()
        host.close()


def raw(number: int, told: Item) -> MissionItem:
    """Return an item in MAVSDK's words."""
    first = {"seq": number, "current": int(number == 0), "autocontinue": 1, "mission_type": 0}
    return MissionItem(**first, **told)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become so.

    Raises:
        TimeoutError: It did not.
    """
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError("it did not come about")
        await asyncio.sleep(0.05)


async def insist(order: Callable[[], Awaitable[object]]) -> None:
    """Order until it is obeyed, as a person does while an aircraft still gets ready.

    Raises:
        Exception: It is still refused in the end.
    """
    for _ in range(20):
        with contextlib.suppress(Exception):
            await order()
            return
        await asyncio.sleep(0.2)
    await order()


async def hears(ask: Callable[[], Awaitable[bool]], wanted: bool) -> None:
    """Ask MAVSDK's telemetry for one thing.

    Raises:
        ValueError: It is not so yet.
    """
    told = await ask()
    if told != wanted:
        raise ValueError(f"{told} instead of {wanted}")


@pytest.mark.parametrize("personality", list(Personality))
def test_mavsdk_uploads_reads_back_arms_and_flies(personality: Personality) -> None:
    """Its own upload and download, its own orders, its own telemetry, to the mission's end."""

    async def day() -> None:
        port = free_port()
        plan = [raw(number, told) for number, told in enumerate(MISSIONS[personality])]
        async with aircraft(personality, port) as host:
            configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
            async with Mavsdk(configuration) as mavsdk:
                await mavsdk.add_any_connection(f"udpin://127.0.0.1:{port}")
                system = await mavsdk.first_autopilot(timeout_s=PATIENCE_S)
                missions, action = MissionRawAsync(system), ActionAsync(system)
                telemetry = TelemetryAsync(system)
                await missions.upload_mission(plan)
                found = await missions.download_mission()
                own = len(plan) - len(MISSIONS[Personality.PX4])
                for sent, back in zip(plan[own:], found[own:], strict=True):
                    assert (sent.command, sent.x, sent.y) == (back.command, back.x, back.y)
                await insist(action.arm)
                await until(lambda: host.vehicle.armed)
                if personality is Personality.ARDUPILOT:
                    # There MAVSDK starts by a mode alone, which on the ground does nothing.
                    await insist(action.takeoff)
                    await until(lambda: not host.vehicle.on_ground)
                await insist(missions.start_mission)
                await until(lambda: not host.vehicle.on_ground)
                await insist(lambda: hears(telemetry.in_air, True))
                await until(lambda: not host.vehicle.armed)
                await insist(lambda: hears(telemetry.armed, False))
                assert (await missions.mission_progress()).total == len(plan)
                for plugin in (missions, action, telemetry):
                    plugin.destroy()

    asyncio.run(day())
