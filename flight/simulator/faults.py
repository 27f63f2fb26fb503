"""What a bad radio does to packets, decided by a seeded generator and nothing else."""

import heapq
import random

from flight.simulator.settings import LinkFaults

_REORDER_BY_S = 0.05


class FaultyLink:
    """One direction of a link: packets go in, some of them come out, some time later.

    Args:
        faults: How bad the link is.
        rng: The only source of chance.
    """

    def __init__(self, faults: LinkFaults, rng: random.Random) -> None:
        self._faults = faults
        self._rng = rng
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
