"""Uploads over a slow link, in round trips: how many the protocol needs, and how many we take.

The clock is simulated, so that the figures say nothing about this machine. The vehicle asks for the
first item when it hears the list's length, for each next one when it has the last, and acknowledges
the last: with one item at a time that is one round trip for each item and one more.
"""

import asyncio
from dataclasses import replace

from benchmarks.mission_peers import HOME, plan_of
from benchmarks.result import Benchmark, Figure, Result
from flight.mavlink.addresses import parse_address
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import MissionType
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.protocol.mission_upload import MissionUpload, UploadOutcome
from flight.mavlink.station import Station
from flight.mavlink.transfers import TransferSettings
from flight.simulator.runner import run_simulator
from flight.simulator.settings import LinkFaults, SimulatorSettings, VehicleSettings, World
from flight.simulator.virtual_loop import VirtualLoop

ITEMS = 500
DELAY_S = 0.2
MOST_OF_NEEDED = 1.2

_PORT = 14550
_CONNECT_S = 30.0


def run() -> Result:
    """Upload over 200 ms each way: in bursts, as ArduPilot lets us, and one by one, as PX4."""
    ahead_s = took_s(ArduPilot.transfers, ITEMS, DELAY_S)
    single = replace(ArduPilot.transfers, upload_window=1, upload_widest=1)
    single_s = took_s(single, ITEMS, DELAY_S)
    needed = ITEMS + 1
    trips = [each_s / (2 * DELAY_S) for each_s in (ahead_s, single_s)]
    return Result(
        name=BENCHMARK.name,
        figures={
            "items": Figure(ITEMS, "items"),
            "needed, one by one": Figure(needed, "round trips"),
            "ours, one by one": Figure(trips[1], "round trips"),
            "ours, in bursts": Figure(trips[0], "round trips"),
            "ours, one by one, took": Figure(single_s, "s, simulated"),
            "ours, in bursts, took": Figure(ahead_s, "s, simulated"),
        },
        ratio=max(trips) / needed,
        against="the round trips that the protocol needs",
        reach=f"at most {MOST_OF_NEEDED}",
        met=max(trips) <= MOST_OF_NEEDED * needed,
    )


def took_s(settings: TransferSettings, items: int, delay_s: float) -> float:
    """Return the simulated seconds of one upload, reading back left out.

    Raises:
        RuntimeError: It was not accepted.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_upload(settings, items, delay_s))


async def _upload(settings: TransferSettings, items: int, delay_s: float) -> float:
    loop = asyncio.get_running_loop()
    simulation = SimulatorSettings(
        (VehicleSettings("heron", *HOME),),
        World(boot_age_s=60.0),
        base_port=_PORT,
        faults=LinkFaults(delay_s=delay_s),
    )
    stop = asyncio.Event()
    simulator = asyncio.create_task(run_simulator(simulation, stop))
    link = MavlinkLink(parse_address(f"udpin:127.0.0.1:{_PORT}"), Identity())
    station = Station(link, clock=loop.time)
    await station.open()
    try:
        await station.find_autopilot(_CONNECT_S)
        began_s = loop.time()
        exchange = MissionUpload(
            plan_of(items),
            MissionType.MISSION,
            station.dialog,
            station.round_trip,
            window=settings.upload_window,
            widest=settings.upload_widest,
        )
        await station.run(exchange, timeout_s=10.0 * items * delay_s)
        ended_s = loop.time()
    finally:
        await station.close()
        stop.set()
        await simulator
    if exchange.result is None or exchange.result.outcome is not UploadOutcome.ACCEPTED:
        raise RuntimeError(f"the upload ended with {exchange.result}")
    return ended_s - began_s


BENCHMARK = Benchmark(
    "upload-latency", "round trips of 500 items at 200 ms each way, simulated clock", run
)
