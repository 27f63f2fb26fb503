"""Heights that say above what they are measured, so that they cannot be taken for one another.

A `Height` cannot be compared with or added to anything; it has to be turned into metres above sea
level first, and what that needs (the ground, the geoid) is asked for and may be unknown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from geofences.errors import InvalidGeometryError


class HeightReference(StrEnum):
    """What a height is measured from."""

    GROUND = "ground"
    """The ground right below (AGL)."""
    SEA_LEVEL = "sea_level"
    """Mean sea level, which is the geoid (AMSL)."""
    ELLIPSOID = "ellipsoid"
    """The ellipsoid of WGS-84."""


@dataclass(frozen=True, slots=True)
class Height:
    """So many metres above one reference.

    Raises:
        InvalidGeometryError: it is not a number.
    """

    value_m: float
    reference: HeightReference

    def __post_init__(self) -> None:
        if not math.isfinite(self.value_m):
            raise InvalidGeometryError(
                f"A height of {self.value_m} m is no height; give a number or leave it out."
            )

    def alt_amsl_m(
        self, ground_alt_amsl_m: float | None, geoid_separation_m: float | None
    ) -> float | None:
        """The same height above mean sea level.

        Args:
            ground_alt_amsl_m: of the ground right below; None or NaN if it is not known.
            geoid_separation_m: height of the geoid above the ellipsoid; None or NaN likewise.

        Returns:
            Metres, or None if what it takes is not known.
        """
        if self.reference is HeightReference.SEA_LEVEL:
            return self.value_m
        on_ground = self.reference is HeightReference.GROUND
        base_m = ground_alt_amsl_m if on_ground else geoid_separation_m
        if base_m is None or not math.isfinite(base_m):
            return None
        return self.value_m + (base_m if on_ground else -base_m)


@dataclass(frozen=True, slots=True)
class HeightRange:
    """The air between two heights, both included.

    Raises:
        InvalidGeometryError: the lower is above the upper.
    """

    lower: Height
    upper: Height

    def __post_init__(self) -> None:
        refuse_upside_down(self.lower, self.upper)


def refuse_upside_down(lower: Height | None, upper: Height | None) -> None:
    """Nothing, unless both are from one reference and the wrong way up.

    Raises:
        InvalidGeometryError: they are.
    """
    if lower is None or upper is None or lower.reference is not upper.reference:
        return
    if lower.value_m > upper.value_m:
        raise InvalidGeometryError(
            f"The lower limit of {lower.value_m:g} m is above the upper of {upper.value_m:g} m; "
            "exchange them."
        )


def surely_below(
    one: Height,
    other: Height,
    ground_alt_amsl_m: tuple[float, float] | None,
    geoid_separation_m: float | None,
    *,
    or_level: bool = False,
) -> bool:
    """Whether one height is below another wherever over this ground.

    Args:
        one: what may be below.
        other: what may be above.
        ground_alt_amsl_m: the lowest and the highest ground there; None if it is not known.
        geoid_separation_m: height of the geoid above the ellipsoid; None if it is not known.
        or_level: whether equal heights will do.

    Returns:
        False too where it cannot be told.
    """
    if one.reference is other.reference:
        return one.value_m < other.value_m or (or_level and one.value_m == other.value_m)
    lowest_m, highest_m = ground_alt_amsl_m or (None, None)
    one_m = one.alt_amsl_m(highest_m, geoid_separation_m)
    other_m = other.alt_amsl_m(lowest_m, geoid_separation_m)
    if one_m is None or other_m is None:
        return False
    return one_m < other_m or (or_level and one_m == other_m)
