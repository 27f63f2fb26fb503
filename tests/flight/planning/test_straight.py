"""Straight lanes see enough with few detours."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.cleaning import inner_rooms, polygons_of
from flight.planning.detours import unseen
from flight.planning.finishing import with_detours
from flight.planning.links import Passage
from flight.planning.ordering import order_cells
from flight.planning.straight import UNSEEN_COST, shortened, straightened
from flight.planning.sweep import sweep
from flight.planning.tightening import Task
from flight.planning.trace import Trace
from tests.flight.planning.scenes import star_polygons

SPACING_M = 20.0


def task(area: shapely.Geometry) -> Task:
    """To see the largest room of an area."""
    rooms = [room for part in polygons_of(area) for room in inner_rooms(part, SPACING_M)]
    room = max(rooms, key=lambda room: room.polygon.area)
    allowed_m2 = 0.001 * room.target.area
    return Task(room, SPACING_M, allowed_m2=allowed_m2, turn_cost_m=15.0, unseen_cost=UNSEEN_COST)


def lanes(wanted: Task, angle_rad: float) -> Trace:
    """A sweep, with links round corners."""
    room = wanted.room
    swept = sweep(room.core, room.extent, angle_rad, SPACING_M, 0.3 * SPACING_M)
    passage = Passage(room.core)
    points = np.vstack(order_cells(swept.cells, passage))
    trace = Trace.start(points[0])
    for i in range(1, len(points)):
        if i % 2:
            trace.lane_to(points[i])
        else:
            for point in passage.way(trace.end, tuple(points[i].tolist())) or []:
                trace.link_to(np.array(point))
    return trace


def unseen_share(trace: Trace, wanted: Task) -> float:
    """What a path leaves unseen, as a share of what it may, by shapely."""
    left = unseen(trace, wanted.room.target, SPACING_M)
    return float(sum(piece.area for piece in left)) / wanted.allowed_m2


@settings(max_examples=12, deadline=None)
@given(star_polygons(), st.floats(0.0, np.pi), st.booleans())
def test_lanes_see_enough_and_stay_inside(
    area: shapely.Polygon, angle_rad: float, parallel: bool
) -> None:
    """At every angle, turned or not."""
    wanted = task(area)
    passage = Passage(wanted.room.polygon)
    path = straightened(lanes(wanted, angle_rad), wanted, passage, parallel=parallel)
    done = shortened(path, wanted, passage, parallel=parallel)
    assert unseen_share(done.trace, wanted) <= 1.0 + 1e-6
    assert shapely.difference(done.trace.line(), area).length == 0.0


@pytest.mark.parametrize("parallel", [True, False])
def test_lanes_at_a_slant_need_fewer_turns_than_detours_alone(parallel: bool) -> None:
    """In a square at 30 degrees most slivers are seen by lanes that reach a little farther."""
    wanted = task(shapely.box(0.0, 0.0, 300.0, 300.0))
    passage = Passage(wanted.room.polygon)
    start = lanes(wanted, np.radians(30.0))
    plain = with_detours(start, wanted, passage, least_m2=0.0)
    path = straightened(start, wanted, passage, parallel=parallel)
    done = shortened(path, wanted, passage, parallel=parallel).trace
    assert unseen_share(done, wanted) <= 1.0 + 1e-6
    assert done.turns <= 0.9 * plain.turns
