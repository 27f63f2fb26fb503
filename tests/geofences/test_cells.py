"""Tests of `geofences.cells`."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.cells import Cell, Grid
from geofences.errors import InvalidGeometryError, UnknownCellError
from geofences.geodesy import LocalFrame, LonLat
from tests.geofences.shapes import FRAME, block, box, cell, place, polygon

GRID = Grid(block(4, 5))


def _first_cover(lon_deg: float, lat_deg: float) -> int:
    """The plain definition: the first cell by code that covers the point."""
    point = shapely.Point(lon_deg, lat_deg)
    covers = [index for index, c in enumerate(GRID.cells) if c.polygon.covers(point)]
    return min(covers, default=-1)


@given(
    points=st.lists(
        st.tuples(st.floats(-150.0, 650.0), st.floats(-150.0, 550.0)), min_size=1, max_size=30
    )
)
def test_every_place_gets_the_smallest_code_that_covers_it(
    points: list[tuple[float, float]],
) -> None:
    """The vectorised answer is exactly that of shapely's `covers`, asked cell by cell."""
    lon_deg, lat_deg = FRAME.to_lonlat(*np.array(points).T)
    expected = [_first_cover(*pair) for pair in zip(lon_deg, lat_deg, strict=True)]
    assert expected == GRID.indices_at(lon_deg, lat_deg).tolist()


def test_shared_corners_belong_to_the_smallest_code() -> None:
    """Each corner that four cells share goes to the first of them."""
    for index, c in enumerate(GRID.cells):
        for lon_deg, lat_deg in shapely.get_coordinates(c.polygon):
            found = int(GRID.indices_at(lon_deg, lat_deg)[0])
            assert found == _first_cover(lon_deg, lat_deg) <= index


@given(share=st.floats(0.0, 1.0), index=st.integers(0, 19))
def test_places_along_shared_edges_have_one_cell(share: float, index: int) -> None:
    """Points computed along an edge go where `covers` puts them, whatever the rounding."""
    start, end = shapely.get_coordinates(GRID.cells[index].polygon)[1:3]
    lon_deg, lat_deg = start + share * (end - start)
    assert _first_cover(lon_deg, lat_deg) == GRID.indices_at(lon_deg, lat_deg)[0]


def test_the_middle_of_each_cell_is_in_it() -> None:
    """One point and many points agree."""
    middles = [c.polygon.centroid for c in GRID.cells]
    found = GRID.indices_at([p.x for p in middles], [p.y for p in middles])
    assert list(range(20)) == found.tolist()
    assert list(GRID.cells) == [GRID.cell_at(LonLat(p.x, p.y)) for p in middles]


def test_places_off_the_grid_have_no_cell() -> None:
    """Outside there is none, and a coordinate that is not a number is nowhere."""
    assert GRID.cell_at(place(-10.0, 50.0)) is None
    assert GRID.indices_at([math.nan, 115.62], [33.16, math.nan]).tolist() == [-1, -1]


def test_no_places_give_no_indices() -> None:
    """The empty array is a legal question."""
    assert GRID.indices_at(np.empty(0), np.empty(0)).shape == (0,)


def test_a_place_in_a_hole_is_outside() -> None:
    """A cell with a courtyard does not own it."""
    ring = box(0, 0, 100, 100).difference(box(40, 40, 60, 60))
    grid = Grid([cell(1, ring)])
    assert grid.cell_at(place(50.0, 50.0)) is None
    assert grid.cell_at(place(20.0, 20.0)) is not None


def test_cells_are_kept_in_the_order_of_their_codes() -> None:
    """The order they come in does not matter to any answer."""
    shuffled = block(3, 3)
    random.Random(1).shuffle(shuffled)
    assert [c.code for c in block(3, 3)] == [c.code for c in Grid(shuffled).cells]


def test_a_cell_is_found_by_its_code() -> None:
    """By code, and by the code of its village."""
    assert GRID.by_code("341299001001007").name == "Cell 7"
    assert len(GRID.in_village("341299001001")) == 20
    assert GRID.in_village("341299001002") == ()
    assert GRID.cells[0].village_code == "341299001001"
    assert len(GRID) == 20


def test_an_unknown_code_is_named() -> None:
    """The error carries the code that was asked for."""
    with pytest.raises(UnknownCellError, match="000000000000000") as caught:
        GRID.by_code("000000000000000")
    assert caught.value.code == "000000000000000"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "34129900100100",
        "3412990010010011",
        "34129900100100A",
        " 34129900100100",
        "341299001001001\n",
        "３41299001001001",
    ],
)
def test_malformed_codes_are_refused(code: str) -> None:
    """A code must match the pattern from end to end."""
    with pytest.raises(InvalidGeometryError, match="does not match"):
        Grid([Cell(code, box(0, 0, 9, 9), "", "", "")])


def test_another_code_pattern_may_be_set() -> None:
    """Districts that use 16 characters can say so."""
    odd = Cell("3412990010010A01", box(0, 0, 9, 9), "", "", "")
    assert Grid([odd], code_pattern=r"^\d{6}[0-9A-Z]{10}$").by_code(odd.code) is odd


def test_a_code_used_twice_is_refused() -> None:
    """Two cells cannot share a code, even far apart."""
    with pytest.raises(InvalidGeometryError, match=r"'341299001001001' is used more than once"):
        Grid([cell(1, box(0, 0, 9, 9)), cell(1, box(50, 0, 59, 9))])


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        (polygon((0, 0), (100, 100), (100, 0), (0, 100)), "Self-intersection"),
        (shapely.Polygon(), "Empty"),
        (shapely.from_wkt("POLYGON ((0 0, 1 Infinity, 1 1, 0 0))"), "Invalid Coordinate"),
    ],
)
def test_outlines_that_are_none_are_refused(outline: shapely.Polygon, words: str) -> None:
    """The message names the cell and the reason."""
    with pytest.raises(InvalidGeometryError, match=rf"cell 341299001001001 .*{words}"):
        Grid([cell(1, outline)])


