"""What a bad radio does to packets, decided by a seeded generator and nothing else."""

import heapq
import math
import random

from flight.simulator.settings import LinkFaults

_REORDER_BY_S = 0.05


class Outages:
    """When a link is away altogether, both ways: at stated times, and now and then by chance.

    Args:
        faults: How bad the link is.
        rng: The only source of chance.
    """

    def __init__(self, faults: LinkFaults, rng: random.Random) -> None:
        self._faults = faults
        self._rng = rng
        self._away = False
        self._changes_s = 0.0 if faults.outage_fraction > 0 else math.inf
        if faults.outage_fraction > 0:
            self._away = rng.random() < faults.outage_fraction
            self._changes_s = self._lasts_s()

    def is_away(self, now_s: float) -> bool:
        """Tell whether nothing comes through now; time never goes back."""
        while now_s >= self._changes_s:
            self._away = not self._away
            self._changes_s += self._lasts_s()
        return self._away or any(start <= now_s < end for start, end in self._faults.blackouts)

    def _lasts_s(self) -> float:
        """How long it stays as it is: memoryless, with means that give the stated share."""
        faults = self._faults
        share = 1.0 if self._away else (1 - faults.outage_fraction) / faults.outage_fraction
        return self._rng.expovariate(1 / (faults.outage_mean_s * share))


class FaultyLink:
    """One direction of a link: packets go in, some of them come out, some time later.

    Args:
        faults: How bad the link is.
        rng: The only source of chance.
        outages: When it is away, shared by both directions; none where it is never.
    """

    def __init__(
        self, faults: LinkFaults, rng: random.Random, outages: Outages | None = None
    ) -> None:
        self._faults = faults
        self._rng = rng
        self._outages = outages or Outages(faults, rng)
        self._waiting: list[tuple[float, int, bytes]] = []
        self._count = 0
        self._acks_to_lose = faults.lost_final_acks
        self._last_due_s = 0.0
        self.perfect = faults == LinkFaults()

    def send(self, packet: bytes, now_s: float, *, final_ack: bool = False) -> None:
        """Put a packet on its way; times in simulated seconds."""
        faults, rng = self._faults, self._rng
        if final_ack and self._acks_to_lose > 0:
            self._acks_to_lose -= 1
            return
        if self._outages.is_away(now_s):
            return
        if rng.random() < faults.loss_fraction:
            return
        copies = 2 if rng.random() < faults.duplicate_fraction else 1
        for _ in range(copies):
            self._enqueue(self._damaged(packet), now_s)

    def _enqueue(self, packet: bytes, now_s: float) -> None:
        faults, rng = self._faults, self._rng
        due_s = now_s + faults.delay_s + rng.uniform(0, faults.jitter_s)
        if rng.random() < faults.reorder_fraction:
            due_s += _REORDER_BY_S + faults.delay_s * 0.5
        else:
            # Jitter alone keeps the order, as one queue in a radio does.
            due_s = self._last_due_s = max(due_s, self._last_due_s)
        self._count += 1
        heapq.heappush(self._waiting, (due_s, self._count, packet))

    def _damaged(self, packet: bytes) -> bytes:
        if not packet or self._rng.random() >= self._faults.corrupt_fraction:
            return packet
        index = self._rng.randrange(len(packet))
        flipped = packet[index] ^ (1 << self._rng.randrange(8))
        return packet[:index] + bytes([flipped]) + packet[index + 1 :]

    def receive(self, now_s: float) -> list[bytes]:
        """Return the packets that have arrived by now, in the order of their arrival."""
        arrived: list[bytes] = []
        while self._waiting and self._waiting[0][0] <= now_s:
            arrived.append(heapq.heappop(self._waiting)[2])
        return arrived
