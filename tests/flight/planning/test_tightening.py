"""Pulled tight, a path is shorter, sees what it must and stays in its room."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flight.planning.cleaning import inner_rooms, polygons_of
from flight.planning.detours import unseen
from flight.planning.links import Passage
from flight.planning.rings import RING_PLANS, ring_path
from flight.planning.sight_geometry import Edges, near
from flight.planning.sight_kernel import (
    keep_inside,
    unseen_area,
    unseen_slopes,
    watch,
)
from flight.planning.tightening import Draft, Effort, Task, judged, tighten
from flight.planning.trace import Trace
from tests.flight.planning.scenes import holed_polygons, star_polygons

SPACING_M = 20.0
FIELD = shapely.box(0.0, 0.0, 200.0, 100.0)
EFFORT = Effort(rounds=4, steps=10)


def task(area: shapely.Geometry, goal: float = 0.99) -> Task:
    """To see the largest room of an area."""
    room = max(
        (room for part in polygons_of(area) for room in inner_rooms(part, SPACING_M)),
        key=lambda room: room.polygon.area,
    )
    allowed_m2 = (1.0 - goal) * room.target.area
    return Task(room, SPACING_M, allowed_m2=allowed_m2, turn_cost_m=0.0)


def ringed(wanted: Task) -> Trace | None:
    """Rings over the room of a task."""
    return ring_path(wanted.room, Passage(wanted.room.core), SPACING_M, RING_PLANS[0])


def exactly_unseen_m2(draft: Draft, wanted: Task) -> float:
    """What a path leaves unseen, by shapely."""
    return float(sum(p.area for p in unseen(draft.trace, wanted.room.target, SPACING_M)))


def edges(area: shapely.Polygon) -> Edges:
    """The edges of an area."""
    at = shapely.get_coordinates(area)
    return Edges(at[:-1].copy(), at[1:].copy())


@settings(max_examples=10, deadline=None)
@given(star_polygons())
def test_a_path_becomes_cheaper_and_never_leaves_its_room(area: shapely.Polygon) -> None:
    """Length and what is still to be seen together never grow."""
    wanted = task(area)
    start = ringed(wanted)
    if start is None:
        return
    pulled = tighten(start, wanted, Effort(rounds=4, steps=10, whole=False))
    assert pulled.cost_m <= judged(start, wanted).cost_m
    outside = shapely.difference(pulled.trace.line(), area)
    assert outside.length == 0.0
    assert (
        exactly_unseen_m2(pulled, wanted) <= wanted.allowed_m2 + pulled.excess_m2 + 0.02 * area.area
    )


@settings(max_examples=10, deadline=None)
@given(holed_polygons())
def test_what_rows_measure_is_what_is_unseen(area: shapely.Geometry) -> None:
    """Within a few per cent of the exact area, with holes too."""
    wanted = task(area)
    start = ringed(wanted)
    if start is None:
        return
    exact_m2 = exactly_unseen_m2(judged(start, wanted), wanted)
    assert wanted.unseen_m2(start) == pytest.approx(exact_m2, rel=0.1, abs=0.02 * SPACING_M**2)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=3, max_size=7, unique=True),
    st.data(),
)
def test_slopes_are_those_of_the_unseen_area(
    corners: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Moving a point changes the unseen area as its slope foretells, if no leg lies on another."""
    path = np.array(corners, dtype=float)
    legs = shapely.linestrings(np.stack([path[:-1], path[1:]], axis=1))
    assume(shapely.length(shapely.union_all(legs)) > shapely.length(legs).sum() - 1e-6)
    ground = edges(shapely.box(0.0, 0.0, 10.0, 5.0))
    slopes = np.zeros_like(path)
    unseen_slopes(watch(path, ground, 0.1), slopes)
    i, axis = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 1))
    step, here = 0.01, unseen_area(path, ground, 0.002)
    ahead, back = path.copy(), path.copy()
    ahead[i, axis] += step
    back[i, axis] -= step
    up = (unseen_area(ahead, ground, 0.002) - here) / step
    down = (here - unseen_area(back, ground, 0.002)) / step
    assert min(up, down) - 0.15 <= slopes[i, axis] <= max(up, down) + 0.15


