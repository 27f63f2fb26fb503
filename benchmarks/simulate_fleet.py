"""How many simulated aircraft one core flies in real time, all of them telling where they are."""

import asyncio
import time
from typing import Any

from benchmarks.result import Benchmark, Figure, Result
from flight.mavlink.protocol.messages import Message
from flight.simulator.flat_earth import FlatEarth
from flight.simulator.mavlink_ids import MESSAGE_NAMES, Command, PlanKind
from flight.simulator.runner import VehicleHost
from flight.simulator.settings import SimulatorSettings, VehicleSettings, World
from flight.simulator.vehicle import STEP_S
from flight.simulator.virtual_loop import VirtualLoop

AIRCRAFT = 100
_PLACE = (115.62, 33.16)
_STATION = (245, 190)
_GUIDED = 4
_CLIMB_S, _MEASURED_S = 20.0, 20.0
_CHANNEL = 0

#: What `patrol fly` asks for, messages a second.
_STREAMS_HZ = {
    "GLOBAL_POSITION_INT": 10.0,
    "ATTITUDE": 20.0,
    "GIMBAL_DEVICE_ATTITUDE_STATUS": 10.0,
    "SYS_STATUS": 2.0,
    "MISSION_CURRENT": 2.0,
    "FENCE_STATUS": 2.0,
    "EXTENDED_SYS_STATE": 2.0,
    "GPS_RAW_INT": 1.0,
    "HOME_POSITION": 0.5,
}


def run() -> Result:
    """Fly a hundred aircraft over lanes in gusts, by the processor's clock."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        flown_s, took_s, sent = runner.run(measure(AIRCRAFT, _MEASURED_S))
    held = flown_s / took_s
    return Result(
        name=BENCHMARK.name,
        figures={
            "aircraft in real time on one core": Figure(held, "aircraft"),
            "step of one aircraft, messages included": Figure(
                took_s / (flown_s / STEP_S) * 1e6, "µs"
            ),
            "telemetry sent": Figure(sent / took_s, "packets/s"),
        },
        ratio=held / AIRCRAFT,
        against=f"{AIRCRAFT} aircraft in real time on one core",
        reach="at least 1",
        met=held >= AIRCRAFT,
    )


async def measure(aircraft: int, measured_s: float) -> tuple[float, float, int]:
    """Return simulated seconds times aircraft, processor seconds, and packets sent."""
    earth = FlatEarth.about(*_PLACE)
    vehicles = tuple(
        VehicleSettings(f"uav-{n}", *earth.to_lonlat(0, 60.0 * n), system_id=n + 1)
        for n in range(aircraft)
    )
    world = World(wind_north_mps=3.0, wind_east_mps=2.0, gust_mps=1.0, boot_age_s=60.0)
    settings = SimulatorSettings(vehicles, world)
    heard = await _listen(settings)
    hosts = [VehicleHost(vehicle, settings) for vehicle in vehicles]
    for index, host in enumerate(hosts):
        await host.open(index)
        _start(host, earth)
        host.advance(round(_CLIMB_S / STEP_S))
    await asyncio.sleep(0)
    before, began_s = heard.packets, time.process_time()
    # In slices of a tenth of a second, as the runner does when it keeps up.
    for _ in range(round(measured_s / 0.1)):
        for host in hosts:
            host.advance(round(0.1 / STEP_S))
        await asyncio.sleep(0)
    took_s = time.process_time() - began_s
    if not all(host.vehicle.armed and not host.vehicle.on_ground for host in hosts):
        raise RuntimeError("Some of the aircraft did not fly; there is nothing to measure.")
    for host in hosts:
        host.close()
    await asyncio.sleep(0)
    return aircraft * measured_s, took_s, heard.packets - before


class _Ear(asyncio.DatagramProtocol):
    """Counts packets and looks at none."""

    def __init__(self) -> None:
        self.packets = 0

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        del data, addr
        self.packets += 1


async def _listen(settings: SimulatorSettings) -> _Ear:
    ear = _Ear()
    loop = asyncio.get_running_loop()
    for index in range(len(settings.vehicles)):
        place = ("127.0.0.1", (settings.base_port or 0) + 10 * index)
        await loop.create_datagram_endpoint(lambda: ear, local_addr=place)
    return ear


def _start(host: VehicleHost, earth: FlatEarth) -> None:
    settings = host.vehicle.settings
    north_m, east_m = earth.to_local(settings.lon_deg, settings.lat_deg)
    for name, rate_hz in _STREAMS_HZ.items():
        number = next(key for key, known in MESSAGE_NAMES.items() if known == name)
        _command(host, Command.SET_MESSAGE_INTERVAL, number, 1e6 / rate_hz)
    lanes = [(200.0 * (k % 2), 15.0 * (k // 2)) for k in range(40)]
    items = [
        _item(Command.WAYPOINT, 0, 0, 0.0),
        _item(Command.TAKEOFF, 0, 0, 30.0),
        *(
            _item(Command.WAYPOINT, *_e7(earth, north_m + ahead_m, east_m + aside_m), 30.0)
            for ahead_m, aside_m in lanes
        ),
    ]
    corners = [(-200.0, -200.0), (600.0, -200.0), (700.0, 200.0), (600.0, 600.0), (-200.0, 600.0)]
    fence = [
        _item(Command.FENCE_POLYGON_INCLUSION, *_e7(earth, north_m + up_m, east_m + right_m), 0.0)
        | {"param1": float(len(corners))}
        for up_m, right_m in corners
    ]
    _upload(host, items, PlanKind.MISSION)
    _upload(host, fence, PlanKind.FENCE)
    for name, value in (("FENCE_TYPE", 5.0), ("FENCE_ENABLE", 1.0)):
        _send(host, "PARAM_SET", _to(host) | {"param_id": name, "param_value": value})
    _command(host, Command.SET_MODE, 1, _GUIDED)
    _command(host, Command.ARM_DISARM, 1)
    _command(host, Command.MISSION_START)


def _e7(earth: FlatEarth, north_m: float, east_m: float) -> tuple[int, int]:
    lon_deg, lat_deg = earth.to_lonlat(north_m, east_m)
    return round(lat_deg * 1e7), round(lon_deg * 1e7)


def _item(command: int, x: int, y: int, z: float) -> dict[str, Any]:
    params = {f"param{number}": 0.0 for number in range(1, 5)}
    return params | {"command": int(command), "frame": 3, "x": x, "y": y, "z": z}


def _command(host: VehicleHost, command: int, *params: float) -> None:
    values = [*params, *[0.0] * (7 - len(params))]
    fields = {f"param{number}": float(value) for number, value in enumerate(values, start=1)}
    _send(host, "COMMAND_LONG", fields | _to(host) | {"command": int(command), "confirmation": 0})


def _upload(host: VehicleHost, items: list[dict[str, Any]], kind: PlanKind) -> None:
    what = _to(host) | {"mission_type": int(kind)}
    _send(host, "MISSION_COUNT", what | {"count": len(items)})
    for sequence, item in enumerate(items):
        _send(
            host,
            "MISSION_ITEM_INT",
            what | item | {"seq": sequence, "current": 0, "autocontinue": 1},
        )


def _to(host: VehicleHost) -> dict[str, Any]:
    return {"target_system": host.vehicle.settings.system_id, "target_component": 1}


def _send(host: VehicleHost, name: str, fields: dict[str, Any]) -> None:
    host.vehicle.handle(Message(name, fields, *_STATION), _CHANNEL)


BENCHMARK = Benchmark(
    "simulate-fleet",
    "how many simulated aircraft, with gusts, lanes and telemetry, one core flies in real time",
    run,
)
