"""Cells are flown once each, in a short order."""

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.links import Passage
from flight.planning.ordering import order_cells, zigzag

LANES = np.array([[0.0, 0.0, 9.0, 0.0], [0.0, 1.0, 9.0, 1.0], [0.0, 2.0, 9.0, 2.0]])
FIELD = Passage(shapely.box(-10.0, -10.0, 1000.0, 1000.0))


def cell(x: float, y: float, lanes: int) -> np.ndarray:
    """A few short lanes from a corner upwards."""
    return np.array([[x, y + 2.0 * i, x + 10.0, y + 2.0 * i] for i in range(lanes)])


def way_m(cells: list[np.ndarray]) -> float:
    """Length of the ways between cells."""
    return sum(math.dist(a[-1], b[0]) for a, b in itertools.pairwise(cells))


@pytest.mark.parametrize(
    ("corner", "first", "last"),
    [
        (0, (0.0, 0.0), (9.0, 2.0)),
        (1, (9.0, 0.0), (0.0, 2.0)),
        (2, (0.0, 2.0), (9.0, 0.0)),
        (3, (9.0, 2.0), (0.0, 0.0)),
    ],
)
def test_a_zigzag_begins_at_its_corner(
    corner: int, first: tuple[float, float], last: tuple[float, float]
) -> None:
    """Corner 2 is the last lane, corner 1 the right end."""
    points = zigzag(LANES, corner)
    assert (tuple(points[0]), tuple(points[-1])) == (first, last)


def test_a_zigzag_turns_at_every_lane() -> None:
    """Each lane begins on the side where the one before it ended."""
    points = zigzag(LANES, 0)
    assert points[:, 0].tolist() == [0.0, 9.0, 9.0, 0.0, 0.0, 9.0]


def test_no_cells_need_no_order() -> None:
    """The empty list stays empty."""
    assert order_cells((), FIELD) == []


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 4)),
        min_size=1,
        max_size=7,
        unique_by=lambda row: row[:2],
    )
)
def test_every_lane_is_flown_exactly_once(places: list[tuple[int, int, int]]) -> None:
    """Whatever the order, the lanes are those that were laid."""
    cells = tuple(cell(90.0 * x, 90.0 * y, lanes) for x, y, lanes in places)
    flown = np.vstack(order_cells(cells, FIELD)).reshape(-1, 4)
    normal = {tuple(sorted([(row[0], row[1]), (row[2], row[3])])) for row in flown.tolist()}
    laid = np.vstack(cells).tolist()
    assert normal == {tuple(sorted([(r[0], r[1]), (r[2], r[3])])) for r in laid}
    assert len(flown) == len(laid)


def test_cells_in_a_row_are_flown_in_a_row() -> None:
    """The tour of five cells on a line is the line."""
    cells = tuple(cell(100.0 * i, 0.0, 2) for i in (3, 0, 4, 1, 2))
    starts = [float(points[:, 0].min()) for points in order_cells(cells, FIELD)]
    assert starts in ([0.0, 100.0, 200.0, 300.0, 400.0], [400.0, 300.0, 200.0, 100.0, 0.0])


def test_the_order_is_the_best_of_all_for_a_few_cells() -> None:
    """Four cells: no other order and corners are shorter."""
    cells = tuple(cell(x, y, n) for x, y, n in ((0, 0, 2), (60, 5, 3), (20, 80, 1), (90, 70, 2)))
    best = min(
        way_m([zigzag(cells[i], k) for i, k in zip(order, corners, strict=True)])
        for order in itertools.permutations(range(4))
        for corners in itertools.product(range(4), repeat=4)
    )
    assert way_m(order_cells(cells, FIELD)) == pytest.approx(best)
