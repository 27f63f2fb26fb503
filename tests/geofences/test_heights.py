"""Tests of `geofences.heights`."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.errors import InvalidGeometryError
from geofences.heights import Height, HeightRange, HeightReference, surely_below

GROUND, SEA, ELLIPSOID = HeightReference

METRES = st.floats(-400.0, 9000.0)
HEIGHTS = st.builds(Height, METRES, st.sampled_from(HeightReference))


def test_a_height_is_brought_to_sea_level_by_what_it_stands_on() -> None:
    """Above the ground add the ground; above the ellipsoid take the geoid away."""
    assert Height(50.0, SEA).alt_amsl_m(None, None) == 50.0
    assert Height(50.0, GROUND).alt_amsl_m(30.0, None) == 80.0
    assert Height(50.0, ELLIPSOID).alt_amsl_m(None, -12.0) == 62.0


@pytest.mark.parametrize("unknown", [None, math.nan])
def test_a_height_over_unknown_ground_is_not_told(unknown: float | None) -> None:
    """Unknown ground, or an unknown geoid, is never taken as zero."""
    assert Height(50.0, GROUND).alt_amsl_m(unknown, 3.0) is None
    assert Height(50.0, ELLIPSOID).alt_amsl_m(3.0, unknown) is None


def test_heights_cannot_be_mixed_up() -> None:
    """They are neither compared nor added, whatever they stand on."""
    with pytest.raises(TypeError):
        Height(50.0, SEA) < Height(60.0, SEA)  # type: ignore[operator]  # noqa: B015
    with pytest.raises(TypeError):
        Height(50.0, SEA) + Height(60.0, GROUND)  # type: ignore[operator]
    assert Height(50.0, SEA) != Height(50.0, GROUND)


@pytest.mark.parametrize("value_m", [math.nan, math.inf, -math.inf])
def test_a_height_is_a_number(value_m: float) -> None:
    """No limit is written as none, not as infinity."""
    with pytest.raises(InvalidGeometryError, match="is no height"):
        Height(value_m, SEA)


def test_a_range_has_its_lower_end_below() -> None:
    """Where both ends can be compared they are."""
    HeightRange(Height(90.0, GROUND), Height(50.0, SEA))
    with pytest.raises(InvalidGeometryError, match="90 m is above the upper of 50 m"):
        HeightRange(Height(90.0, SEA), Height(50.0, SEA))


@given(
    one=HEIGHTS,
    other=HEIGHTS,
    ground=st.tuples(METRES, METRES).map(sorted),
    share=st.floats(0.0, 1.0),
    geoid=st.floats(-106.0, 86.0),
)
def test_what_is_surely_below_is_below_over_any_ground_between(
    one: Height, other: Height, ground: list[float], share: float, geoid: float
) -> None:
    """Heights above ground go up and down together, so only mixed ones depend on the ground."""
    lowest_m, highest_m = ground
    here_m = lowest_m + share * (highest_m - lowest_m)
    if surely_below(one, other, (lowest_m, highest_m), geoid):
        below_m, above_m = one.alt_amsl_m(here_m, geoid), other.alt_amsl_m(here_m, geoid)
        assert below_m is not None
        assert above_m is not None
        assert below_m <= above_m + 1e-9
    assert not surely_below(one, other, None, None) or one.reference is other.reference
