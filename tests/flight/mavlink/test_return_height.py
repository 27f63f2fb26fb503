"""A failsafe's return flies neither under the mission nor over the fence."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.errors import UploadFailedError
from flight.flight_news import FlightOutcome, FlightResult, FlightUpdate
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.firmware import Firmware, HeightParameter
from flight.mavlink.px4 import Px4
from flight.mavlink.return_height import mission_top_m, safe_return_height_m, set_return_height
from flight.mavlink.vehicle import MavlinkVehicle
from flight.missions import Mission
from flight.simulator.settings import Personality
from tests.flight.fake_vehicle import small_mission
from tests.flight.mavlink.flying import Day, flown, simulated

ARDUPILOT, PX4 = Personality.ARDUPILOT, Personality.PX4


def under(ceiling_m: float, *, waypoints: int = 3, reach_m: float = 20.0) -> Mission:
    """A mission at 15 m under some ceiling."""
    mission = small_mission(waypoints=waypoints, reach_m=reach_m)
    return replace(mission, fence=replace(mission.fence, ceiling_height_home_m=ceiling_m))


def on_board(day: Day, use: Callable[[MavlinkVehicle], Awaitable[float | None]]) -> float | None:
    """Connect to an aircraft and return what becomes of it."""

    async def run() -> float | None:
        async with simulated(day) as vehicle, asyncio.timeout(30.0):
            await vehicle.connect()
            try:
                return await use(vehicle)
            finally:
                await vehicle.close()

    return asyncio.run(run())


@given(st.floats(0.0, 200.0), st.floats(2.0, 120.0), st.floats(0.0, 100.0))
def test_a_return_is_between_the_mission_and_the_ceiling(
    owners_m: float, top_m: float, room_m: float
) -> None:
    """Whatever the owner has set, and however little room there is."""
    height_m = safe_return_height_m(owners_m, top_m, top_m + room_m)
    assert top_m <= height_m <= top_m + room_m
    assert height_m in {owners_m, top_m}


@given(st.floats(15.0, 78.0))
def test_a_height_that_is_safe_stays_the_owners(owners_m: float) -> None:
    """It may be there for a mast that no plan knows."""
    assert safe_return_height_m(owners_m, 15.0, 80.0) == owners_m


@pytest.mark.parametrize("owners_m", [0.0, 14.9, 78.1, 80.0, 120.0])
def test_a_height_that_is_not_becomes_the_missions(owners_m: float) -> None:
    """Too low on the climb, or too near to the ceiling for a gust."""
    assert safe_return_height_m(owners_m, 15.0, 80.0) == 15.0


@pytest.mark.parametrize(
    ("day", "name", "told"),
    [
        (Day(ARDUPILOT), "RTL_ALT", 1500.0),
        (Day(ARDUPILOT, parameters=(("RTL_ALT", 3000.0),)), "RTL_ALT", 3000.0),
        (Day(ARDUPILOT, parameters=(("RTL_ALT", 6000.0),)), "RTL_ALT", 1500.0),
        (Day(ARDUPILOT, parameters=(("RTL_ALT", 0.0),)), "RTL_ALT", 1500.0),
        (Day(PX4), "RTL_RETURN_ALT", 15.0),
        (Day(PX4, parameters=(("RTL_RETURN_ALT", 30.0),)), "RTL_RETURN_ALT", 30.0),
    ],
)
def test_an_upload_sets_the_height_in_the_autopilots_own_unit(
    day: Day, name: str, told: float
) -> None:
    """PX4's default of 60 m would break a ceiling of 50 m; 30 m is the owner's choice."""

    async def use(vehicle: MavlinkVehicle) -> float | None:
        await vehicle.upload(under(50.0))
        return await vehicle.parameter(name)

    assert on_board(day, use) == told


@pytest.mark.parametrize("personality", Personality)
def test_a_recalled_aircraft_never_rises_over_its_ceiling(
    personality: Personality, tmp_path: Path
) -> None:
    """Its owner's 60 m lie above the 30 m that the fence allows."""

    def watch(update: FlightUpdate, task: "asyncio.Task[FlightResult]") -> None:
        if update.text.startswith("item 5"):
            task.cancel()

    name, told = ("RTL_ALT", 6000.0) if personality is ARDUPILOT else ("RTL_RETURN_ALT", 60.0)
    day = Day(personality, parameters=((name, told),))
    mission = under(30.0, waypoints=6, reach_m=60.0)
    flight = asyncio.run(flown(day, tmp_path, mission=mission, watch=watch))
    assert flight.result.outcome is FlightOutcome.RECALLED
    assert max(update.telemetry.height_home_m for update in flight.news) < 20.0
    assert not any(update.telemetry.breach for update in flight.news)


def test_a_mission_over_its_own_ceiling_is_refused_before_anything_is_sent() -> None:
    """Both heights are named, and the aircraft keeps what it had."""

    async def use(vehicle: MavlinkVehicle) -> float | None:
        with pytest.raises(UploadFailedError, match=r"climbs to 15 m .* ceiling of 12 m"):
            await vehicle.upload(under(12.0))
        assert vehicle.state.mission_count == 0
        return await vehicle.parameter("FENCE_ENABLE")

    assert on_board(Day(), use) == 0.0


def test_an_autopilot_without_the_parameter_is_not_flown() -> None:
    """The message has all the names that were tried."""
    unknown = (HeightParameter("RTL_OLD", 100.0), HeightParameter("RTL_NEW", 1.0))

    async def use(vehicle: MavlinkVehicle) -> float | None:
        with pytest.raises(UploadFailedError, match="no parameter RTL_OLD or RTL_NEW"):
            await set_return_height(vehicle._commander, unknown, small_mission())
        return None

    on_board(Day(), use)


def test_the_first_parameter_that_the_autopilot_has_is_it() -> None:
    """ArduPilot renamed its own; older and newer ones are both set."""
    either = (HeightParameter("RTL_NEW", 1.0), HeightParameter("RTL_ALT", 100.0))

    async def use(vehicle: MavlinkVehicle) -> float | None:
        await set_return_height(vehicle._commander, either, under(16.0))
        return await vehicle.parameter("RTL_ALT")

    assert on_board(Day(parameters=(("RTL_ALT", 9000.0),)), use) == 1500.0


def test_the_highest_item_counts_not_the_lanes() -> None:
    """A waypoint over a roof may be higher than the rest."""
    mission = small_mission()
    items = (*mission.items[:3], replace(mission.items[3], height_home_m=31.5), *mission.items[4:])
    assert mission_top_m(replace(mission, items=items)) == 31.5


@given(st.floats(1.0, 3000.0))
def test_heights_travel_in_whole_centimetres(height_m: float) -> None:
    """ArduPilot's centimetres are an integer: a fraction would never be read back."""
    centimetres = HeightParameter("RTL_ALT", 100.0).value(height_m)
    assert centimetres == int(centimetres)
    assert centimetres / 100.0 == pytest.approx(height_m, abs=0.0051)
    assert HeightParameter("RTL_RETURN_ALT", 1.0).value(height_m) * 100 == pytest.approx(
        centimetres
    )


@pytest.mark.parametrize(
    ("firmware", "names"), [(ArduPilot(), ["RTL_ALT", "RTL_ALT_M"]), (Px4(), ["RTL_RETURN_ALT"])]
)
def test_each_autopilot_has_its_own_names(firmware: Firmware, names: list[str]) -> None:
    """In the order in which they are asked for."""
    assert [parameter.name for parameter in firmware.return_heights] == names
