"""Flying the simulator over loopback, fast."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from flight.flight_news import FlightResult, FlightUpdate
from flight.flight_policy import FlightPolicy
from flight.mavlink.vehicle import MavlinkVehicle, VehicleSettings
from flight.missions import Mission
from flight.orders import OrderDesk
from flight.patrols import fly_mission
from flight.recorder import FlightRecorder
from flight.simulator.runner import run_simulator
from flight.simulator.settings import (
    LinkFaults,
    Personality,
    SimulatorSettings,
    VehicleFault,
    World,
)
from flight.simulator.settings import VehicleSettings as SimulatedVehicle
from flight.simulator.virtual_loop import VirtualLoop
from patrol.demo import ports
from tests.flight.fake_vehicle import HOME, small_mission

SPEEDUP = 15.0
Result = TypeVar("Result")


@dataclass(frozen=True)
class Day:
    """What kind of day it is.

    Attributes:
        personality: Which autopilot flies.
        faults: What befalls the aircraft.
        link: How the radio is.
        parameters: What the owner has set.
        armable_at_s: When it has found its position.
    """

    personality: Personality = Personality.ARDUPILOT
    faults: tuple[VehicleFault, ...] = ()
    link: LinkFaults = field(default_factory=LinkFaults)
    parameters: tuple[tuple[str, float], ...] = ()
    armable_at_s: float = 8.0


def at_once(flight: Coroutine[Any, Any, Result]) -> Result:
    """Run in simulated time: what waits is not waited for, and chance plays no part."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(flight)


def free_port() -> int:
    """Return a UDP port that nobody uses."""
    return ports.free_port(socket.SOCK_DGRAM)


@contextlib.asynccontextmanager
async def simulated(day: Day, system_id: int = 1) -> AsyncIterator[MavlinkVehicle]:
    """Run one aircraft and return a vehicle on its connection, not yet connected."""
    port = free_port()
    aircraft = SimulatedVehicle(
        "heron",
        HOME.lon_deg,
        HOME.lat_deg,
        system_id=system_id,
        faults=day.faults,
        parameters=day.parameters,
    )
    settings = SimulatorSettings(
        vehicles=(aircraft,),
        world=World(personality=day.personality, armable_at_s=day.armable_at_s),
        speedup=SPEEDUP,
        base_port=port,
        faults=day.link,
    )
    stop = asyncio.Event()
    simulator = asyncio.create_task(run_simulator(settings, stop))
    try:
        yield MavlinkVehicle(
            f"udpin:127.0.0.1:{port}",
            name="heron",
            settings=VehicleSettings(heartbeat_hz=2 * SPEEDUP),
            clock=asyncio.get_running_loop().time,
        )
    finally:
        stop.set()
        await simulator


@dataclass
class Flown:
    """What came of a flight: its result, its news, its record."""

    result: FlightResult
    news: list[FlightUpdate]
    recorder: FlightRecorder


async def flown(
    day: Day,
    folder: Path,
    *,
    mission: Mission | None = None,
    watch: Callable[[FlightUpdate, "asyncio.Task[FlightResult]"], None] = lambda _u, _t: None,
    desk: OrderDesk | None = None,
    policy: FlightPolicy | None = None,
) -> Flown:
    """Fly one mission; `watch` sees all news with the task that flies, and may cancel it."""
    news: list[FlightUpdate] = []
    recorder = FlightRecorder(folder, "flight", about={"vehicle": "heron"})
    async with simulated(day) as vehicle, asyncio.timeout(60.0):
        tasks: list[asyncio.Task[FlightResult]] = []

        def hear(update: FlightUpdate) -> None:
            news.append(update)
            watch(update, tasks[0])

        tasks.append(
            asyncio.create_task(
                fly_mission(
                    vehicle,
                    mission or small_mission(),
                    recorder,
                    on_update=hear,
                    policy=policy or FlightPolicy(link_lost_wall_s=3.0, give_up_wall_s=10.0),
                    desk=desk,
                )
            )
        )
        return Flown(await tasks[0], news, recorder)
