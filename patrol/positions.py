"""Tells the event API where the aircraft are, without ever holding up a flight."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from events_api.client import EventApiClient
from events_api.errors import ClientError
from events_api.schemas import VehiclePosition
from flight.states import VehicleState
from patrol.wiring import vehicle_position

EVERY_S = 0.5


class PositionPublisher:
    """A thread that sends each aircraft's newest position twice a second.

    Positions are only for the eye: one that cannot be sent is forgotten and counted.

    Args:
        client: the way to the event API; used by this thread alone.
        utc_now: the wall clock.
    """

    def __init__(
        self,
        client: EventApiClient,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._utc_now = utc_now
        self._newest: dict[str, VehiclePosition] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="positions", daemon=True)
        self.sent = 0
        self.failed = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send what is new once more, and end."""
        self._ending.set()
        self._thread.join()

    def tell(self, name: str, state: VehicleState) -> None:
        """Note where an aircraft is; returns at once."""
        position = vehicle_position(state, self._utc_now())
        if position is not None:
            with self._lock:
                self._newest[name] = position

    def _run(self) -> None:
        while not self._ending.wait(EVERY_S):
            self._send()
        self._send()

    def _send(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, {}
        for name, position in newest.items():
            try:
                self._client.put_position(name, position)
                self.sent += 1
            except ClientError:
                self.failed += 1
