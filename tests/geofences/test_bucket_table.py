"""Tests of `geofences.bucket_table`."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.bucket_table import (
    FIRST_SHARED,
    OUTSIDE,
    BucketTable,
    edges_of,
    fill_table,
    lattice_over,
)

POLYGONS = np.array(
    [
        shapely.box(0, 0, 4, 4),
        shapely.Polygon([(4, 0), (9, 1), (8, 5), (4, 4)]),
        shapely.box(20, 20, 26, 26).difference(shapely.box(22, 22, 24, 24)),
        shapely.box(1, 1, 2, 2),  # wholly inside the first
        shapely.Polygon([(10, 0), (30, 0), (30, 0.01)]),
    ],
    dtype=object,
)


def _table(polygons: np.ndarray[tuple[int], np.dtype[np.object_]]) -> BucketTable:
    return fill_table(lattice_over(polygons), edges_of(polygons))


def _named(table: BucketTable, x: float, y: float) -> list[int]:
    """The polygons that the bucket of a point names."""
    lattice = table.lattice
    column, row = int(lattice.column(np.array([x]))[0]), int(lattice.row(np.array([y]))[0])
    answer = int(table.answers[row * lattice.columns + column])
    if answer > FIRST_SHARED:
        return [] if answer == OUTSIDE else [answer]
    shared = FIRST_SHARED - answer
    return [int(each) for each in table.named[table.starts[shared] : table.starts[shared + 1]]]


@given(x=st.floats(0.0, 30.0), y=st.floats(0.0, 26.0))
def test_a_bucket_names_every_polygon_that_touches_a_point_in_it(x: float, y: float) -> None:
    """It may name one too many, never one too few."""
    touching = set(np.flatnonzero(shapely.intersects_xy(POLYGONS, x, y)).tolist())
    assert touching <= set(_named(_table(POLYGONS), x, y))


@given(x=st.floats(0.0, 30.0), y=st.floats(0.0, 26.0))
def test_a_bucket_with_one_answer_lies_wholly_inside_it(x: float, y: float) -> None:
    """Where the answer is an index or nothing, no further question is needed."""
    table = _table(POLYGONS)
    lattice = table.lattice
    bucket = lattice.row(np.array([y])) * lattice.columns + lattice.column(np.array([x]))
    answer = int(table.answers[bucket][0])
    touching = np.flatnonzero(shapely.intersects_xy(POLYGONS, x, y)).tolist()
    if answer > FIRST_SHARED:
        assert touching == ([] if answer == OUTSIDE else [answer])


def test_most_of_a_square_is_answered_at_once() -> None:
    """Of the buckets over a plain square more than a third need no look at an outline."""
    squares = np.array([shapely.box(x, 0, x + 1, 1) for x in range(50)], dtype=object)
    table = _table(squares)
    assert (table.answers >= 0).mean() > 1 / 3
    assert sorted(set(table.answers[table.answers >= 0].tolist())) == list(range(50))


def test_names_within_a_bucket_ascend() -> None:
    """The smallest index is asked first."""
    table = _table(POLYGONS)
    for begin, end in zip(table.starts[:-1], table.starts[1:], strict=True):
        names = table.named[begin:end].tolist()
        assert names == sorted(set(names))


def test_a_few_cells_far_apart_make_no_endless_table() -> None:
    """Two small cells at the ends of the country share coarser buckets."""
    apart = np.array([shapely.box(75, 20, 75.001, 20.001), shapely.box(130, 50, 130.001, 50.001)])
    lattice = lattice_over(apart)
    assert lattice.rows * lattice.columns <= 2_000_000
    assert _named(_table(apart), 130.0005, 50.0005) == [1]


@pytest.mark.parametrize("corner", [(0.0, 0.0), (30.0, 0.0), (0.0, 26.0), (30.0, 26.0)])
def test_the_borders_lie_in_the_outermost_buckets(corner: tuple[float, float]) -> None:
    """The far corner of the extent is still a bucket, without clipping."""
    lattice = lattice_over(POLYGONS)
    x, y = corner
    assert 0 <= int((x - lattice.west) * lattice.per_x) < lattice.columns
    assert 0 <= int((y - lattice.south) * lattice.per_y) < lattice.rows
