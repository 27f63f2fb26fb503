"""What must outlive the program that flies a mission: how far it came, and what was left out.

An autopilot knows which item it flies. It does not know which cells were skipped, nor that it was
sent home before its mission was done, and a client that takes a flight up again must.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Self

from flight.missions import Mission
from geofences.geodesy import LonLat

_FORMAT = "gridpatrol-progress-1"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a flight came.

    Attributes:
        item: Index of the item that was flown last.
        skipped: Indices of items that were left out.
        left_at: Where the aircraft was while it was last on its mission.
        recalled: Whether an operator ended the mission early.
    """

    item: int = 0
    skipped: frozenset[int] = field(default_factory=frozenset)
    left_at: LonLat | None = None
    recalled: bool = False

    def to_bytes(self, mission: Mission) -> bytes:
        """Return it as a small file that says which mission it is of."""
        left = None if self.left_at is None else [self.left_at.lon_deg, self.left_at.lat_deg]
        row = {
            "format": _FORMAT,
            "mission": _print_of(mission),
            "item": self.item,
            "skipped": sorted(self.skipped),
            "left_at": left,
            "recalled": self.recalled,
        }
        return json.dumps(row).encode()

    @classmethod
    def from_bytes(cls, data: bytes, mission: Mission) -> Self | None:
        """Return what was kept of a mission; None if it is of another one, or damaged."""
        try:
            row = json.loads(data)
            if (row["format"], row["mission"]) != (_FORMAT, _print_of(mission)):
                return None
            count = len(mission.items)
            item, skipped = int(row["item"]), frozenset(map(int, row["skipped"]))
            left_at = None if row["left_at"] is None else LonLat(*map(float, row["left_at"]))
            if not 0 <= item <= count or not all(0 <= index < count for index in skipped):
                return None
            return cls(item, skipped, left_at, bool(row["recalled"]))
        except (KeyError, TypeError, ValueError):
            return None


def _print_of(mission: Mission) -> str:
    """The same for the same mission of the same aircraft, and for no other."""
    said = repr((mission.mission_id, mission.vehicle_name, mission.home, mission.items))
    return hashlib.sha256(said.encode()).hexdigest()
