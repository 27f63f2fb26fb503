"""The fleet whose telemetry is followed."""

from benchmarks.telemetry_fleet import DURATION_S, RATE_HZ, packets
from flight.mavlink.ardupilot import ArduPilot
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.messages import Identity, Peer
from flight.mavlink.telemetry import Telemetry


def test_the_fleet_tells_positions_at_its_rate() -> None:
    """Ten a second, each of which moves the aircraft."""
    telemetry = Telemetry(Peer(3, 1), ArduPilot().mode_name, own_items=1)
    codec, places = MavlinkCodec(Identity()), set()
    for packet in packets(3):
        for message in codec.feed(packet):
            if telemetry.receive(message):
                places.add(telemetry.state.position)
    assert len(places) == DURATION_S * RATE_HZ
