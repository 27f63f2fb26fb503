"""Several aircraft flown at once, each by its own mission."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from flight.errors import AircraftBusyError, FlightAbortedError, FlightError
from flight.flight_news import FlightOutcome, FlightResult, FlightUpdate
from flight.flight_policy import FlightPolicy
from flight.mavlink.addresses import parse_address
from flight.mavlink.signing import Signing
from flight.mavlink.vehicle import MavlinkVehicle, VehicleSettings
from flight.missions import Mission, PatrolPlan
from flight.orders import OrderDesk
from flight.patrols import fly_mission
from flight.planning.resuming import Breakpoint
from flight.preflight import Expectations, LostLink
from flight.record_writer import PromptWriter
from flight.recorder import FlightRecorder
from geofences.terrain import Terrain
from geofences.zones import Zone
from patrol.carried_camera import about_camera
from patrol.errors import UsageError
from patrol.in_flight import FlightUnderWay, aircraft_locked, hardware_locked
from patrol.order_socket import orders_taken
from patrol.remaining import aircraft_of

# Our heartbeat must come at least once a simulated second; twice keeps a margin.
HEARTBEATS_A_SIMULATED_SECOND = 2.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
        in_flight_folder: where each aircraft is locked and its orders are taken; None does neither.
        zones: what to stay out of and in besides the missions' own fences, as it is meanwhile.
        terrain: how high the ground is, for limits that count from there; None if nobody knows.
        lost_link: what an aircraft must do without a link; None for whatever its owner has set.
        bring_home: whether aircraft found in the air are sent home, whatever they fly.
        signing: the key that all links are signed with; None signs nothing.
        writes_in_threads: whether a slow disk may lag behind; in simulated time nothing may.
    """

    log_folder: Path
    speedup: float = 1.0
    connect_wait_s: float = 10.0
    in_flight_folder: Path | None = None
    zones: Sequence[Zone] = ()
    terrain: Terrain | None = None
    lost_link: LostLink | None = None
    bring_home: bool = False
    signing: Signing | None = None
    writes_in_threads: bool = True


@dataclass(frozen=True)
class SortieEnd:
    """How one sortie ended: by a result, or by an error."""

    sortie: Sortie
    result: FlightResult | None
    error: FlightError | None

    @property
    def completed(self) -> bool:
        """Whether all of it was flown as planned."""
        return self.result is not None and self.result.outcome is FlightOutcome.COMPLETED

    @property
    def left_at(self) -> Breakpoint | None:
        """Where the mission was left, also by an aircraft that was lost; None if it was not."""
        end = self.error if isinstance(self.error, FlightAbortedError) else self.result
        if end is None or end.reached_item is None:
            return None
        return Breakpoint(end.reached_item, end.left_at)


def assign(plan: PatrolPlan, addresses: Sequence[str]) -> tuple[Sortie, ...]:
    """Give each aircraft its address: `NAME=ADDRESS`, or one plain address for each in order.

    Returns:
        All missions of the aircraft that fly, in the plan's order.

    Raises:
        UsageError: the addresses do not fit the plan's aircraft.
        LinkError: one of them is no address; none has flown then.
    """
    names = list(dict.fromkeys(mission.vehicle_name for mission in plan.missions))
    named = [text.partition("=") for text in addresses]
    if all(equals for _, equals, _ in named):
        unknown = [name for name, _, _ in named if name not in names]
        if unknown or not named:
            raise UsageError(
                f"The plan has no aircraft {', '.join(unknown) or 'to fly'}; it is for "
                f"{', '.join(names)}."
            )
        return _sorties(plan, {name: address for name, _, address in named})
    if len(addresses) != len(names):
        raise UsageError(
            f"The plan is for {len(names)} aircraft ({', '.join(names)}), and "
            f"{len(addresses)} addresses were given: give one --vehicle for each, or name those "
            f"that fly, as in --vehicle {names[0]}=udpin:0.0.0.0:14550."
        )
    return _sorties(plan, dict(zip(names, addresses, strict=True)))


def _sorties(plan: PatrolPlan, addresses: Mapping[str, str]) -> tuple[Sortie, ...]:
    for address in addresses.values():
        parse_address(address)  # a slip in one is found before any other has taken off
    flown = [mission for mission in plan.missions if mission.vehicle_name in addresses]
    return tuple(Sortie(mission, addresses[mission.vehicle_name]) for mission in flown)


async def fly_fleet(
    sorties: Sequence[Sortie],
    plan: PatrolPlan,
    options: FleetOptions,
    on_update: Callable[[FlightUpdate], None],
) -> tuple[SortieEnd, ...]:
    """Fly all aircraft at once, each its missions one after the other, at their times.

    One that fails does not touch the others. SIGINT, SIGTERM and SIGHUP (a closed terminal) bring
    every aircraft home and wait for its landing; a second one lets go of them, and they fly home by
    themselves.
    """
    start_s = asyncio.get_running_loop().time()
    queues: dict[str, list[Sortie]] = {}
    for sortie in sorted(sorties, key=lambda sortie: sortie.mission.start_s):
        queues.setdefault(sortie.mission.vehicle_name, []).append(sortie)
    tasks = [
        asyncio.create_task(_fly_locked(queue, plan, options, on_update, start_s), name=name)
        for name, queue in queues.items()
    ]
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, _cancel_all, tasks)
    try:
        # A fault in one must not take the others' hands off: all are waited for.
        await asyncio.wait(tasks)
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
    ends = [_ends(task, queue) for task, queue in zip(tasks, queues.values(), strict=True)]
    return tuple(end for each in ends for end in each)


