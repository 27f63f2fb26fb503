"""What hardly anything is seen from is left out, and nothing else."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.cleaning import inner_rooms, polygons_of
from flight.planning.links import Passage
from flight.planning.pruning import pruned
from flight.planning.tightening import Task
from flight.planning.trace import Trace
from tests.flight.planning.scenes import star_polygons

SPACING_M = 20.0
STRIP = shapely.box(0.0, 0.0, 200.0, 20.0)
SPUR = [(10.0, 10.0), (100.0, 10.0), (100.0, 14.0), (100.0, 10.0), (190.0, 10.0)]
KINDS = [True, False, False, True]


def task(area: shapely.Geometry, allowed: float) -> Task:
    """To see all of an area but a share of it."""
    rooms = [room for part in polygons_of(area) for room in inner_rooms(part, SPACING_M)]
    room = max(rooms, key=lambda room: room.polygon.area)
    allowed_m2 = allowed * room.target.area
    return Task(room, SPACING_M, allowed_m2=allowed_m2, turn_cost_m=15.0)


def trace(points: list[tuple[float, float]], lanes: list[bool]) -> Trace:
    """A path through points."""
    return Trace([np.array(point) for point in points], list(lanes))


def test_a_spur_that_sees_nothing_is_left_out() -> None:
    """The lane goes on straight, still one lane."""
    wanted = task(STRIP, 0.05)
    for parallel in (True, False):
        path = pruned(trace(SPUR, KINDS), wanted, Passage(wanted.room.polygon), parallel=parallel)
        at = path.simplified().points
        assert len(at) == 2
        assert path.lanes == [True] * len(path.lanes)


def test_a_spur_that_sees_what_must_be_seen_stays() -> None:
    """Into a bay beside the strip."""
    bay = shapely.union(STRIP, shapely.box(85.0, 20.0, 115.0, 45.0))
    wanted = task(bay, 0.01)
    path = trace([(x, 36.0 if y == 14.0 else y) for x, y in SPUR], KINDS)
    kept = pruned(path, wanted, Passage(wanted.room.polygon), parallel=True)
    assert len(kept.points) == len(path.points)


def test_lanes_that_are_held_are_not_turned() -> None:
    """A step between two lanes could be left out, but would turn one of them."""
    steps = trace([(10.0, 9.0), (100.0, 9.0), (100.0, 11.0), (190.0, 11.0)], [True, False, True])
    wanted = task(STRIP, 0.2)
    passage = Passage(wanted.room.polygon)
    held = pruned(steps, wanted, passage, parallel=True)
    loose = pruned(steps, wanted, passage, parallel=False)
    assert len(held.points) == 4
    assert len(loose.points) < 4


def test_a_corner_of_the_room_is_not_cut() -> None:
    """The two arms of an L do not see each other past its inner corner."""
    arms = shapely.union(shapely.box(0, 0, 200, 14), shapely.box(0, 0, 14, 200))
    wanted = task(arms, 0.3)
    corner = trace([(190.0, 7.0), (7.0, 7.0), (7.0, 190.0)], [True, True])
    kept = pruned(corner, wanted, Passage(wanted.room.polygon), parallel=False)
    assert len(kept.points) == 3


@settings(max_examples=15, deadline=None)
@given(star_polygons(), st.integers(0, 2**31), st.floats(0.0, 0.5), st.booleans())
def test_a_pruned_path_stays_inside_and_sees_enough(
    area: shapely.Polygon, seed: int, allowed: float, parallel: bool
) -> None:
    """Whatever the path, it gets no longer and no blinder than is allowed."""
    wanted = task(area, allowed)
    passage = Passage(wanted.room.polygon)
    rng = np.random.default_rng(seed)
    low_x, low_y, high_x, high_y = wanted.room.polygon.bounds
    spots = np.column_stack([rng.uniform(low_x, high_x, 12), rng.uniform(low_y, high_y, 12)])
    path = Trace.start(passage.nearest_inside(spots[0]))
    for number, spot in enumerate(spots[1:]):
        for point in passage.way(path.end, tuple(passage.nearest_inside(spot))) or []:
            (path.lane_to if number % 2 else path.link_to)(np.array(point))
    shorter = pruned(path, wanted, passage, parallel=parallel)
    assert shorter.length_m <= path.length_m + 1e-6
    assert shapely.difference(shorter.line(), area).length == 0.0
    unseen_m2 = wanted.unseen_m2(shorter)
    assert unseen_m2 <= max(wanted.allowed_m2, wanted.unseen_m2(path)) + 1e-6
