"""Mission items a second that our client brings on board, against MAVSDK on the same aircraft."""

import asyncio
import gc
import statistics
import time
from collections.abc import Sequence

from benchmarks.mission_peers import (
    CONNECT_PATIENCE_S,
    mavsdk_missions,
    plan_of,
    raw_plan,
    simulated_aircraft,
)
from benchmarks.result import Benchmark, Figure, Result
from flight.mavlink.addresses import parse_address
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import MissionType
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.protocol.mission_items import WireItem
from flight.mavlink.protocol.mission_upload import MissionUpload, UploadOutcome
from flight.mavlink.station import Station
from flight.mavlink.transfers import TransferSettings

ITEMS = 100
ROUNDS = 5
UPLOADS_A_ROUND = 6


def run() -> Result:
    """Upload the same hundred items to one aircraft with each client in turn, without read-back.

    The aircraft is our simulated ArduPilot in a process of its own, over UDP on loopback, by the
    wall clock from the order to the acceptance: the aircraft's own time for each item is in both
    figures. Each client's first upload of a round is left out: it finds the link's round trip.
    """
    items = plan_of(ITEMS)
    gc.freeze()  # what was imported is none of the clients' rubbish
    ours_s: list[float] = []
    one_by_one_s: list[float] = []
    peers_s: list[float] = []
    with simulated_aircraft() as port:
        for _ in range(ROUNDS):
            ours_s += asyncio.run(_our_uploads_s(port, items, ArduPilot.transfers))
            peers_s += asyncio.run(_mavsdk_uploads_s(port, items))
            one_by_one_s += asyncio.run(_our_uploads_s(port, items, TransferSettings()))
    ours, single, peer = (
        ITEMS / statistics.median(times) for times in (ours_s, one_by_one_s, peers_s)
    )
    return Result(
        name=BENCHMARK.name,
        figures={
            "items": Figure(ITEMS, "items"),
            "ours": Figure(ours, "items/s"),
            "ours, one by one": Figure(single, "items/s"),
            "MAVSDK": Figure(peer, "items/s"),
            "ours at best": Figure(ITEMS / min(ours_s), "items/s"),
            "MAVSDK at best": Figure(ITEMS / min(peers_s), "items/s"),
        },
        ratio=ours / peer,
        against="MAVSDK's mission_raw upload",
        reach="at least 1",
        met=ours >= peer,
    )


async def _our_uploads_s(
    port: int, items: tuple[WireItem, ...], settings: TransferSettings
) -> list[float]:
    station = Station(MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity()))
    await station.open()
    try:
        await station.find_autopilot(CONNECT_PATIENCE_S)
        return [await _our_upload_s(station, items, settings) for _ in range(UPLOADS_A_ROUND)][1:]
    finally:
        await station.close()


async def _our_upload_s(
    station: Station, items: tuple[WireItem, ...], settings: TransferSettings
) -> float:
    began_s = time.perf_counter()
    exchange = MissionUpload(
        items,
        MissionType.MISSION,
        station.dialog,
        station.round_trip,
        window=settings.upload_window,
        widest=settings.upload_widest,
    )
    await station.run(exchange)
    took_s = time.perf_counter() - began_s
    if exchange.result is None or exchange.result.outcome is not UploadOutcome.ACCEPTED:
        raise RuntimeError(f"our upload ended with {exchange.result}")
    return took_s


async def _mavsdk_uploads_s(port: int, items: Sequence[WireItem]) -> list[float]:
    plan = raw_plan(items)
    took_s = []
    async with mavsdk_missions(port) as missions:
        for _ in range(UPLOADS_A_ROUND):
            began_s = time.perf_counter()
            await missions.upload_mission(plan)
            took_s.append(time.perf_counter() - began_s)
    return took_s[1:]


BENCHMARK = Benchmark("mission-upload", "mission items/s on loopback against MAVSDK", run)
