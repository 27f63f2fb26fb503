"""How long before it a breach is foretold, and how soon after its telemetry that is told."""

import asyncio
import contextlib
import math
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import shapely

from benchmarks.result import Benchmark, Figure, Result
from flight.flight_news import FlightUpdate
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.constants import MissionType
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.transfers import ListTransfer
from flight.mavlink.vehicle import MavlinkVehicle, VehicleSettings
from flight.missions import Action, Fence, Mission, MissionItem
from flight.patrols import fly_mission
from flight.recorder import FlightRecorder
from flight.simulator.runner import run_simulator
from flight.simulator.settings import SimulatorSettings, WindChange, World
from flight.simulator.settings import VehicleSettings as SimulatedVehicle
from flight.states import PatrolState
from geofences.geodesy import LonLat, destination
from patrol.demo.ports import free_port

SPEEDUP = 8.0
SPEED_MPS = 10.0
HEADINGS_DEG = (20.0, 140.0, 260.0)
REACH_LEAD_S = 3.0
REACH_TOLD_S = 0.2
HOME = LonLat(115.62, 33.16)
_HEIGHT_M = 40.0
_FENCE_M = 300.0
_LONGEST_WALL_S = 60.0
_OTHER_STATION = 246


@dataclass(frozen=True)
class Day:
    """One way to come to a breach, or none.

    Attributes:
        name: For people.
        mission: What is flown.
        world: The weather.
        other: What another station uploads in mid-flight.
    """

    name: str
    mission: Mission
    world: World
    other: Mission | None = None


@dataclass
class Heard:
    """What was told of one flight.

    Attributes:
        warned_at_s: When the last warning began, by the aircraft's clock; None if none stands.
        breached_at_s: When telemetry first showed it outside, likewise.
        autopilot_at_s: When the autopilot said so, likewise.
        told_after_s: How long after its telemetry the warning came, by the wall clock.
        warnings: How many warnings began.
    """

    warned_at_s: float | None = None
    breached_at_s: float | None = None
    autopilot_at_s: float | None = None
    told_after_s: float = 0.0
    warnings: int = 0

    @property
    def lead_s(self) -> float:
        """How long before the breach it was foretold; below 0 if it was not."""
        if self.breached_at_s is None or self.warned_at_s is None:
            return -math.inf
        return self.breached_at_s - self.warned_at_s

    @property
    def autopilot_late_s(self) -> float:
        """How long after the breach the autopilot says so."""
        if self.breached_at_s is None or self.autopilot_at_s is None:
            return math.inf
        return self.autopilot_at_s - self.breached_at_s


def run() -> Result:
    """Fly out of the fence in three ways and three directions, and stay inside in one."""
    breaching = {f"{d.name} {h:.0f}°": _flown(d) for h in HEADINGS_DEG for d in days(h)}
    quiet = _flown(quiet_day())
    leads = {name: heard.lead_s for name, heard in breaching.items()}
    own = [heard.autopilot_late_s for heard in breaching.values()]
    told_s = max(heard.told_after_s for heard in breaching.values())
    worst_s = min(leads.values())
    met = worst_s >= REACH_LEAD_S and told_s <= REACH_TOLD_S and not quiet.warnings
    return Result(
        name=BENCHMARK.name,
        figures={
            "flights out of the fence": Figure(len(leads), f"at {SPEED_MPS:g} m/s and by storm"),
            "shortest lead": Figure(worst_s, "s before the breach"),
            "longest lead": Figure(max(leads.values()), "s before the breach"),
            "told after its telemetry": Figure(told_s * 1000.0, "ms, at most"),
            "autopilot's own notice": Figure(max(own), "s after it, at most"),
            "warnings on a patrol inside": Figure(quiet.warnings, "none is right"),
        },
        ratio=max(REACH_LEAD_S / max(worst_s, 1e-3), told_s / REACH_TOLD_S),
        against="a lead of 3 s and 200 ms; the autopilot's own notice of the same breaches",
        reach="at most 1, without a false warning",
        met=met,
        each={name: REACH_LEAD_S / max(lead_s, 1e-3) for name, lead_s in leads.items()},
    )


def days(heading_deg: float) -> tuple[Day, ...]:
    """Return a plan through the fence, a storm across a lane, and a stranger's plan."""
    inside = [(heading_deg, 100.0), (heading_deg, 240.0)]
    east_mps, north_mps = (
        38.0 * math.sin(math.radians(heading_deg)),
        38.0 * math.cos(math.radians(heading_deg)),
    )
    storm = WindChange(25.0, north_mps, east_mps, 1.0)
    through = lane([(heading_deg, 100.0), (heading_deg, 600.0)])
    return (
        Day("a plan through it", through, World(armable_at_s=8.0)),
        Day("a storm", lane(inside * 4), World(armable_at_s=8.0, wind_changes=(storm,))),
        Day("another station", lane(inside * 4), World(armable_at_s=8.0), through),
    )


def quiet_day() -> Day:
    """Return a patrol whose lanes end forty metres from the fence, in a fresh wind."""
    corners = [(bearing, 260.0) for bearing in range(0, 360, 45)]
    world = World(armable_at_s=8.0, wind_east_mps=5.0, gust_mps=1.5)
    return Day("inside", lane([(float(b), m) for b, m in corners]), world)


