"""Plain crossings of an outline, by a grid of its edges."""

import math

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from flight.planning.crossing_kernel import Outline
from flight.planning.links import Passage

SLACK_M = 2e-6


def star(count: int, seed: int, hole: bool) -> shapely.Polygon:
    """A star of many teeth, with a hole in it or not."""
    rng = np.random.default_rng(seed)
    turns = np.linspace(0.0, 2.0 * math.pi, count, endpoint=False)
    reach = rng.uniform(60.0, 100.0, count)
    rim = np.column_stack([reach * np.cos(turns), reach * np.sin(turns)])
    holes = [shapely.box(-20.0, -10.0, 15.0, 25.0).exterior] if hole else []
    return shapely.Polygon(rim, holes)


def ways(seed: int, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Straight ways all over and a little beyond, some of them upright, level or of no length."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(-110.0, 110.0, (2, count, 2))
    b[: count // 8, 0] = a[: count // 8, 0]
    b[count // 8 : count // 4, 1] = a[count // 8 : count // 4, 1]
    b[-3:] = a[-3:]
    return a, b


@given(st.integers(3, 400), st.integers(0, 10_000), st.booleans())
def test_what_is_barred_crosses_the_outline_and_leaves_the_area(
    count: int, seed: int, hole: bool
) -> None:
    """A barred way is never one that the exact predicate lets pass."""
    area = star(count, seed, hole)
    a, b = ways(seed)
    barred = Outline.of(area).bars(a, b, SLACK_M)
    lines = shapely.linestrings(np.stack([a, b], axis=1))
    assert not (barred & shapely.covers(area, lines)).any()
    assert shapely.intersects(area.boundary, lines[barred]).all()


@given(st.integers(3, 400), st.integers(0, 10_000), st.booleans())
def test_every_plain_crossing_is_found(count: int, seed: int, hole: bool) -> None:
    """A way with one end well inside and the other well outside is always barred."""
    area = star(count, seed, hole)
    a, b = ways(seed)
    inside = shapely.contains_xy(area.buffer(-0.01), a)
    outside = ~shapely.contains_xy(area.buffer(0.01), b)
    apart = inside & outside
    through_corner = shapely.distance(
        shapely.multipoints(shapely.get_coordinates(area)),
        shapely.linestrings(np.stack([a, b], axis=1)),
    )
    plain = apart & (through_corner > 1e-4)
    assert Outline.of(area).bars(a, b, SLACK_M)[plain].all()


def test_touching_or_running_along_an_edge_is_no_plain_crossing() -> None:
    """What ends on the rim, follows it or passes through a corner is left to exact predicates."""
    square = shapely.box(0.0, 0.0, 10.0, 10.0)
    a = np.array([[5.0, 5.0], [0.0, 0.0], [-5.0, 5.0], [5.0, 5.0]])
    b = np.array([[10.0, 5.0], [10.0, 0.0], [5.0, 15.0], [5.0, 15.0]])
    assert Outline.of(square).bars(a, b, SLACK_M).tolist() == [False, False, False, True]


@given(st.integers(0, 10_000))
def test_a_passage_of_many_corners_sees_what_exact_predicates_see(seed: int) -> None:
    """Looking for plain crossings first changes nothing but the time it takes."""
    area = star(1200, seed, hole=True)
    a, b = ways(seed)
    a[:50] = shapely.get_coordinates(area)[:50]
    tested = shapely.buffer(area, 1e-6, quad_segs=1)
    exact = shapely.covers(tested, shapely.linestrings(np.stack([a, b], axis=1)))
    assert (Passage(area).sees(a, b) == exact).all()