def test_a_grid_may_be_empty() -> None:
    """Before anything is imported there are no cells, and no answers."""
    assert Grid([]).cell_at(place(0, 0)) is None
    assert Grid([]).probabilities(place(0, 0), 10.0) == ()


def test_a_known_place_is_in_its_cell_for_sure() -> None:
    """Without error the probability is one."""
    (only,) = GRID.probabilities(place(250.0, 150.0), 0.0)
    assert (only.code, only.probability) == ("341299001001008", 1.0)
    assert GRID.probabilities(place(-50.0, 0.0), 0.0) == ()


def test_a_place_on_a_corner_is_shared_by_four() -> None:
    """Each of four square cells about a corner has a quarter."""
    found = GRID.probabilities(place(200.0, 200.0), 20.0)
    assert pytest.approx([item.probability for item in found], abs=1e-3) == [0.25] * 4


@given(
    east_m=st.floats(-60.0, 560.0), north_m=st.floats(-60.0, 460.0), ce90_m=st.floats(0.1, 300.0)
)
def test_probabilities_are_ordered_and_add_up(east_m: float, north_m: float, ce90_m: float) -> None:
    """The most probable comes first, each at least one in a million, together at most one."""
    found = GRID.probabilities(place(east_m, north_m), ce90_m)
    shares = [item.probability for item in found]
    assert shares == sorted(shares, reverse=True)
    assert all(share >= 1e-6 for share in shares)
    assert sum(shares) <= 1.0 + 1e-9


@pytest.mark.parametrize("ce90_m", [5.0, 40.0, 120.0])
def test_probabilities_agree_with_drawing_places_at_random(ce90_m: float) -> None:
    """Counting 200,000 seeded draws per cell gives the same within a percent."""
    rng = np.random.default_rng(7)
    middle = np.array([210.0, 95.0])
    draws = middle + rng.normal(size=(200_000, 2)) * ce90_m / 2.1460
    found = GRID.indices_at(*FRAME.to_lonlat(draws[:, 0], draws[:, 1]))
    counted = np.bincount(found[found >= 0], minlength=20) / len(draws)
    told = {p.code: p.probability for p in GRID.probabilities(place(*middle), ce90_m)}
    expected = [told.get(c.code, 0.0) for c in GRID.cells]
    assert expected == pytest.approx(counted.tolist(), abs=0.005)


def test_a_place_well_inside_the_grid_is_in_it_for_sure() -> None:
    """Where the error does not reach the edge, the probabilities add up to one."""
    found = GRID.probabilities(place(250.0, 200.0), 80.0)
    assert sum(item.probability for item in found) == pytest.approx(1.0, abs=1e-5)


def test_a_place_on_the_edge_of_the_grid_is_half_outside() -> None:
    """What lies beyond the grid belongs to no cell."""
    found = GRID.probabilities(place(0.0, 150.0), 20.0)
    assert sum(item.probability for item in found) == pytest.approx(0.5, abs=1e-3)


@given(
    east_m=st.floats(-3000.0, 3000.0),
    north_m=st.floats(-3000.0, 3000.0),
    at=st.tuples(st.floats(1.0, 499.0), st.floats(1.0, 399.0)),
    ce90_m=st.floats(1.0, 60.0),
)
def test_moving_grid_and_place_together_changes_nothing(
    east_m: float, north_m: float, at: tuple[float, float], ce90_m: float
) -> None:
    """Probabilities depend on where a place lies among the cells, not on where they lie."""
    moved = LocalFrame(place(east_m, north_m))
    cells = [
        replace(c, polygon=moved.geometry_to_lonlat(FRAME.geometry_to_local(c.polygon)))
        for c in GRID.cells
    ]
    told = {p.code: p.probability for p in GRID.probabilities(place(*at), ce90_m)}
    found = Grid(cells).probabilities(LonLat(*moved.to_lonlat(*at)), ce90_m)
    for item in found:
        assert item.probability == pytest.approx(told.get(item.code, 0.0), abs=1e-5)


@given(
    corners=st.lists(
        st.tuples(st.floats(-30.0, 30.0), st.floats(-30.0, 30.0)), min_size=16, max_size=16
    ),
    point=st.tuples(st.floats(-40.0, 340.0), st.floats(-40.0, 340.0)),
)
def test_tiles_of_any_shape_share_out_the_land(
    corners: list[tuple[float, float]], point: tuple[float, float]
) -> None:
    """With jittered corners too, a place has a cell if and only if one covers it."""
    moved = [
        (100.0 * (n % 4) + east, 100.0 * (n // 4) + north)
        for n, (east, north) in enumerate(corners)
    ]
    squares = [(row * 4 + column) for row in range(3) for column in range(3)]
    tiles = [
        cell(1 + n, polygon(*(moved[first + step] for step in (0, 1, 5, 4))))
        for n, first in enumerate(squares)
    ]
    here = place(*point)
    covering = [c for c in tiles if c.polygon.covers(shapely.Point(here.lon_deg, here.lat_deg))]
    assert (covering[0] if covering else None) == Grid(tiles).cell_at(here)


@pytest.mark.parametrize("ce90_m", [-1.0, math.nan, math.inf])
def test_impossible_errors_are_refused(ce90_m: float) -> None:
    """A radius is zero or more metres."""
    with pytest.raises(InvalidGeometryError, match="impossible"):
        GRID.probabilities(place(0, 0), ce90_m)
