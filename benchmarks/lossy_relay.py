"""A relay between an aircraft and a ground station that treats packets as a bad radio does."""

import asyncio
import random
from dataclasses import dataclass

from flight.mavlink.addresses import parse_address
from flight.mavlink.codec import MavlinkCodec
from flight.mavlink.protocol.constants import MissionResult
from flight.mavlink.protocol.messages import Identity, Message
from flight.mavlink.transports import ByteHandler, ByteTransport, open_transport


@dataclass(frozen=True, slots=True)
class Weather:
    """How a radio treats packets, each way; times by the wall clock.

    Attributes:
        loss: Probability that a packet is lost.
        duplication: Probability that it arrives twice.
        delay_s: How long every packet takes.
        jitter_s: How much longer it may take; packets overtake each other by it.
        lost_final_acks: How many acceptances of an upload are lost.
    """

    loss: float = 0.0
    duplication: float = 0.0
    delay_s: float = 0.005
    jitter_s: float = 0.0
    lost_final_acks: int = 0


class LossyRelay:
    """Hands packets on between two addresses, some of them, some time later.

    Args:
        weather: How bad the radio is.
        seed: Of all chance.
    """

    def __init__(self, weather: Weather, seed: int) -> None:
        self._weather = weather
        self._random = random.Random(seed)
        self._acks_to_lose = weather.lost_final_acks
        self._ends: list[ByteTransport] = []
        self._codecs: dict[object, MavlinkCodec] = {}

    async def open(self, aircraft: str, station: str) -> None:
        """Connect to the aircraft and to the station, by any spelling of an address.

        Raises:
            LinkError: One of them cannot be opened.
        """
        for place, address in enumerate((aircraft, station)):
            self._ends.append(
                await open_transport(parse_address(address), self._receiver(other=1 - place))
            )

    def close(self) -> None:
        """Close both ends; what is still in the air is lost."""
        ends, self._ends = self._ends, []
        for end in ends:
            end.close()

    def _receiver(self, other: int) -> ByteHandler:
        def receive(data: bytes, source: object) -> None:
            codec = self._codecs.setdefault((other, source), MavlinkCodec(Identity()))
            if not data:
                codec.reset()
            for message in codec.feed(data):
                self._carry(message, other)

        return receive

    def _carry(self, message: Message, end: int) -> None:
        weather, dice = self._weather, self._random
        accepts = message.name == "MISSION_ACK" and message["type"] == MissionResult.ACCEPTED
        if end == 1 and accepts and self._acks_to_lose > 0:
            self._acks_to_lose -= 1
            return
        if dice.random() < weather.loss:
            return
        for _ in range(1 + (dice.random() < weather.duplication)):
            delay_s = weather.delay_s + dice.uniform(0.0, weather.jitter_s)
            asyncio.get_running_loop().call_later(delay_s, self._arrive, message.frame, end)

    def _arrive(self, frame: bytes, end: int) -> None:
        if self._ends:
            self._ends[end].send(frame, None)