def lane(places: list[tuple[float, float]]) -> Mission:
    """Return a mission over places given by bearing and distance from home."""
    items = [
        MissionItem(Action.TAKEOFF, height_home_m=_HEIGHT_M),
        MissionItem(Action.SPEED, value=SPEED_MPS),
        *(
            MissionItem(Action.WAYPOINT, destination(HOME, bearing, reach_m), _HEIGHT_M)
            for bearing, reach_m in places
        ),
        MissionItem(Action.RETURN_HOME),
    ]
    corners = [destination(HOME, bearing, _FENCE_M) for bearing in range(0, 360, 10)]
    ring = shapely.Polygon([(corner.lon_deg, corner.lat_deg) for corner in corners])
    fence = Fence(ring, (), 100.0)
    return Mission(
        *("m", "heron", "d", HOME, tuple(items), fence, SPEED_MPS, _HEIGHT_M, (), 1.0, 1.0)
    )


class _Stopwatch(FlightRecorder):
    """A record that also notes when each position came in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "flight")
        self._codec = MavlinkCodec(Identity())
        self.came_at_s: dict[float, float] = {}

    def frame(self, packet: bytes) -> None:
        """Note the packet's time, then record it."""
        now_s = time.monotonic()
        for message in self._codec.feed(packet):
            if message.name == "GLOBAL_POSITION_INT":
                self.came_at_s.setdefault(message["time_boot_ms"] / 1000.0, now_s)
        super().frame(packet)


@dataclass
class _Listener:
    """Hears one flight and ends it once its breach has been told."""

    day: Day
    stopwatch: _Stopwatch
    heard: Heard = field(default_factory=Heard)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    aloft: asyncio.Event = field(default_factory=asyncio.Event)
    warned: bool = False

    def hear(self, news: FlightUpdate) -> None:
        """Take one update."""
        seen, ahead = news.telemetry, news.foresight
        now_s, heard = seen.time_boot_s, self.heard
        if news.state is PatrolState.ON_PATROL and (seen.mission_item or 0) >= 2:
            self.aloft.set()
        warning = ahead is not None and ahead.warning
        if warning and not self.warned:
            heard.warnings += 1
            if heard.breached_at_s is None:
                heard.warned_at_s = now_s
                came_at_s = self.stopwatch.came_at_s.get(now_s, time.monotonic())
                heard.told_after_s = time.monotonic() - came_at_s
        self.warned = warning
        inside = seen.position is None or shapely.intersects_xy(
            self.day.mission.fence.inclusion, seen.position.lon_deg, seen.position.lat_deg
        )
        if not inside and heard.breached_at_s is None:
            heard.breached_at_s = now_s
        if seen.breach and heard.autopilot_at_s is None:
            heard.autopilot_at_s = now_s
        if heard.autopilot_at_s is not None and heard.breached_at_s is not None:
            self.over.set()


def _flown(day: Day) -> Heard:
    with tempfile.TemporaryDirectory() as folder, _aircraft(day.world) as (udp, tcp):
        return asyncio.run(_fly(day, udp, tcp, _Stopwatch(Path(folder))))


async def _fly(day: Day, udp: str, tcp: str, stopwatch: _Stopwatch) -> Heard:
    listener = _Listener(day, stopwatch)
    settings = VehicleSettings(heartbeat_hz=2 * SPEEDUP)
    vehicle = MavlinkVehicle(udp, name="heron", settings=settings)
    flight = asyncio.create_task(
        fly_mission(vehicle, day.mission, stopwatch, on_update=listener.hear)
    )
    meddling = asyncio.create_task(_meddle(day, tcp, listener.aloft))
    over = asyncio.create_task(listener.over.wait())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_WALL_S):
            await asyncio.wait({flight, over}, return_when=asyncio.FIRST_COMPLETED)
    for task in (meddling, over, flight):
        task.cancel()
    await asyncio.sleep(0.05)
    flight.cancel()  # a second time: let go of it
    await asyncio.gather(meddling, over, flight, return_exceptions=True)
    return listener.heard


async def _meddle(day: Day, tcp: str, aloft: asyncio.Event) -> None:
    """Have another station replace the mission in mid-flight, as nothing prevents it."""
    if day.other is None:
        return
    await aloft.wait()
    settings = VehicleSettings(identity=Identity(_OTHER_STATION), heartbeat_hz=2 * SPEEDUP)
    other = MavlinkVehicle(tcp, name="stranger", settings=settings)
    await other.connect()
    firmware = ArduPilot()
    transfer = ListTransfer(other._station, MissionType.MISSION, firmware.transfers)  # noqa: SLF001
    await transfer.upload(firmware.mission_items(day.other))
    await other.close()


@contextlib.contextmanager
def _aircraft(world: World) -> Iterator[tuple[str, str]]:
    """Run one simulated aircraft in a thread of its own; gives its two addresses."""
    udp, tcp = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    settings = SimulatorSettings(
        vehicles=(SimulatedVehicle("heron", HOME.lon_deg, HOME.lat_deg),),
        world=world,
        speedup=SPEEDUP,
        base_port=udp,
        tcp_base_port=tcp,
    )
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    def fly() -> None:
        loop.run_until_complete(run_simulator(settings, stop))
        loop.close()

    thread = threading.Thread(target=fly)
    thread.start()
    try:
        yield f"udpin:127.0.0.1:{udp}", f"tcp:127.0.0.1:{tcp}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


BENCHMARK = Benchmark("breach-lead", "how long before it a breach is foretold, end to end", run)
