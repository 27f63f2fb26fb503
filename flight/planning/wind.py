"""A steady wind."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wind:
    """A steady wind: the speed at which the air moves over the ground.

    Attributes:
        east_mps: Towards the east.
        north_mps: Towards the north; a north wind, which comes from there, has it negative.
    """

    east_mps: float = 0.0
    north_mps: float = 0.0

    @property
    def speed_mps(self) -> float:
        """How strong."""
        return math.hypot(self.east_mps, self.north_mps)

    @property
    def from_deg(self) -> float:
        """Where it comes from, degrees clockwise from north."""
        return math.degrees(math.atan2(-self.east_mps, -self.north_mps)) % 360.0

    @property
    def vector(self) -> FloatArray:
        """East, north, up; float64, (3,)."""
        return np.array([self.east_mps, self.north_mps, 0.0])

    @classmethod
    def coming_from(cls, from_deg: float, speed_mps: float) -> "Wind":
        """A wind as weather reports give it.

        Args:
            from_deg: Where it comes from, degrees clockwise from north.
            speed_mps: How strong.
        """
        angle = math.radians(from_deg)
        return cls(-speed_mps * math.sin(angle), -speed_mps * math.cos(angle))


CALM = Wind()