def test_lanes_that_end_too_late_are_shortened() -> None:
    """A zigzag from edge to edge sees the ends of the field twice."""
    wanted = task(FIELD)
    rows = [(2.0, 198.0) if n % 2 else (198.0, 2.0) for n in range(5)]
    points = [(x, 10.0 + 20.0 * n) for n, ends in enumerate(rows) for x in ends]
    zigzag = Trace([np.array(point) for point in points], [n % 2 == 0 for n in range(9)])
    pulled = tighten(zigzag, wanted, EFFORT)
    assert pulled.excess_m2 == 0.0
    assert pulled.trace.length_m < 0.97 * zigzag.length_m
    assert any(pulled.trace.lanes)
    assert not all(pulled.trace.lanes)


def test_the_path_that_was_given_is_not_changed() -> None:
    """The same start is pulled for several tasks."""
    zigzag = Trace([np.array([10.0, 50.0]), np.array([190.0, 50.0])], [True])
    tighten(zigzag, task(FIELD), EFFORT)
    assert [point.tolist() for point in zigzag.points] == [[10.0, 50.0], [190.0, 50.0]]


def test_a_point_cannot_be_pulled() -> None:
    """It is judged as it is."""
    spot = Trace.start(np.array([100.0, 50.0]))
    draft = tighten(spot, task(FIELD), EFFORT)
    assert draft.trace is spot
    assert draft.excess_m2 > 0.9 * FIELD.area


def test_a_leg_that_would_cross_a_wall_stays() -> None:
    """Its move is taken back, and that of no other."""
    wall = Edges(np.array([[5.0, 0.5]]), np.array([[5.0, 2.0]]))
    path = np.array([[0.0, 0.0], [4.0, 0.0], [6.0, 0.0], [6.0, -9.0], [0.0, -9.0]])
    moved = path + np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 0.0], [0.0, -1.0]])
    keep_inside(moved, path, near(path, wall, 3.0), wall)
    assert moved[1:3, 1].max() <= 0.5
    assert moved[4].tolist() == [0.0, -10.0]


def test_a_stricter_task_leaves_the_first_as_it_was() -> None:
    """Completing a path asks for more than the path needs."""
    wanted = task(FIELD)
    allowed_m2 = wanted.allowed_m2
    assert wanted.stricter(1.0).allowed_m2 == 1.0
    assert wanted.allowed_m2 == allowed_m2


@settings(max_examples=10, deadline=None)
@given(star_polygons(), st.floats(0.0, 180.0))
def test_held_lanes_are_shifted_but_not_turned(area: shapely.Polygon, angle_deg: float) -> None:
    """Their angle stays what it was, however long a path is pulled."""
    wanted = task(area)
    way = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    middle = shapely.get_coordinates(wanted.room.polygon.representative_point())[0]
    side = np.array([-way[1], way[0]])
    points = [
        middle + 4.0 * a * way + 6.0 * b * side for a, b in ((-1, 0), (1, 0), (1, 1), (-1, 1))
    ]
    pulled = tighten(
        Trace(points, [True, False, True]),
        wanted,
        Effort(rounds=4, steps=10, elbows=False, whole=False, parallel=True),
    )
    at = np.array(pulled.trace.points)
    for lane in (at[1] - at[0], at[3] - at[2]):
        assert abs(float(lane @ side)) <= 1e-6 * float(np.hypot(*lane))


@settings(max_examples=10, deadline=None)
@given(star_polygons(), st.data())
def test_a_change_shows_only_in_the_rows_near_it(
    area: shapely.Polygon, data: st.DataObject
) -> None:
    """Looking at these tells as much as looking at all of them."""
    wanted = task(area)
    path = ringed(wanted)
    if path is None or len(path.points) < 4:
        return
    out = data.draw(st.integers(1, len(path.points) - 2))
    before = wanted.inwards(np.array(path.points))
    after = np.delete(before, out, axis=0)
    rows = wanted.rows_near(before[out - 1 : out + 2])
    near_m2 = (wanted.unseen_rows_m2(after, rows) - wanted.unseen_rows_m2(before, rows)).sum()
    all_m2 = wanted.unseen_m2(path.without([out])) - wanted.unseen_m2(path)
    assert near_m2 == pytest.approx(all_m2, abs=1e-6)
