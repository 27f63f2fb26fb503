"""Handing snapshots to any number of readers, each at its own pace."""

import asyncio
from collections import deque

from flight.states import VehicleState

_KEPT = 600  # a minute at ten snapshots a second


class Subscription:
    """One reader's snapshots, in order; the oldest are dropped, and counted, if it lags."""

    def __init__(self) -> None:
        self._waiting: deque[VehicleState] = deque()
        self._stirred = asyncio.Event()
        self._closed = False
        self.dropped = 0

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> VehicleState:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._stirred.clear()
            await self._stirred.wait()
        return self._waiting.popleft()

    def put(self, state: VehicleState) -> None:
        """Queue one more snapshot."""
        if len(self._waiting) >= _KEPT:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(state)
        self._stirred.set()

    def close(self) -> None:
        """Let the reader end once it has read what is queued."""
        self._closed = True
        self._stirred.set()


class Snapshots:
    """Publishes snapshots to all its subscriptions."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> Subscription:
        """Return a new reader's subscription, from the next snapshot on."""
        subscription = Subscription()
        self._subscriptions.append(subscription)
        return subscription

    def publish(self, state: VehicleState) -> None:
        """Give a snapshot to everybody."""
        for subscription in self._subscriptions:
            subscription.put(state)

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()
