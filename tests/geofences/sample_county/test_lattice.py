"""Tests of `geofences.sample_county.lattice`."""

from __future__ import annotations

import math
import random

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.geodesy import LocalFrame, LonLat
from geofences.sample_county.lattice import Lattice, Placement, rounded_piece, to_lonlat

LATTICE = Lattice(Placement(500.0, -200.0, 20.0), (100.0, 80.0), 8.0, seed=3)

squares = st.tuples(st.integers(-30, 30), st.integers(-30, 30))


@given(square=squares)
def test_neighbours_share_their_edges_exactly(square: tuple[int, int]) -> None:
    """The corners of one square are those of the next, so they only touch."""
    row, column = square
    here = LATTICE.polygon_m(square)
    for there in ((row, column + 1), (row + 1, column)):
        other = LATTICE.polygon_m(there)
        assert here.touches(other)
        assert len(set(here.exterior.coords) & set(other.exterior.coords)) == 2


@given(square=squares)
def test_squares_are_about_their_size(square: tuple[int, int]) -> None:
    """Jitter changes a square but does not break it."""
    polygon = LATTICE.polygon_m(square)
    assert polygon.is_valid
    assert polygon.exterior.is_ccw
    assert polygon.area == pytest.approx(8000.0, rel=0.45)


def test_rows_run_south_and_columns_east() -> None:
    """Square (1, 0) lies below (0, 0), square (0, 1) to its right."""
    assert LATTICE.centre_m((0, 0)) == (0.0, 0.0)
    assert LATTICE.centre_m((1, 0)) == (0.0, -80.0)
    assert LATTICE.centre_m((0, 1)) == (100.0, 0.0)


def test_the_same_seed_draws_the_same_corners() -> None:
    """Corners follow from the seed alone, not from the order of asking."""
    again = Lattice(Placement(500.0, -200.0, 20.0), (100.0, 80.0), 8.0, seed=3)
    other = Lattice(Placement(500.0, -200.0, 20.0), (100.0, 80.0), 8.0, seed=4)
    expected = LATTICE.polygon_m((5, 5))
    again.polygon_m((9, 9))
    assert expected == again.polygon_m((5, 5))
    assert expected != other.polygon_m((5, 5))


@pytest.mark.parametrize(
    ("turn_deg", "expected"),
    [(0.0, (13.0, 24.0)), (90.0, (6.0, 23.0)), (180.0, (7.0, 16.0)), (-90.0, (14.0, 17.0))],
)
def test_a_placement_turns_then_moves(turn_deg: float, expected: tuple[float, float]) -> None:
    """Turning is counter-clockwise about the piece's own origin."""
    assert Placement(10.0, 20.0, turn_deg).to_county(3.0, 4.0) == pytest.approx(expected)


@given(count=st.integers(1, 200), seed=st.integers(0, 1000))
def test_a_rounded_piece_has_the_count_asked_for(count: int, seed: int) -> None:
    """So many squares, none twice, in the order of rows and columns."""
    piece = rounded_piece(LATTICE, count, random.Random(seed))
    assert len(piece) == len(set(piece)) == count
    assert piece == sorted(piece)


def test_a_rounded_piece_is_round_about_its_centre() -> None:
    """No square is much farther away than the radius of a circle of that area."""
    centre = (300.0, -160.0)
    piece = rounded_piece(LATTICE, 150, random.Random(2), centre)
    radius_m = math.sqrt(150 * 8000.0 / math.pi)
    away_m = [math.dist(LATTICE.centre_m(square), centre) for square in piece]
    assert max(away_m) < 1.6 * radius_m
    assert min(away_m) < 100.0


def test_stored_coordinates_are_rounded_to_a_centimetre() -> None:
    """Seven decimals are kept."""
    frame = LocalFrame(LonLat(115.62, 33.16))
    stored = to_lonlat(frame, LATTICE.polygon_m((0, 0)))
    coordinates = shapely.get_coordinates(stored)
    assert coordinates.tolist() == coordinates.round(7).tolist()
    moved = frame.geometry_to_local(stored).hausdorff_distance(LATTICE.polygon_m((0, 0)))
    assert 0.0 < moved < 0.01
