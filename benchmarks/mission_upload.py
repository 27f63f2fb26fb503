"""Mission items a second that our client brings on board, against MAVSDK on the same simulator."""

import asyncio
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mavsdk import ComponentType, Configuration
from mavsdk.asyncio.mavsdk import Mavsdk
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
from mavsdk.plugins.mission_raw import MissionItem as RawItem

from benchmarks.result import Benchmark, Figure, Result
from flight.mavlink.addresses import parse_address
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import Command, Frame, MissionType
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.protocol.mission_items import WireItem
from flight.mavlink.protocol.mission_upload import MissionUpload
from flight.mavlink.station import Station
from patrol.demo.run import free_port

ITEMS = 100
RUNS = 5
CONNECT_PATIENCE_S = 20.0
HOME = (115.618, 33.162)


def run() -> Result:
    """Upload the same hundred items five times with each client, in turn, without read-back."""
    items = _items()
    ours_s, peers_s = [], []
    for _ in range(RUNS):
        with _simulated_aircraft() as port:
            ours_s.append(asyncio.run(_our_upload_s(port, items)))
        with _simulated_aircraft() as port:
            peers_s.append(asyncio.run(_mavsdk_upload_s(port, items)))
    ours, peer = (ITEMS / statistics.median(times) for times in (ours_s, peers_s))
    return Result(
        name=BENCHMARK.name,
        figures={
            "items": Figure(ITEMS, "items"),
            "ours": Figure(ours, "items/s"),
            "MAVSDK": Figure(peer, "items/s"),
            "our slowest": Figure(max(ours_s), "s"),
            "MAVSDK's slowest": Figure(max(peers_s), "s"),
        },
        ratio=ours / peer,
        against="MAVSDK's mission_raw upload",
        reach="at least 1",
        met=ours >= peer,
    )


def _items() -> tuple[WireItem, ...]:
    """Return a home placeholder, a take-off and a row of waypoints."""
    lon_e7, lat_e7 = (round(each * 1e7) for each in HOME)
    home = WireItem(Command.NAV_WAYPOINT, Frame.GLOBAL, x=lat_e7, y=lon_e7)
    takeoff = WireItem(Command.NAV_TAKEOFF, Frame.GLOBAL_RELATIVE_ALT, x=lat_e7, y=lon_e7, z=40.0)
    row = (
        WireItem(
            Command.NAV_WAYPOINT, Frame.GLOBAL_RELATIVE_ALT, x=lat_e7 + 500 * n, y=lon_e7, z=40.0
        )
        for n in range(ITEMS - 2)
    )
    return (home, takeoff, *row)


async def _our_upload_s(port: int, items: tuple[WireItem, ...]) -> float:
    station = Station(MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity()))
    await station.open()
    try:
        await station.find_autopilot(CONNECT_PATIENCE_S)
        exchange = MissionUpload(items, MissionType.MISSION, station.dialog, station.round_trip)
        began_s = time.perf_counter()
        await station.run(exchange)
        took_s = time.perf_counter() - began_s
    finally:
        await station.close()
    if exchange.result is None:
        raise RuntimeError("our upload did not end")
    return took_s


async def _mavsdk_upload_s(port: int, items: tuple[WireItem, ...]) -> float:
    configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
    async with Mavsdk(configuration) as mavsdk:
        await mavsdk.add_any_connection(f"udpin://127.0.0.1:{port}")
        system = await mavsdk.first_autopilot(timeout_s=CONNECT_PATIENCE_S)
        missions = MissionRawAsync(system)
        raw = [_raw(number, item) for number, item in enumerate(items)]
        began_s = time.perf_counter()
        await missions.upload_mission(raw)
        took_s = time.perf_counter() - began_s
        missions.destroy()
    return took_s


def _raw(number: int, item: WireItem) -> RawItem:
    first, second, third, fourth = item.params
    return RawItem(
        seq=number,
        frame=int(item.frame),
        command=int(item.command),
        current=int(number == 0),
        autocontinue=1,
        param1=first,
        param2=second,
        param3=third,
        param4=fourth,
        x=item.x,
        y=item.y,
        z=item.z,
        mission_type=int(MissionType.MISSION),
    )


@contextmanager
def _simulated_aircraft() -> Iterator[int]:
    port = free_port(socket.SOCK_DGRAM)
    home = f"{HOME[0]},{HOME[1]}"
    arguments = ["simulate", "--home", home, "--port", str(port), "--boot-age", "60", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "patrol.cli.main", *arguments], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield port
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


BENCHMARK = Benchmark("mission-upload", "mission items/s on loopback against MAVSDK", run)
