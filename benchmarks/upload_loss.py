"""Uploads over bad radios: how many succeed and how long they take, against MAVSDK's client."""

import asyncio
import contextlib
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from benchmarks.lossy_relay import LossyRelay, Weather
from benchmarks.mission_peers import (
    CONNECT_PATIENCE_S,
    plan_of,
    simulated_aircraft,
)
from benchmarks.result import Benchmark, Figure, Result
from flight.errors import FlightError
from flight.mavlink.addresses import parse_address
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import MissionType
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.station import Station
from flight.mavlink.transfers import ListTransfer

ITEMS = 100
OURS = 20
THEIRS = 6


@dataclass(frozen=True, slots=True)
class Radio:
    """A kind of radio, and what must be reached over it.

    Attributes:
        weather: How it treats packets.
        succeed: How many of our uploads must succeed.
        median_s: How long the median of them may take; None does not matter.
        slowest_s: How long the slowest may take; None does not matter.
    """

    weather: Weather
    succeed: int = OURS
    median_s: float | None = None
    slowest_s: float | None = None


RADIOS = {
    "5 % lost": Radio(Weather(loss=0.05), median_s=5.0),
    "3 % lost, 3 % twice, 50 ms": Radio(Weather(0.03, 0.03, 0.05, 0.015)),
    "10 % lost": Radio(Weather(loss=0.10), slowest_s=15.0),
    "20 % lost": Radio(Weather(loss=0.20), succeed=19, slowest_s=60.0),
    "final ack lost": Radio(Weather(lost_final_acks=1)),
    "all twice": Radio(Weather(duplication=1.0)),
    "all reordered": Radio(Weather(jitter_s=0.03)),
}

_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the uploads of one client over one radio went: the times of those that succeeded."""

    tried: int
    times_s: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """The median of the successful; infinite if none was."""
        return statistics.median(self.times_s) if self.times_s else float("inf")


def reached(radio: Radio, outcome: Outcome) -> bool:
    """Tell whether our uploads over a radio were good enough."""
    return (
        len(outcome.times_s) >= radio.succeed
        and (radio.median_s is None or outcome.median_s < radio.median_s)
        and (radio.slowest_s is None or max(outcome.times_s) < radio.slowest_s)
    )


def run() -> Result:
    """Upload a hundred items over each radio: ours with reading back, MAVSDK's without."""
    figures: dict[str, Figure] = {}
    met, ours_good, theirs_good = True, 0, 0
    with simulated_aircraft(OURS) as port:
        for name, radio in RADIOS.items():
            ours = asyncio.run(_outcome(_our_upload, port, radio.weather, OURS))
            theirs = asyncio.run(_outcome(_mavsdk_upload, port, radio.weather, THEIRS))
            met = met and reached(radio, ours)
            ours_good += len(ours.times_s)
            theirs_good += len(theirs.times_s)
            for who, outcome in (("ours", ours), ("MAVSDK", theirs)):
                good = len(outcome.times_s)
                figures[f"{name}: {who}"] = Figure(good, f"of {outcome.tried}")
                if good:
                    figures[f"{name}: {who}, median"] = Figure(outcome.median_s, "s")
                    figures[f"{name}: {who}, slowest"] = Figure(max(outcome.times_s), "s")
    ours_share, theirs_share = (
        good / (tried * len(RADIOS)) for good, tried in ((ours_good, OURS), (theirs_good, THEIRS))
    )
    return Result(
        name=BENCHMARK.name,
        figures=figures,
        ratio=ours_share / max(theirs_share, 1e-9),
        against="the share of MAVSDK's uploads that succeed",
        reach="all of 20, 19 at 20 % loss; medians and slowest in time",
        met=met,
    )


Upload = Callable[[int], Awaitable[float]]


async def _outcome(upload: Upload, port: int, weather: Weather, count: int) -> Outcome:
    """Upload to many aircraft at once, each over a radio of its own."""
    took_s = await asyncio.gather(
        *(_took_s(upload, port + 10 * number, weather, number) for number in range(count))
    )
    return Outcome(count, tuple(each for each in took_s if each is not None))


async def _took_s(upload: Upload, port: int, weather: Weather, seed: int) -> float | None:
    async with _relayed(port, weather, seed) as relayed:
        try:
            async with asyncio.timeout(_LONGEST_S):
                return await upload(relayed)
        except (FlightError, TimeoutError, RuntimeError):
            return None


@contextlib.asynccontextmanager
async def _relayed(port: int, weather: Weather, seed: int) -> AsyncIterator[int]:
    relay, near = LossyRelay(weather, seed), port + 5
    await relay.open(f"udpin:127.0.0.1:{port}", f"udpout:127.0.0.1:{near}")
    try:
        yield near
    finally:
        relay.close()


async def _our_upload(port: int) -> float:
    station = Station(MavlinkLink(parse_address(f"udpin:127.0.0.1:{port}"), Identity()))
    await station.open()
    try:
        await station.find_autopilot(CONNECT_PATIENCE_S)
        began_s = time.perf_counter()
        transfer = ListTransfer(station, MissionType.MISSION, ArduPilot.transfers)
        await transfer.upload(plan_of(ITEMS))
        return time.perf_counter() - began_s
    finally:
        await station.close()


async def _mavsdk_upload(port: int) -> float:
    arguments = ("-m", "benchmarks.mavsdk_uploader", str(port), str(ITEMS))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    took = re.search(rb"^took (\S+)$", said, flags=re.MULTILINE)
    if took is None:
        raise RuntimeError("MAVSDK's upload failed")
    return float(took[1])


BENCHMARK = Benchmark("upload-loss", "uploads over bad radios against MAVSDK", run)
