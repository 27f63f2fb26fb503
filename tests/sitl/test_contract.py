"""What we rely on in an autopilot, and what it must be able to rely on in us.

The same for our simulator (by default) and a real ArduPilot or PX4 (`--vehicle`, docs/sitl.md).
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from benchmarks.lossy_relay import Weather
from flight.errors import MissionRefusedError, UploadFailedError
from flight.mavlink.addresses import parse_address
from flight.mavlink.introduction import firmware_of
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.constants import Frame, MissionType
from flight.mavlink.protocol.messages import Identity
from flight.mavlink.protocol.mission_items import WireItem
from flight.mavlink.station import Station
from flight.mavlink.transfers import ListTransfer
from flight.preflight import Expectations
from geofences.geodesy import distance_m
from tests.sitl.conftest import Bench
from tests.sitl.session import FLIGHT_S, HEIGHT_M, here, mission_at, standing, until, with_rally

pytestmark = pytest.mark.sitl

UNKNOWN_COMMAND = 31_999
LOSSY = Weather(loss=0.05, duplication=0.03, delay_s=0.005, jitter_s=0.005)


def run(trial: Coroutine[Any, Any, None]) -> None:
    """Run one trial."""
    asyncio.run(trial)


def test_a_plan_with_fence_and_rally_point_is_on_board(bench: Bench) -> None:
    """Uploaded, read back, and told from another one (findings 13, 16, 19, 24, 27)."""

    async def trial() -> None:
        async with standing(bench) as aircraft:
            mission = with_rally(mission_at(here(aircraft)))
            await aircraft.upload(mission)
            assert await aircraft.other_than(mission) == ""
            assert await aircraft.other_than(mission_at(here(aircraft), waypoints=5)) != ""

    run(trial())


@pytest.mark.parametrize("waypoints", [3, 60])
def test_a_shorter_and_a_longer_plan_replace_the_one_on_board(bench: Bench, waypoints: int) -> None:
    """Nothing of the old one stays (finding 16)."""

    async def trial() -> None:
        async with standing(bench) as aircraft:
            await aircraft.upload(mission_at(here(aircraft), waypoints=12))
            mission = mission_at(here(aircraft), waypoints=waypoints)
            await aircraft.upload(mission)
            assert await aircraft.other_than(mission) == ""

    run(trial())


def test_a_plan_arrives_over_a_bad_radio(bench: Bench) -> None:
    """Five percent lost and three twice, each way (findings 14, 15)."""

    async def trial() -> None:
        async with standing(bench, LOSSY) as aircraft:
            mission = mission_at(here(aircraft), waypoints=40)
            await aircraft.upload(mission)
            assert await aircraft.other_than(mission) == ""

    run(trial())


def test_a_lost_final_acknowledgement_is_no_failure(bench: Bench) -> None:
    """The plan is on board, and reading it back says so (finding 15)."""

    async def trial() -> None:
        async with standing(bench, Weather(lost_final_acks=1)) as aircraft:
            mission = mission_at(here(aircraft))
            await aircraft.upload(mission)
            assert await aircraft.other_than(mission) == ""

    run(trial())


def test_an_item_that_is_unknown_is_refused_by_name(bench: Bench) -> None:
    """And it is said what is on board now (findings 16, 20)."""

    async def trial() -> None:
        async with standing(bench) as aircraft:
            mission = mission_at(here(aircraft))
        link = MavlinkLink(parse_address(bench.address), Identity())
        station = Station(link, heartbeat_hz=2.0 * bench.speedup)
        await station.open()
        try:
            heartbeat = await station.find_autopilot(60.0)
            firmware = firmware_of(heartbeat["autopilot"], bench.address)
            missions = ListTransfer(station, MissionType.MISSION, firmware.transfers)
            items = list(firmware.mission_items(mission))
            items[-2] = WireItem(UNKNOWN_COMMAND, Frame.MISSION)
            with pytest.raises(MissionRefusedError, match="UNSUPPORTED"):
                await missions.upload(items)
            await missions.clear()
        finally:
            await station.close()

    run(trial())


def test_a_parameter_that_it_does_not_have_is_said_to_be_none(bench: Bench) -> None:
    """Autopilots say nothing at all (finding 4)."""

    async def trial() -> None:
        async with standing(bench) as aircraft:
            assert await aircraft.parameter("NO_SUCH_PARAM") is None

    run(trial())


def test_telemetry_comes_at_the_rate_that_was_asked_for(bench: Bench) -> None:
    """On every connection anew, and by its own clock (findings 2, 3, 5)."""

    async def trial() -> None:
        for _ in range(2):
            async with standing(bench) as aircraft:
                times_s: list[float] = []
                async for state in aircraft.states():
                    times_s.append(state.time_boot_s)
                    if len(times_s) == 31:
                        break
                assert 2.0 < times_s[-1] - times_s[0] < 12.0  # ten a second, some lost or late

    run(trial())


def test_the_fence_acts_and_the_way_home_fits_under_it(bench: Bench) -> None:
    """What decides over that is read back from the autopilot (finding 27)."""

    async def trial() -> None:
        async with standing(bench) as aircraft:
            mission = mission_at(here(aircraft))
            await aircraft.upload(mission)
            report = await aircraft.preflight(mission, Expectations())
            firmware = aircraft._firmware
            for name, value in firmware.fence_parameters(mission.fence):
                assert await aircraft.parameter(name) == pytest.approx(value)
            heights = [each for each in report.parameters if "returns at least" in each.meaning]
            assert len(heights) == 1

    run(trial())


def test_a_flight_is_paused_resumed_and_brought_home(bench: Bench) -> None:
    """Each confirmed by what the aircraft does (findings 6 to 10, 22, 23)."""

    async def trial() -> None:
        async with standing(bench) as aircraft:
            home = here(aircraft)
            mission = mission_at(home)
            await aircraft.upload(mission)
            await aircraft.start()
            await until(aircraft, lambda: aircraft.state.height_home_m > HEIGHT_M / 2, FLIGHT_S)
            with pytest.raises(UploadFailedError, match="armed"):
                await aircraft.upload(mission)
            await until(aircraft, lambda: (aircraft.state.mission_item or 0) >= 2, FLIGHT_S)
            await aircraft.pause()
            await until(aircraft, lambda: aircraft.state.ground_speed_mps < 0.7, 30.0)
            await aircraft.resume()
            reached = aircraft.state.mission_item or 0
            await until(aircraft, lambda: (aircraft.state.mission_item or 0) > reached, FLIGHT_S)
            await aircraft.return_home()
            await until(aircraft, lambda: not aircraft.state.armed, FLIGHT_S)
            assert distance_m(here(aircraft), home) < 10.0

    run(trial())


def test_a_flight_over_a_bad_radio_lands_where_it_is_told_to(bench: Bench) -> None:
    """Every order arrives in the end (failure case 27)."""

    async def trial() -> None:
        async with standing(bench, LOSSY) as aircraft:
            await aircraft.upload(mission_at(here(aircraft)))
            await aircraft.start()
            await until(aircraft, lambda: aircraft.state.height_home_m > HEIGHT_M / 2, FLIGHT_S)
            await aircraft.land()
            await until(aircraft, lambda: not aircraft.state.armed, FLIGHT_S)
            assert aircraft.state.height_home_m < 2.0

    run(trial())


def test_a_mission_is_flown_to_its_end(bench: Bench) -> None:
    """Over its waypoints, home, landed and disarmed (finding 22)."""

    async def trial() -> None:
        async with standing(bench) as aircraft:
            mission = mission_at(here(aircraft), waypoints=3, reach_m=25.0)
            await aircraft.upload(mission)
            await aircraft.start()
            seen: set[int] = set()

            def down() -> bool:
                seen.add(aircraft.state.mission_item or 0)
                return not aircraft.state.armed

            await until(aircraft, down, FLIGHT_S)
            assert seen >= {2, 3, 4}

    run(trial())
