"""Fence shapes: inside, outside, and by how much."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.simulator.fences import Circle, FenceShapes, Polygon, shapes_of
from flight.simulator.items import Item
from tests.flight.simulator.station import BOX, EARTH

SQUARE_RING = ((-10.0, -10.0), (10.0, -10.0), (10.0, 10.0), (-10.0, 10.0))
METRES = st.floats(-50, 50)


@given(METRES, METRES)
def test_polygon_excursion_is_the_distance_to_its_edge(north_m: float, east_m: float) -> None:
    """Against the closed form for a square."""
    beyond = (max(abs(north_m) - 10, 0), max(abs(east_m) - 10, 0))
    expected = math.hypot(*beyond) or max(abs(north_m), abs(east_m)) - 10
    measured = Polygon(True, SQUARE_RING).outside_m((north_m, east_m))
    assert measured == pytest.approx(expected, abs=1e-9)


@given(METRES, METRES, st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_moving_everything_changes_nothing(
    north_m: float, east_m: float, by_north_m: float, by_east_m: float
) -> None:
    """Translation invariance."""
    ring = tuple((n + by_north_m, e + by_east_m) for n, e in SQUARE_RING)
    there = Polygon(True, SQUARE_RING).outside_m((north_m, east_m))
    moved = Polygon(True, ring).outside_m((north_m + by_north_m, east_m + by_east_m))
    assert moved == pytest.approx(there, abs=1e-6)


@given(METRES, METRES)
def test_exclusion_is_the_opposite_of_inclusion(north_m: float, east_m: float) -> None:
    """For polygons and circles."""
    point = (north_m, east_m)
    inside, outside = Polygon(True, SQUARE_RING), Polygon(False, SQUARE_RING)
    assert inside.outside_m(point) == -outside.outside_m(point)
    disc, hole = Circle(True, (0, 0), 20), Circle(False, (0, 0), 20)
    assert disc.outside_m(point) == -hole.outside_m(point)


def test_concave_polygon_knows_its_notch() -> None:
    """A U shape: the notch is outside."""
    ring = ((0, 0), (0, 30), (30, 30), (30, 20), (10, 20), (10, 10), (30, 10), (30, 0))
    shape = Polygon(True, tuple((float(n), float(e)) for n, e in ring))
    assert shape.outside_m((20, 15)) == pytest.approx(5)
    assert shape.outside_m((20, 5)) == pytest.approx(-5)


def test_worst_shape_counts() -> None:
    """An aircraft must satisfy each of them; without any there is nothing to breach."""
    shapes = FenceShapes((Polygon(True, SQUARE_RING), Circle(True, (0, 0), 5)))
    assert shapes.outside_m((8, 0)) == pytest.approx(3)
    assert FenceShapes().outside_m((8, 0)) is None


def test_items_become_shapes() -> None:
    """Four corners are one ring."""
    items = [
        Item(each["command"], 3, (each["param1"], 0, 0, 0), each["x"], each["y"]) for each in BOX
    ]
    (shape,) = shapes_of(items, EARTH).shapes
    assert isinstance(shape, Polygon)
    assert shape.outside_m((0, 0)) == pytest.approx(-60, abs=0.02)
