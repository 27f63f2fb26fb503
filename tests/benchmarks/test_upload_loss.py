"""The radio that uploads are measured over, and the judgement of what was measured."""

import asyncio

import pytest

from benchmarks.lossy_relay import LossyRelay, Weather
from benchmarks.upload_loss import RADIOS, Outcome, Radio, reached
from flight.mavlink.addresses import parse_address
from flight.mavlink.link import MavlinkLink
from flight.mavlink.protocol.messages import Identity, Message
from tests.flight.mavlink.flying import free_port

ACK = Message("MISSION_ACK", {"target_system": 245, "target_component": 190, "type": 0})


async def heard_over(weather: Weather, count: int) -> int:
    """Have an aircraft acknowledge so many times; return how often a station hears it."""
    near, far = free_port(), free_port()
    relay = LossyRelay(weather, seed=1)
    heard: list[Message] = []
    station = MavlinkLink(parse_address(f"udpin:127.0.0.1:{near}"), Identity())
    station.add_handler(heard.append)
    await station.open()
    await relay.open(f"udpin:127.0.0.1:{far}", f"udpout:127.0.0.1:{near}")
    aircraft = MavlinkLink(parse_address(f"udpout:127.0.0.1:{far}"), Identity(1, 1))
    await aircraft.open()
    for _ in range(count):
        aircraft.send(ACK)
    await asyncio.sleep(0.2)
    for end in (station, relay, aircraft):
        end.close()
    return len(heard)


@pytest.mark.parametrize(
    ("weather", "heard"),
    [
        (Weather(), 10),
        (Weather(duplication=1.0), 20),
        (Weather(loss=1.0), 0),
        (Weather(lost_final_acks=1), 9),
    ],
)
def test_the_relay_treats_packets_as_told(weather: Weather, heard: int) -> None:
    """Else the figures would be about another radio."""
    assert asyncio.run(heard_over(weather, 10)) == heard


def test_what_must_be_reached_over_a_radio() -> None:
    """Enough of them, quick enough in the middle and at the end."""
    radio = Radio(Weather(), succeed=3, median_s=5.0, slowest_s=9.0)
    assert reached(radio, Outcome(3, (1.0, 4.0, 8.0)))
    assert not reached(radio, Outcome(3, (1.0, 4.0)))
    assert not reached(radio, Outcome(3, (1.0, 6.0, 8.0)))
    assert not reached(radio, Outcome(3, (1.0, 4.0, 9.5)))
    assert RADIOS["20 % lost"].succeed == 19
