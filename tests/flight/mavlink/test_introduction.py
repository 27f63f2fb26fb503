"""Getting to know an autopilot by what it says of itself."""

import asyncio

import pytest

from flight.errors import NoAutopilotError
from flight.mavlink.introduction import firmware_of
from flight.mavlink.protocol.constants import Autopilot
from flight.simulator.settings import Personality
from flight.states import VehicleState
from tests.flight.mavlink.flying import Day, simulated


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
