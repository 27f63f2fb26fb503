"""Where the aircraft are now. Kept in memory only: a position is worthless a minute later."""

from __future__ import annotations

import threading

from events_api.schemas import VehicleNow, VehiclePosition


class VehicleBoard:
    """The latest position of every aircraft heard of since the start."""

    def __init__(self) -> None:
        self._latest: dict[str, VehicleNow] = {}
        self._lock = threading.Lock()

    def put(self, name: str, position: VehiclePosition) -> VehicleNow:
        """Note where an aircraft is."""
        now = VehicleNow(name=name, **dict(position))
        self.note(now)
        return now

    def note(self, now: VehicleNow) -> None:
        """Note where another server on the same database says an aircraft is."""
        # The newest to arrive wins: a simulated clock may run faster than ours, or be reset.
        with self._lock:
            self._latest[now.name] = now

    def all(self) -> tuple[VehicleNow, ...]:
        """Return every aircraft, by name."""
        with self._lock:
            return tuple(self._latest[name] for name in sorted(self._latest))
