"""Getting to know an autopilot by what it says of itself."""

import asyncio

import pytest

from flight.errors import NoAutopilotError
from flight.mavlink.introduction import firmware_of, hardware_id
from flight.mavlink.protocol.constants import Autopilot
from flight.mavlink.protocol.messages import Message
from flight.simulator.settings import Personality
from flight.states import VehicleState
from tests.flight.mavlink.flying import Day, at_once, simulated


@pytest.mark.parametrize(
    ("autopilot", "name"), [(Autopilot.ARDUPILOT, "ArduPilot"), (Autopilot.PX4, "PX4")]
)
def test_the_heartbeat_names_the_software(autopilot: Autopilot, name: str) -> None:
    """By MAV_AUTOPILOT."""
    assert firmware_of(autopilot, "udpin:0.0.0.0:14550").name == name


@pytest.mark.parametrize("autopilot", [Autopilot.GENERIC, Autopilot.INVALID, 99])
def test_other_software_is_refused_by_its_number(autopilot: int) -> None:
    """With the address, and with what is known."""
    with pytest.raises(NoAutopilotError, match=rf"on tcpout:h:1 is of kind {int(autopilot)}; only"):
        firmware_of(autopilot, "tcpout:h:1")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"uid": 0x1F, "uid2": [0] * 18}, "1f-7"),
        ({"uid": 0x1F, "uid2": [0xAB, *[0] * 16, 0x01]}, "ab" + "00" * 16 + "01-7"),
        ({"uid": 0x1F}, "1f-7"),
        ({"uid": 0, "uid2": [0] * 18}, ""),
    ],
)
def test_a_board_is_told_by_its_longer_number(fields: dict[str, object], expected: str) -> None:
    """And its system id, since some simulators number all boards alike."""
    assert hardware_id(Message("AUTOPILOT_VERSION", fields, system=7)) == expected


def test_an_aircraft_is_the_same_on_every_link_and_no_other() -> None:
    """By what its autopilot tells."""

    async def boards() -> list[str]:
        found = []
        for system in (1, 1, 2):
            async with simulated(Day(), system) as vehicle:
                await vehicle.connect()
                found.append(vehicle.hardware_id)
                await vehicle.close()
        return found

    first, again, other = at_once(boards())
    assert first == again != other
    assert first.endswith("-1")


@pytest.mark.parametrize("personality", Personality)
def test_on_request_an_autopilot_tells_all_that_we_live_on(personality: Personality) -> None:
    """Position, attitude, gimbal, battery and mission; without asking it sends hardly any."""

    async def run() -> VehicleState:
        async with simulated(Day(personality)) as vehicle, asyncio.timeout(30.0):
            await vehicle.connect()
            await vehicle._commander.wait(
                lambda: (
                    vehicle.state.gimbal_pitch_deg is not None
                    and vehicle.state.battery_percent is not None
                    and vehicle.state.position is not None
                ),
                60.0,
            )
            await vehicle.close()
            return vehicle.state

    state = asyncio.run(run())
    assert state.position is not None
    assert state.gimbal_pitch_deg is not None
    assert state.battery_percent is not None
    assert state.on_ground
    assert not state.armed
