"""Orders are repeated until they show, refusals carry their reason, and time is the aircraft's."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from flight.errors import CommandRefusedError, UploadFailedError
from flight.mavlink.addresses import parse_address
from flight.mavlink.commander import Commander
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.commands import ParameterEncoding
from flight.mavlink.protocol.constants import Command, CommandResult
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.station import Station
from flight.mavlink.vehicle import MavlinkVehicle
from flight.simulator.settings import LinkFaults, Personality
from flight.states import VehicleState
from tests.flight.mavlink.flying import Day, simulated

NO_ORDER = Command.FENCE_POLYGON_INCLUSION  # an item of a list, and nothing to be done


class Clocks:
    """The aircraft's clock and ours, both moved by hand."""

    def __init__(self) -> None:
        self.boot_s = 100.0
        self.wall_s = 0.0
        station = Station(MavlinkLink(parse_address("udpin:127.0.0.1:14550"), Identity()))
        self.commander = Commander(
            "heron",
            station,
            lambda: VehicleState(time_boot_s=self.boot_s, status_texts=("a", "b", "c", "d")),
            clock=lambda: self.wall_s,
            command_s=1.0,
        )


def with_aircraft(use: Callable[[MavlinkVehicle], Awaitable[None]], day: Day | None = None) -> None:
    """Connect to a simulated aircraft and do something with it."""

    async def run() -> None:
        async with simulated(day or Day()) as vehicle, asyncio.timeout(30.0):
            await vehicle.connect()
            try:
                await use(vehicle)
            finally:
                await vehicle.close()

    asyncio.run(run())


def test_time_runs_by_the_aircrafts_clock() -> None:
    """A simulation at fifty times real time is over sooner by ours."""
    clocks = Clocks()
    expired = clocks.commander.timer(10.0)
    clocks.boot_s += 9.9
    assert not expired()
    clocks.boot_s += 0.1
    assert expired()


def test_an_aircraft_whose_clock_stands_still_has_twice_the_time() -> None:
    """By our clock: it may have fallen silent."""
    clocks = Clocks()
    expired = clocks.commander.timer(10.0)
    clocks.wall_s = 19.9
    assert not expired()
    clocks.wall_s = 20.0
    assert expired()


def test_waiting_ends_when_it_holds_or_time_is_up() -> None:
    """And looks again when it is stirred."""

    async def run() -> tuple[bool, bool]:
        clocks = Clocks()
        held: list[bool] = []
        waiting = asyncio.create_task(clocks.commander.wait(lambda: bool(held), 10.0))
        await asyncio.sleep(0)
        held.append(True)
        clocks.commander.stir()
        holds = await waiting
        late = asyncio.create_task(clocks.commander.wait(lambda: False, 10.0))
        await asyncio.sleep(0)
        clocks.boot_s += 10.0
        clocks.commander.stir()
        return holds, await late

    assert asyncio.run(run()) == (True, False)


def test_the_last_words_are_kept_short() -> None:
    """The last three are what a pilot reads."""
    assert Clocks().commander.said_lately() == "; it said: b; c; d"


@pytest.mark.parametrize("personality", Personality)
def test_parameters_are_set_and_read_back(personality: Personality) -> None:
    """Whole numbers travel by value or bit by bit, as the autopilot says of itself."""
    name = "FENCE_ACTION" if personality is Personality.ARDUPILOT else "GF_ACTION"
    encodings = {
        Personality.ARDUPILOT: ParameterEncoding.BY_VALUE,
        Personality.PX4: ParameterEncoding.BYTEWISE,
    }

    async def use(vehicle: MavlinkVehicle) -> None:
        commander = vehicle._commander
        assert commander.encoding is encodings[personality]
        await commander.set_parameter(name, 3.0)
        assert await commander.parameter(name) == 3.0

    with_aircraft(use, Day(personality))


def test_a_bad_radio_only_costs_time() -> None:
    """Questions and answers are lost and doubled."""
    link = LinkFaults(loss_fraction=0.2, duplicate_fraction=0.2, reorder_fraction=0.2)

    async def use(vehicle: MavlinkVehicle) -> None:
        await vehicle._commander.set_parameter("FENCE_ALT_MAX", 55.5)
        assert await vehicle.parameter("FENCE_ALT_MAX") == 55.5

    with_aircraft(use, Day(link=link))


def test_a_parameter_that_is_not_there_is_refused_by_name() -> None:
    """An autopilot does not answer about it at all."""

    async def use(vehicle: MavlinkVehicle) -> None:
        assert await vehicle.parameter("NO_SUCH") is None
        with pytest.raises(UploadFailedError, match="heron has no parameter NO_SUCH"):
            await vehicle._commander.set_parameter("NO_SUCH", 1.0)

    with_aircraft(use)


def test_a_value_that_is_not_taken_is_told_with_the_old_one() -> None:
    """A whole number keeps no half."""

    async def use(vehicle: MavlinkVehicle) -> None:
        with pytest.raises(UploadFailedError, match=r"keeps FENCE_TYPE = 7 and does not take 4\.5"):
            await vehicle._commander.set_parameter("FENCE_TYPE", 4.5)

    with_aircraft(use)


def test_a_command_is_answered() -> None:
    """By its result; one that the autopilot does not know is unsupported."""

    async def use(vehicle: MavlinkVehicle) -> None:
        call = vehicle._commander.call
        assert await call((Command.SET_MESSAGE_INTERVAL, (33.0, 1e5))) is CommandResult.ACCEPTED
        assert await call((NO_ORDER, ())) is CommandResult.UNSUPPORTED

    with_aircraft(use)


def test_a_refused_order_is_not_repeated() -> None:
    """Its reason, if there is one, is passed on."""

    async def use(vehicle: MavlinkVehicle) -> None:
        with pytest.raises(CommandRefusedError, match="heron refuses to dance: it gave no reason"):
            await vehicle._commander.obey((NO_ORDER, ()), lambda: False, "dance")

    with_aircraft(use)


def test_an_order_that_shows_no_effect_is_given_three_times() -> None:
    """An acknowledgement is not believed."""
    looked: list[float] = []

    async def use(vehicle: MavlinkVehicle) -> None:
        def effect() -> bool:
            looked.append(vehicle.state.time_boot_s)
            return False

        line = (Command.SET_MESSAGE_INTERVAL, (33.0, 1e5))
        with pytest.raises(CommandRefusedError, match="though it was asked three times"):
            await vehicle._commander.obey(line, effect, "report")
        assert looked[-1] - looked[0] >= 3 * 4.0 - 1.0

    with_aircraft(use)


def test_an_order_whose_effect_is_there_is_obeyed_whatever_is_answered() -> None:
    """A refusal to enter the mode in which the aircraft is already is none."""

    async def use(vehicle: MavlinkVehicle) -> None:
        await vehicle._commander.obey((NO_ORDER, ()), lambda: True, "be")

    with_aircraft(use)
