"""Tests of `geofences.cell_index`: every answer is that of shapely."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate

from geofences.cell_index import CellIndex
from geofences.formats.county_files import read_county
from geofences.sample_county.location import sample_county_path
from tests.geofences.shapes import block, box

STAR = shapely.Polygon(
    [
        (math.cos(n * 0.1) * (1 + n % 2), math.sin(n * 0.1) * (1 + n % 2))
        for n in range(60)  # more edges than are counted one by one
    ]
)
SHAPES = np.array(
    [
        shapely.Polygon([(0, 0), (1, 0.1), (0.9, 1.1), (0.1, 0.9)]),
        shapely.Polygon([(1, 0.1), (2, 0), (2, 1), (0.9, 1.1)]),
        shapely.box(0.2, 0.2, 0.4, 0.4),  # inside the first
        shapely.box(3, 0, 5, 2).difference(shapely.box(3.5, 0.5, 4.5, 1.5)),
        translate(STAR, 7.0, 1.0),
        shapely.Polygon([(0, 3), (9, 3), (9, 3.000001), (0, 3.000001)]),
    ],
    dtype=object,
)
INDEX = CellIndex(SHAPES)
CORNERS = shapely.get_coordinates(SHAPES).tolist()
EDGES = [
    (ring[n], ring[n + 1])
    for ring in (shapely.get_coordinates(each) for each in shapely.get_rings(SHAPES))
    for n in range(len(ring) - 1)
]
TINY = st.sampled_from([0.0, 1e-16, -1e-16, 1e-15, -1e-15, 1e-12, -1e-12, 1e-9, -1e-9])


def _expected(shapes: np.ndarray[tuple[int], np.dtype[np.object_]], x: float, y: float) -> int:
    """The plain definition: the first polygon that covers the point."""
    point = shapely.Point(x, y)
    return next((index for index, shape in enumerate(shapes) if shape.covers(point)), -1)


def _both(index: CellIndex, x: float, y: float) -> tuple[int, int]:
    """One point asked alone and asked in a batch."""
    return index.index_at(x, y), int(index.indices_at(np.array([x]), np.array([y]))[0])


@given(x=st.floats(-1.0, 10.0), y=st.floats(-2.0, 4.0))
def test_any_point_has_the_first_polygon_that_covers_it(x: float, y: float) -> None:
    """Alone and in a batch, exactly as shapely says."""
    assert _both(INDEX, x, y) == (_expected(SHAPES, x, y),) * 2


@given(edge=st.sampled_from(EDGES), share=st.floats(0.0, 1.0), east=TINY, north=TINY)
def test_points_on_and_beside_edges_agree(
    edge: tuple[list[float], list[float]], share: float, east: float, north: float
) -> None:
    """Rounding decides on which side they lie, and it decides as in shapely."""
    start, end = np.asarray(edge[0]), np.asarray(edge[1])
    x, y = start + share * (end - start) + (east, north)
    assert _both(INDEX, float(x), float(y)) == (_expected(SHAPES, x, y),) * 2


@given(corner=st.sampled_from(CORNERS), east=TINY, north=TINY)
def test_points_on_and_beside_corners_agree(corner: list[float], east: float, north: float) -> None:
    """A corner belongs to the first polygon that has it; a hair away may not."""
    x, y = corner[0] + east, corner[1] + north
    assert _both(INDEX, x, y) == (_expected(SHAPES, x, y),) * 2


@given(corner=st.sampled_from(CORNERS), steps=st.tuples(st.integers(-2, 2), st.integers(-2, 2)))
def test_the_next_numbers_about_a_corner_agree(corner: list[float], steps: tuple[int, int]) -> None:
    """One or two representable numbers away is the nearest that a point can be."""
    x, y = (value + count * math.ulp(value) for value, count in zip(corner, steps, strict=True))
    assert _both(INDEX, x, y) == (_expected(SHAPES, x, y),) * 2


@given(
    jitter=st.lists(st.tuples(*[st.floats(-40.0, 40.0)] * 2), min_size=12, max_size=12),
    at=st.tuples(st.floats(-60.0, 360.0), st.floats(-60.0, 260.0)),
    corner=st.integers(0, 11),
)
def test_tiles_of_any_shape_agree(
    jitter: list[tuple[float, float]], at: tuple[float, float], corner: int
) -> None:
    """In degrees as surveyed, with corners shared exactly."""
    moved = [(100.0 * (n % 4) + e, 100.0 * (n // 4) + v) for n, (e, v) in enumerate(jitter)]
    frame = [box(x, y, x + 1, y + 1).exterior.coords[2] for x, y in moved]
    rings = [[frame[n], frame[n + 1], frame[n + 5], frame[n + 4]] for n in (0, 1, 2, 4, 5, 6)]
    tiles = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    tiles = tiles[shapely.is_valid(tiles)]
    if len(tiles):
        index = CellIndex(tiles)
        for x, y in (frame[corner], box(*at, at[0] + 1, at[1] + 1).exterior.coords[2]):
            assert _both(index, x, y) == (_expected(tiles, x, y),) * 2


def test_the_sample_county_agrees_at_every_corner_and_middle_of_an_edge() -> None:
    """All of 4,747 cells, against the tree of shapely."""
    cells = np.array([cell.polygon for cell in read_county(sample_county_path()).grid.cells])
    corners = shapely.get_coordinates(cells)
    points = np.concatenate([corners, (corners[:-1] + corners[1:]) / 2.0])
    asked, found = shapely.STRtree(cells).query(shapely.points(points), predicate="intersects")
    expected = np.full(len(points), len(cells))
    np.minimum.at(expected, asked, found)
    expected[expected == len(cells)] = -1
    index = CellIndex(cells)
    assert index.indices_at(*points.T.copy()).tolist() == expected.tolist()
    assert [index.index_at(x, y) for x, y in points.tolist()] == expected.tolist()


@pytest.mark.parametrize("origin", [0.0, 115.0])
def test_the_numbers_next_to_edges_agree(origin: float) -> None:
    """Where plain double arithmetic would err about the side of an edge."""
    rng = np.random.default_rng(11)
    squares = np.array([[(0, 0), (1, 0), (1, 1), (0, 1)], [(1, 0), (2, 0), (2, 1), (1, 1)]])
    rings = origin + squares + rng.uniform(-0.3, 0.3, squares.shape)
    tiles = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    index = CellIndex(tiles)
    edges = np.stack([rings, np.roll(rings, -1, axis=1)], axis=2).reshape(-1, 2, 2)
    start, end = edges[rng.integers(0, len(edges), 10_000)].transpose(1, 0, 2)
    points = start + rng.uniform(0, 1, (len(start), 1)) * (end - start)
    points += rng.integers(-1, 2, points.shape) * np.spacing(points)
    touched = shapely.intersects_xy(tiles, points[:, :1], points[:, 1:])
    expected = np.where(touched.any(axis=1), touched.argmax(axis=1), -1).tolist()
    assert [index.index_at(x, y) for x, y in points.tolist()] == expected
    assert index.indices_at(*points.T).tolist() == expected


@pytest.mark.parametrize(
    ("x", "y"), [(math.nan, 1.0), (1.0, math.nan), (math.inf, 1.0), (-math.inf, 0.0), (1e300, 0.0)]
)
def test_what_is_nowhere_is_in_nothing(x: float, y: float) -> None:
    """Not a number, endless or far away."""
    assert _both(INDEX, x, y) == (-1, -1)


def test_long_batches_are_answered_in_order() -> None:
    """A batch of more points than are worked on at once."""
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-1, 10, 150_000), rng.uniform(-2, 4, 150_000)
    found = INDEX.indices_at(x, y)
    assert [INDEX.index_at(*p) for p in zip(x[::997], y[::997], strict=True)] == list(found[::997])


def _ask(index: CellIndex) -> Callable[[int], list[int]]:
    corners = shapely.get_coordinates([cell.polygon for cell in block(6, 6)])
    return lambda _: index.indices_at(*corners.T.copy()).tolist()


def test_many_threads_may_ask_a_new_index() -> None:
    """The event API answers several requests at a time."""
    index = CellIndex(np.array([cell.polygon for cell in block(6, 6)]))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(_ask(index), range(32)))
    assert all(answer == answers[0] for answer in answers)
