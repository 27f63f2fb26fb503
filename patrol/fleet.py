"""Several aircraft flown at once, each by its own mission."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flight.errors import FlightError
from flight.flight_news import FlightResult, FlightUpdate
from flight.mavlink.addresses import parse_address
from flight.mavlink.vehicle import MavlinkVehicle, VehicleSettings
from flight.missions import Mission, PatrolPlan
from flight.patrols import fly_mission
from flight.recorder import FlightRecorder
from patrol.errors import UsageError

# Our heartbeat must come at least once a simulated second; twice keeps a margin.
HEARTBEATS_A_SIMULATED_SECOND = 2.0


@dataclass(frozen=True)
class Sortie:
    """One mission and the address of the aircraft that flies it."""

    mission: Mission
    address: str


@dataclass(frozen=True)
class FleetOptions:
    """How a fleet is flown.

    Attributes:
        log_folder: where flights are recorded.
        speedup: simulated seconds a second; 1 for real aircraft.
        connect_wait_s: how long to wait for an autopilot to answer, by the wall clock.
    """

    log_folder: Path
    speedup: float = 1.0
    connect_wait_s: float = 10.0


@dataclass(frozen=True)
class SortieEnd:
    """How one sortie ended: by a result, or by an error."""

    sortie: Sortie
    result: FlightResult | None
    error: FlightError | None


def assign(plan: PatrolPlan, addresses: Sequence[str]) -> tuple[Sortie, ...]:
    """Pair missions with addresses: `NAME=ADDRESS`, or one plain address for each mission in order.

    Raises:
        UsageError: the addresses do not fit the plan's aircraft.
        LinkError: one of them is no address; none has flown then.
    """
    missions = {mission.vehicle_name: mission for mission in plan.missions}
    named = [text.partition("=") for text in addresses]
    if all(equals for _, equals, _ in named):
        unknown = [name for name, _, _ in named if name not in missions]
        if unknown or not named:
            raise UsageError(
                f"The plan has no aircraft {', '.join(unknown) or 'to fly'}; it is for "
                f"{', '.join(missions)}."
            )
        return _sorties([(missions[name], address) for name, _, address in named])
    if len(addresses) != len(missions):
        raise UsageError(
            f"The plan is for {len(missions)} aircraft ({', '.join(missions)}), and "
            f"{len(addresses)} addresses were given: give one --vehicle for each, or name those "
            f"that fly, as in --vehicle {next(iter(missions))}=udpin:0.0.0.0:14550."
        )
    return _sorties(list(zip(plan.missions, addresses, strict=True)))


def _sorties(pairs: Sequence[tuple[Mission, str]]) -> tuple[Sortie, ...]:
    for _, address in pairs:
        parse_address(address)  # a slip in one is found before any other has taken off
    return tuple(Sortie(mission, address) for mission, address in pairs)


async def fly_fleet(
    sorties: Sequence[Sortie],
    plan: PatrolPlan,
    options: FleetOptions,
    on_update: Callable[[FlightUpdate], None],
) -> tuple[SortieEnd, ...]:
    """Fly all sorties at once; one that fails does not touch the others.

    SIGINT and SIGTERM bring every aircraft home and wait for its landing; a second one lets go of
    them, and they fly home by themselves.
    """
    tasks = [
        asyncio.create_task(
            _fly(sortie, plan, options, on_update), name=sortie.mission.vehicle_name
        )
        for sortie in sorties
    ]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _cancel_all, tasks)
    try:
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return tuple(_end(sortie, end) for sortie, end in zip(sorties, ends, strict=True))


def _cancel_all(tasks: Sequence[asyncio.Task[FlightResult]]) -> None:
    for task in tasks:
        task.cancel()


async def _fly(
    sortie: Sortie,
    plan: PatrolPlan,
    options: FleetOptions,
    on_update: Callable[[FlightUpdate], None],
) -> FlightResult:
    mission = sortie.mission
    heartbeat_hz = max(1.0, options.speedup * HEARTBEATS_A_SIMULATED_SECOND)
    vehicle = MavlinkVehicle(
        sortie.address,
        name=mission.vehicle_name,
        settings=VehicleSettings(heartbeat_hz=heartbeat_hz, connect_wall_s=options.connect_wait_s),
    )
    about: dict[str, object] = {
        "vehicle": mission.vehicle_name,
        "mission_id": mission.mission_id,
        "plan_id": plan.plan_id,
        "camera": plan.camera.name,
        "camera_width_px": plan.camera.width_px,
        "camera_height_px": plan.camera.height_px,
        "camera_hfov_deg": plan.camera.hfov_deg,
        "gimbal_pitch_deg": plan.gimbal_pitch_deg,
    }
    recorder = FlightRecorder(options.log_folder, mission.vehicle_name, about=about)
    return await fly_mission(vehicle, mission, recorder, on_update=on_update)


def _end(sortie: Sortie, end: FlightResult | BaseException) -> SortieEnd:
    if isinstance(end, FlightResult):
        return SortieEnd(sortie, end, None)
    if isinstance(end, FlightError):
        return SortieEnd(sortie, None, end)
    if isinstance(end, asyncio.CancelledError):
        name = sortie.mission.vehicle_name
        return SortieEnd(sortie, None, FlightError(f"{name}: stopped before the motors ran."))
    raise end
