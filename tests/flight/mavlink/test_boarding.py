"""What is brought on board beside the mission: rally points, and that returns go there."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from flight.errors import UploadFailedError
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.firmware import Firmware
from flight.mavlink.protocol.mission_items import DEGREE_E7, first_difference
from flight.mavlink.px4 import Px4
from flight.mavlink.return_height import mission_top_m
from flight.mavlink.vehicle import MavlinkVehicle
from flight.missions import Action, Mission, MissionItem, RallyPoint
from flight.simulator.settings import Personality
from flight.states import VehicleState
from geofences.geodesy import LonLat, destination, distance_m
from tests.flight.fake_vehicle import HOME, small_mission
from tests.flight.mavlink.flying import Day, at_once, simulated

FAR = destination(HOME, 90.0, 120.0)
BESIDE_IT = destination(HOME, 90.0, 140.0)


def far_mission(*rally: RallyPoint) -> Mission:
    """To a place 120 m away, which an aircraft on its way back would leave again."""
    plain = small_mission(waypoints=1)
    there = MissionItem(Action.WAYPOINT, FAR, 15.0)
    return replace(plain, items=(*plain.items[:3], there, plain.items[-1]), rally=rally)


async def until(vehicle: MavlinkVehicle, condition: Callable[[VehicleState], bool]) -> VehicleState:
    """Wait for news of which something is so."""
    async with asyncio.timeout(40.0):
        async for state in vehicle.states():
            if condition(state):
                return state
    raise AssertionError("no more news")


async def landed_at(vehicle: MavlinkVehicle, mission: Mission) -> LonLat:
    """Fly out, turn back near the far place, and say where it lands."""
    await vehicle.upload(mission)
    await vehicle.start()
    await until(vehicle, lambda state: gap_m(state) < 30.0)
    await vehicle.return_home()
    landed = await until(vehicle, lambda state: not state.armed)
    assert landed.position is not None
    return landed.position


def gap_m(state: VehicleState) -> float:
    """How far it is from the far place."""
    return distance_m(state.position, FAR) if state.position else math.inf


@pytest.mark.parametrize("personality", Personality)
def test_a_return_lands_at_the_rally_point_that_was_uploaded(personality: Personality) -> None:
    """Both autopilots; read back after the upload, and nearer than home from there."""

    async def run() -> None:
        async with simulated(Day(personality)) as vehicle:
            await vehicle.connect()
            place = await landed_at(vehicle, far_mission(RallyPoint(BESIDE_IT, 15.0)))
            assert distance_m(place, BESIDE_IT) < 4.0
            await vehicle.close()

    asyncio.run(run())


def test_a_rally_point_that_a_plan_does_not_have_is_cleared() -> None:
    """One left from yesterday would be nearer than home."""

    async def run() -> None:
        async with simulated(Day()) as vehicle:
            await vehicle.connect()
            await vehicle.upload(far_mission(RallyPoint(BESIDE_IT, 15.0)))
            assert await vehicle.parameter("RALLY_TOTAL") == 1
            place = await landed_at(vehicle, far_mission())
            assert distance_m(place, HOME) < 4.0
            assert await vehicle.parameter("RALLY_TOTAL") == 0
            await vehicle.close()

    asyncio.run(run())


def test_a_fence_that_is_lost_after_it_was_accepted_is_noticed() -> None:
    """As an ArduPilot has been seen to lose one (finding 26); nothing is flown without it."""

    async def lose(vehicle: MavlinkVehicle) -> None:
        while await vehicle.parameter("FENCE_ENABLE") != 1.0:
            pass
        station = vehicle._station  # as another program with our id would
        station.send(station.dialog.peer.addressed("MISSION_CLEAR_ALL", mission_type=1))

    async def run() -> None:
        async with simulated(Day()) as vehicle:
            await vehicle.connect()
            losing = asyncio.create_task(lose(vehicle))
            with pytest.raises(UploadFailedError, match="fence changed after its upload"):
                await vehicle.upload(small_mission())
            await losing
            await vehicle.close()

    at_once(run())


@pytest.mark.parametrize(("firmware", "heights_m"), [(ArduPilot(), [13.0, 60.0]), (Px4(), [0, 0])])
def test_each_autopilot_is_told_the_height_that_it_means(
    firmware: Firmware, heights_m: list[float]
) -> None:
    """ArduPilot keeps whole metres; PX4 adds the height of its return to that of the point."""
    points = (RallyPoint(FAR, 12.4), RallyPoint(BESIDE_IT, 60.0))
    items = firmware.rally_items(points)
    assert [item.z for item in items] == heights_m
    assert items[0].x == round(FAR.lat_deg * DEGREE_E7)


def test_a_moved_or_lowered_rally_point_is_noticed_on_reading_back() -> None:
    """By more than its rounding."""
    (sent,) = ArduPilot().rally_items((RallyPoint(FAR, 20.0),))
    assert first_difference([sent], [sent]) is None
    for other in (replace(sent, x=sent.x + 5), replace(sent, z=19.0)):
        assert "its item 0 has" in (first_difference([sent], [other]) or "")


def test_a_high_rally_point_raises_the_return() -> None:
    """Up to the fence's ceiling."""
    assert mission_top_m(far_mission(RallyPoint(FAR, 60.0))) == 60.0
    with pytest.raises(UploadFailedError, match="over the ceiling"):
        mission_top_m(far_mission(RallyPoint(FAR, 90.0)))
