"""How often somebody may ask: a burst, then one after each interval (GCRA, ITU-T I.371).

Counted in the memory of one process, or in a database by all the servers on it together: see
`store.rate_limits`. Of what is not asked for any more nothing is kept, so that guessing at names
fills no memory either.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from events_api.errors import TooManyError

MOST_KEPT = 100_000
"""Names and addresses remembered at most; those that are free again are forgotten first."""

IPV6_PREFIX = 64
"""A household has this many bits of addresses fixed, and the rest to choose from."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and one more after each interval."""

    burst: int
    every: timedelta


class Count(Protocol):
    """Counts what each name or address asks for."""

    def take(self, who: str, rate: Rate, now: datetime) -> timedelta:
        """Count one request, unless it comes too early; return how much too early it came."""

    def forget(self, who: str) -> None:
        """Forget what somebody asked for."""


class RateLimit:
    """Grants or refuses what is asked for.

    Args:
        rate: How often each may ask.
        clock: Gives the present.
        what: What is asked for, as the refusal says it: "Signing in".
        count: Counts it; in the memory of this process where nothing else is said.
    """

    def __init__(
        self, rate: Rate, clock: Callable[[], datetime], what: str, count: Count | None = None
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._what = what
        self._count = MemoryCount() if count is None else count

    def take(self, who: str) -> None:
        """Count one request.

        Raises:
            TooManyError: They asked too often; it says when to come again.
        """
        wait = self._count.take(who, self._rate, self._clock())
        if wait > timedelta():
            raise _too_many(self._what, wait)

    def give_back(self, who: str) -> None:
        """Forget what somebody asked for: they have shown who they are."""
        self._count.forget(who)


class MemoryCount:
    """Counts in the memory of this process."""

    def __init__(self) -> None:
        self._free_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many names and addresses are remembered."""
        return len(self._free_at)

    def take(self, who: str, rate: Rate, now: datetime) -> timedelta:
        """Count one request, unless it comes too early; return how much too early it came."""
        with self._lock:
            free_at = max(self._free_at.get(who, now), now)
            wait = free_at - now - rate.every * (rate.burst - 1)
            if wait > timedelta():
                return wait
            self._free_at[who] = free_at + rate.every
            if len(self._free_at) > MOST_KEPT:
                self._forget(now)
        return timedelta()

    def forget(self, who: str) -> None:
        """Forget what somebody asked for."""
        with self._lock:
            self._free_at.pop(who, None)

    def _forget(self, now: datetime) -> None:
        kept = {who: at for who, at in self._free_at.items() if at > now}
        # Were all of them busy still, the older half goes: an attack must not fill the memory.
        half = sorted(kept.items(), key=lambda each: each[1])[-MOST_KEPT // 2 :]
        self._free_at = dict(half) if len(kept) > MOST_KEPT else kept


def household(address: str | None) -> str:
    """Return what an address is counted by: itself, or the network of an IPv6 one."""
    try:
        known = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ipaddress.ip_network((known, IPV6_PREFIX), strict=False))


def _too_many(what: str, wait: timedelta) -> TooManyError:
    wait_s = math.ceil(wait.total_seconds())
    return TooManyError(
        f"{what} was tried too often; try again in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
    )
