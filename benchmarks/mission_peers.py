"""A plan, simulated aircraft to take it, and MAVSDK's client, for whoever measures uploads."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence

from mavsdk import ComponentType, Configuration
from mavsdk.asyncio.mavsdk import Mavsdk
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
from mavsdk.plugins.mission_raw import MissionItem as RawItem

from flight.mavlink.protocol.constants import Command, Frame, MissionType
from flight.mavlink.protocol.mission_items import WireItem
from patrol.demo.ports import free_port

CONNECT_PATIENCE_S = 20.0
HOME = (115.618, 33.162)


def plan_of(count: int) -> tuple[WireItem, ...]:
    """Return a home placeholder, a take-off and a row of waypoints, ``count`` in all."""
    lon_e7, lat_e7 = (round(each * 1e7) for each in HOME)
    home = WireItem(Command.NAV_WAYPOINT, Frame.GLOBAL, x=lat_e7, y=lon_e7)
    takeoff = WireItem(Command.NAV_TAKEOFF, Frame.GLOBAL_RELATIVE_ALT, x=lat_e7, y=lon_e7, z=40.0)
    row = (
        WireItem(
            Command.NAV_WAYPOINT, Frame.GLOBAL_RELATIVE_ALT, x=lat_e7 + 500 * n, y=lon_e7, z=40.0
        )
        for n in range(count - 2)
    )
    return (home, takeoff, *row)


def raw_plan(items: Sequence[WireItem]) -> list[RawItem]:
    """Return a plan in MAVSDK's own words."""
    return [_raw(number, item) for number, item in enumerate(items)]


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


@contextlib.asynccontextmanager
async def mavsdk_missions(port: int) -> AsyncIterator[MissionRawAsync]:
    """Connect MAVSDK to the aircraft that calls a port; yield its missions."""
    configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
    async with Mavsdk(configuration) as mavsdk:
        await mavsdk.add_any_connection(f"udpin://127.0.0.1:{port}")
        system = await mavsdk.first_autopilot(timeout_s=CONNECT_PATIENCE_S)
        missions = MissionRawAsync(system)
        try:
            yield missions
        finally:
            missions.destroy()


@contextlib.contextmanager
def simulated_aircraft(count: int = 1, *options: str) -> Iterator[int]:
    """Run aircraft in a process of their own; number i calls UDP port yielded + 10 i."""
    port = free_port(socket.SOCK_DGRAM, count=count)
    homes = [f"--home={HOME[0]},{HOME[1] + 0.001 * number}" for number in range(count)]
    arguments = ["simulate", *homes, "--port", str(port), "--boot-age", "60", "--json", *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "patrol.cli.main", *arguments], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield port
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