def _ends(task: asyncio.Task[list[SortieEnd]], queue: Sequence[Sortie]) -> list[SortieEnd]:
    """How one aircraft's missions ended; a fault of our own in one must not hide the others'."""
    fault = None if task.cancelled() else task.exception()
    if fault is None and not task.cancelled():
        return task.result()
    name = queue[0].mission.vehicle_name
    why = "let go of" if fault is None else f"a fault of this program, {fault!r}"
    return [
        SortieEnd(sortie, None, FlightError(f"{name}: {why}; its autopilot flies on by itself."))
        for sortie in queue
    ]


async def _fly_locked(
    queue: Sequence[Sortie],
    plan: PatrolPlan,
    options: FleetOptions,
    on_update: Callable[[FlightUpdate], None],
    start_s: float,
) -> list[SortieEnd]:
    """Fly one aircraft's missions with its lock held and its orders taken."""
    desk, folder = OrderDesk(), options.in_flight_folder
    if folder is None:
        return await _fly_queue(queue, plan, options, _Ears(on_update, desk), start_s)
    name, address = queue[0].mission.vehicle_name, queue[0].address
    async with orders_taken(desk) as socket_path:
        since = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
        flight = FlightUnderWay(name, address, os.getpid(), plan.plan_id, since, socket_path)
        ears = _Ears(on_update, desk, partial(hardware_locked, folder, flight))
        try:
            with aircraft_locked(folder, flight):
                return await _fly_queue(queue, plan, options, ears, start_s)
        except AircraftBusyError as error:
            return [SortieEnd(sortie, None, error) for sortie in queue]


@dataclass(frozen=True, slots=True)
class _Ears:
    """Who hears of a flight, whom it listens to, and what holds its aircraft meanwhile."""

    on_update: Callable[[FlightUpdate], None]
    desk: OrderDesk
    hold: Callable[[str], AbstractContextManager[None]] | None = None


async def _fly_queue(
    queue: Sequence[Sortie],
    plan: PatrolPlan,
    options: FleetOptions,
    ears: _Ears,
    start_s: float,
) -> list[SortieEnd]:
    """Fly one aircraft's missions; when one does not end well, the next ones stay unflown."""
    ends: list[SortieEnd] = []
    loop = asyncio.get_running_loop()
    for number, sortie in enumerate(queue, start=1):
        name = sortie.mission.vehicle_name
        log = name if number == 1 else f"{name}-{number}"
        due_s = start_s + sortie.mission.start_s / options.speedup
        try:
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            ends.append(SortieEnd(sortie, await _fly(sortie, plan, options, ears, log), None))
        except FlightError as error:
            ends.append(SortieEnd(sortie, None, error))
        except asyncio.CancelledError as error:
            # A flight whose motors ran says where it was let go of.
            text = str(error) or f"{name}: stopped before the motors ran."
            ends.append(SortieEnd(sortie, None, FlightError(text)))
        if not ends[-1].completed:
            break
    return ends + [_unflown(sortie) for sortie in queue[len(ends) :]]


def _unflown(sortie: Sortie) -> SortieEnd:
    mission = sortie.mission
    why = f"{mission.vehicle_name}: {mission.mission_id} was not flown, as the flight before it "
    return SortieEnd(sortie, None, FlightError(why + "did not end as planned."))


def _cancel_all(tasks: Sequence[asyncio.Task[list[SortieEnd]]]) -> None:
    for task in tasks:
        task.cancel()


async def _fly(
    sortie: Sortie,
    plan: PatrolPlan,
    options: FleetOptions,
    ears: _Ears,
    log_name: str,
) -> FlightResult:
    mission = sortie.mission
    heartbeat_hz = max(1.0, options.speedup * HEARTBEATS_A_SIMULATED_SECOND)
    vehicle = MavlinkVehicle(
        sortie.address,
        name=mission.vehicle_name,
        settings=VehicleSettings(
            heartbeat_hz=heartbeat_hz,
            connect_wall_s=options.connect_wait_s,
            signing=options.signing,
        ),
        # The loop's clock is the monotonic one, but for days that are flown in simulated time.
        clock=asyncio.get_running_loop().time,
    )
    about: dict[str, object] = {
        "vehicle": mission.vehicle_name,
        "mission_id": mission.mission_id,
        "plan_id": plan.plan_id,
        **about_camera(plan.camera),
        "gimbal_pitch_deg": plan.gimbal_pitch_deg,
    }
    writer = None if options.writes_in_threads else PromptWriter()
    recorder = FlightRecorder(options.log_folder, log_name, about=about, writer=writer)
    policy = FlightPolicy(
        expected=_expected(plan, mission, options.lost_link),
        zones=options.zones,
        bring_home=options.bring_home,
        terrain=options.terrain,
        power=aircraft_of(plan, mission).power,
        hold=ears.hold,
    )
    return await fly_mission(
        vehicle, mission, recorder, on_update=ears.on_update, policy=policy, desk=ears.desk
    )


def _expected(plan: PatrolPlan, mission: Mission, lost_link: LostLink | None) -> Expectations:
    """What an aircraft must bring along for its mission: the battery that was foretold."""
    craft = aircraft_of(plan, mission)
    share = 0.0 if mission.energy_wh is None else mission.energy_wh / craft.battery_wh
    return Expectations(
        battery_percent=min(100.0 * share, 100.0),
        spare_battery_percent=min(100.0 * share / (1.0 - craft.reserve_fraction), 100.0),
        lost_link=lost_link,
    )
