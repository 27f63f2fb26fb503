"""Tests of `geofences.findings`."""

from __future__ import annotations

import pytest
import shapely

from geofences.findings import inner_place


def test_a_place_inside_a_shape_is_inside_even_if_it_is_bent() -> None:
    """Not the middle of its box, which may lie outside."""
    bent = shapely.Polygon([(0, 0), (9, 0), (9, 1), (1, 1), (1, 9), (0, 9)])
    place = inner_place(bent)
    assert place is not None
    assert bent.contains(shapely.Point(place.lon_deg, place.lat_deg))


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon(),
        shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
        shapely.box(500_000, 3_600_000, 500_100, 3_600_100),
        shapely.box(33, 115, 34, 116),
    ],
)
def test_what_lies_nowhere_on_earth_has_no_place(shape: shapely.Polygon) -> None:
    """Empty, invalid, in metres, or latitude first."""
    assert inner_place(shape) is None
