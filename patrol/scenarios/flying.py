"""Flying a whole day: simulator and client in one process, in simulated time."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flight.flight_news import FlightUpdate
from flight.simulator.runner import run_simulator
from flight.simulator.virtual_loop import VirtualLoop
from patrol.fleet import FleetOptions, SortieEnd, assign, fly_fleet
from patrol.scenarios.building import addresses_of, plan_of, simulator_of
from patrol.scenarios.schema import Day

TRUTH_FOLDER = "truth"
FLIGHTS_FOLDER = "flights"
#: What comes after the last landing belongs to the day, too: parting words, late faults.
_AFTERMATH_S = 2.0


@dataclass(frozen=True)
class FlownDay:
    """What came of a day.

    Attributes:
        day: What was asked for.
        folder: Truth logs and the client's records, in one folder each.
        ends: How the sorties ended; empty where the day did not end in time.
        news: All news with words, in order, each with the seconds since the day's start.
        lasted_s: Simulated seconds.
    """

    day: Day
    folder: Path
    ends: tuple[SortieEnd, ...]
    news: tuple[tuple[float, FlightUpdate], ...]
    lasted_s: float


def fly_day(
    day: Day, folder: Path, on_update: Callable[[float, FlightUpdate], None] | None = None
) -> FlownDay:
    """Fly a day as fast as the machine can; the same day is the same on every machine.

    Args:
        day: The scenario.
        folder: Where truth and records go; empty or not there yet.
        on_update: Gets all news, with the simulated seconds since the day's start.

    Raises:
        SimulatorError: The scenario asks for an aircraft that cannot be.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_fly(day, folder, on_update or _hear_nothing))


async def _fly(
    day: Day, folder: Path, on_update: Callable[[float, FlightUpdate], None]
) -> FlownDay:
    loop = asyncio.get_running_loop()
    news: list[tuple[float, FlightUpdate]] = []

    def hear(update: FlightUpdate) -> None:
        if update.text:
            news.append((loop.time(), update))
        on_update(loop.time(), update)

    plan = plan_of(day)
    stop = asyncio.Event()
    simulation = asyncio.create_task(run_simulator(simulator_of(day, folder / TRUTH_FOLDER), stop))
    options = FleetOptions(folder / FLIGHTS_FOLDER, writes_in_threads=False)
    if day.recall_at_s is not None:
        loop.call_later(day.recall_at_s, signal.raise_signal, signal.SIGINT)
    ends: tuple[SortieEnd, ...] = ()
    try:
        async with asyncio.timeout(day.longest_s):
            ends = await fly_fleet(assign(plan, addresses_of(day)), plan, options, hear)
        await asyncio.sleep(_AFTERMATH_S)
    except TimeoutError:
        pass  # a day without ends is judged as one that did not end
    finally:
        stop.set()
        await simulation
    return FlownDay(day, folder, ends, tuple(news), loop.time())


def _hear_nothing(now_s: float, update: FlightUpdate) -> None:
    del now_s, update
