"""Cells that tile: a lattice of jittered corners, of which a rounded piece is kept.

Neighbouring cells share their corners, so that they neither overlap nor leave gaps.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import shapely

from geofences.geodesy import LocalFrame

Square = tuple[int, int]
"""Row (counted southwards) and column (counted eastwards) of one cell of a lattice."""

_COORDINATE_DECIMALS = 7


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a piece of land lies in the county: turned, then moved.

    Attributes:
        east_m: of its origin in the county's frame.
        north_m: of its origin in the county's frame.
        turn_deg: by which it is turned, counter-clockwise.
    """

    east_m: float
    north_m: float
    turn_deg: float

    def to_county(self, right_m: float, up_m: float) -> tuple[float, float]:
        """Metres east and north in the county, of a point in the piece's own directions."""
        cos, sin = math.cos(math.radians(self.turn_deg)), math.sin(math.radians(self.turn_deg))
        return (
            self.east_m + right_m * cos - up_m * sin,
            self.north_m + right_m * sin + up_m * cos,
        )


class Lattice:
    """Jittered corners of squares of one size about the origin of a placement.

    Args:
        placement: where it lies.
        size_m: width (right) and height (up) of a square.
        jitter_m: how far a corner may be off, along each direction.
        seed: from which all corners follow.
    """

    def __init__(
        self, placement: Placement, size_m: tuple[float, float], jitter_m: float, seed: int
    ) -> None:
        self.placement = placement
        self._size_m = size_m
        self._jitter_m = jitter_m
        self._seed = seed

    def centre_m(self, square: Square) -> tuple[float, float]:
        """Middle of a square, right and up of the origin; the square (0, 0) is in the middle."""
        row, column = square
        return column * self._size_m[0], -row * self._size_m[1]

    def polygon_m(self, square: Square) -> shapely.Polygon:
        """Outline of a square in the county's frame, counter-clockwise."""
        row, column = square
        return shapely.Polygon(
            self._corner(row + down, column + right)
            for down, right in ((0, 0), (1, 0), (1, 1), (0, 1))
        )

    def _corner(self, row: int, column: int) -> tuple[float, float]:
        # Each corner has its own generator, so all squares that share it see the same one.
        rng = random.Random(f"{self._seed}/{row}/{column}")
        return self.placement.to_county(
            (column - 0.5) * self._size_m[0] + rng.uniform(-1, 1) * self._jitter_m,
            (0.5 - row) * self._size_m[1] + rng.uniform(-1, 1) * self._jitter_m,
        )


def rounded_piece(
    lattice: Lattice, count: int, rng: random.Random, centre_m: tuple[float, float] = (0.0, 0.0)
) -> list[Square]:
    """The `count` squares nearest to a centre, measured so that the outline is a wobbly blob."""
    phases = [rng.uniform(0, 2 * math.pi) for _ in range(2)]

    def wobbly_distance(square: Square) -> float:
        right, up = lattice.centre_m(square)
        right, up = right - centre_m[0], up - centre_m[1]
        angle = math.atan2(up, right)
        reach = 1 + 0.22 * math.sin(2 * angle + phases[0]) + 0.10 * math.sin(3 * angle + phases[1])
        return math.hypot(right, up) / reach

    half = 4 + math.isqrt(count)
    squares = [(row, column) for row in range(-half, half + 1) for column in range(-half, half + 1)]
    return sorted(sorted(squares, key=wobbly_distance)[:count])


def to_lonlat(frame: LocalFrame, geometry_m: shapely.Geometry) -> shapely.Geometry:
    """A geometry of the county's frame as it is stored: degrees, rounded to about a centimetre."""
    return shapely.transform(
        frame.geometry_to_lonlat(geometry_m), lambda rows: rows.round(_COORDINATE_DECIMALS)
    )
