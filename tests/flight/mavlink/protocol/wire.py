"""An imitated radio between an exchange of ours and a vehicle, in imitated time."""

import heapq
import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flight.mavlink.protocol.exchange import Dialog, Exchange
from flight.mavlink.protocol.messages import Identity, Message, Peer

ME = Identity()
VEHICLE = Peer(1, 1)
DIALOG = Dialog(VEHICLE, ME)


def from_vehicle(name: str, **fields: object) -> Message:
    """Return a message as the vehicle sends it to us."""
    target = {"target_system": ME.system, "target_component": ME.component}
    return Message(name, target | fields, VEHICLE.system, VEHICLE.component)


class VehicleSide(Protocol):
    """The other end of the radio."""

    def receive(self, message: Message, now_s: float) -> Sequence[Message]:
        """Take a message; return answers."""

    def tick(self, now_s: float) -> Sequence[Message]:
        """Take note of the time; return what it sends unasked."""


@dataclass(frozen=True)
class Weather:
    """How the radio treats packets, each way."""

    loss: float = 0.0
    duplication: float = 0.0
    delay_s: float = 0.005
    jitter_s: float = 0.0
    seed: int = 0


def converse(
    exchange: Exchange, vehicle: VehicleSide, weather: Weather, limit_s: float = 300.0
) -> float:
    """Let both talk until the exchange is done; return the imitated seconds it took."""
    dice = random.Random(weather.seed)
    order = itertools.count()
    air: list[tuple[float, int, bool, Message]] = []

    def send(messages: Sequence[Message], now_s: float, *, to_vehicle: bool) -> None:
        for message in messages:
            for _ in range(1 + (dice.random() < weather.duplication)):
                if dice.random() >= weather.loss:
                    at_s = now_s + weather.delay_s + dice.uniform(0.0, weather.jitter_s)
                    heapq.heappush(air, (at_s, next(order), to_vehicle, message))

    now_s = 100.0
    send(exchange.start(now_s), now_s, to_vehicle=True)
    while not exchange.done and now_s < 100.0 + limit_s:
        next_s = min(exchange.deadline_s, now_s + 0.1)
        if air and air[0][0] <= next_s:
            now_s, _, to_vehicle, message = heapq.heappop(air)
            if to_vehicle:
                send(vehicle.receive(message, now_s), now_s, to_vehicle=False)
                if not air or air[0][0] > now_s:
                    send(vehicle.tick(now_s), now_s, to_vehicle=False)
            else:
                send(exchange.receive(message, now_s), now_s, to_vehicle=True)
            continue
        now_s = max(next_s, now_s)
        send(vehicle.tick(now_s), now_s, to_vehicle=False)
        send(exchange.tick(now_s), now_s, to_vehicle=True)
    return now_s - 100.0
