"""Corridors: as many lanes as the width needs, all of it seen, nothing outside."""

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.corridor import Corridor, CorridorPath, LaneView, follow_corridors
from flight.planning.links import Passage, Point

ROOM = shapely.box(-300.0, -500.0, 1500.0, 500.0)
VIEW = LaneView(width_m=40.0, spacing_m=28.0)
STRAIGHT = shapely.LineString([(0.0, 0.0), (1000.0, 0.0)])

steps = st.lists(
    st.tuples(st.floats(30.0, 150.0), st.floats(-120.0, 120.0)), min_size=2, max_size=8
)
rooms = st.one_of(
    st.just(ROOM),
    st.builds(
        lambda x, y, r: shapely.difference(ROOM, shapely.Point(x, y).buffer(r, quad_segs=4)),
        st.floats(0.0, 800.0),
        st.floats(-100.0, 100.0),
        st.floats(20.0, 120.0),
    ),
)


def winding(moves: list[tuple[float, float]]) -> shapely.LineString:
    """A line that goes on to the right, up and down."""
    x, points = 0.0, [(0.0, 0.0)]
    for along, across in moves:
        x += along
        points.append((x, across))
    return shapely.LineString(points)


def follow_corridor(
    corridor: Corridor, passage: Passage, view: LaneView, home: Point | None = None
) -> CorridorPath:
    """One corridor alone."""
    return follow_corridors([corridor], passage, view, home)


@settings(max_examples=40, deadline=None)
@given(steps, st.floats(10.0, 150.0), rooms)
def test_all_of_a_corridor_is_seen_and_nothing_leaves_the_air(
    moves: list[tuple[float, float]], width_m: float, room: shapely.Geometry
) -> None:
    """However it bends, and whatever zone cuts it."""
    try:
        path = follow_corridor(Corridor(winding(moves), (width_m,)), Passage(room), VIEW)
    except NothingToCoverError:
        return
    assert path.seen_share >= 0.999
    flown = shapely.LineString(path.work.points)
    assert shapely.difference(flown, shapely.buffer(room, 1e-5)).length == 0.0
    assert shapely.difference(path.ground, shapely.buffer(room, 1e-6)).area < 1e-3


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(10.0, 140.0), min_size=2, max_size=6))
def test_a_corridor_may_widen_and_narrow(widths_m: list[float]) -> None:
    """All of it is seen too, with extra lanes only where it is wide."""
    count = len(widths_m)
    line = shapely.LineString([(1000.0 * i / (count - 1), 0.0) for i in range(count)])
    path = follow_corridor(Corridor(line, tuple(widths_m)), Passage(ROOM), VIEW)
    assert path.seen_share >= 0.999


@pytest.mark.parametrize(
    ("width_m", "lanes"), [(20.0, 1), (39.0, 1), (60.0, 2), (90.0, 3), (120.0, 4)]
)
def test_lanes_are_as_many_as_the_width_needs(width_m: float, lanes: int) -> None:
    """One along the middle where the camera sees both edges from there."""
    path = follow_corridor(Corridor(STRAIGHT, (width_m,)), Passage(ROOM), VIEW)
    assert path.lanes == lanes
    assert path.length_m == pytest.approx(1000.0 * lanes, rel=0.1)
    if lanes == 1:
        assert abs(path.work.points[:, 1]).max() == 0.0


def test_lanes_are_joined_at_their_ends() -> None:
    """Like the rows of a field: the ways between are no longer than the lanes are apart."""
    path = follow_corridor(Corridor(STRAIGHT, (90.0,)), Passage(ROOM), VIEW)
    assert path.length_m <= 3 * 1000.0 + 2 * 28.0 + 1e-6


def test_a_zone_across_is_flown_round_once() -> None:
    """All lanes before it, then all lanes behind it."""
    zone = shapely.box(450.0, -200.0, 550.0, 200.0)
    path = follow_corridor(
        Corridor(STRAIGHT, (90.0,)), Passage(shapely.difference(ROOM, zone)), VIEW
    )
    assert path.length_m <= 3 * 900.0 + 4 * 30.0 + 2.0 * math.hypot(200.0, 450.0)


def test_extra_lanes_end_where_the_corridor_is_narrow() -> None:
    """From 20 m to 120 m wide: most of it needs fewer than the most lanes."""
    path = follow_corridor(Corridor(STRAIGHT, (20.0, 120.0)), Passage(ROOM), VIEW)
    assert path.lanes == 5
    # The lanes 28 m and 56 m beside the middle begin 190 m and 750 m along.
    assert 3120.0 < path.length_m < 3120.0 + 10 * 28.0


def test_the_flight_begins_and_ends_towards_home() -> None:
    """Two lanes from home's side come back to it."""
    corridor = Corridor(STRAIGHT, (60.0,))
    path = follow_corridor(corridor, Passage(ROOM), VIEW, (-100.0, 0.0))
    assert path.work.points[[0, -1], 0].tolist() == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(
    ("line", "widths_m", "message"),
    [
        (STRAIGHT, (), "cannot have 0 widths"),
        (STRAIGHT, (20.0, 30.0, 40.0), "Give one, or one for each point"),
        (STRAIGHT, (20.0, -5.0), "wider than 0 m, not -5 m"),
        (shapely.LineString([(1, 1), (1, 1)]), (20.0,), "0.0 m cannot have"),
    ],
)
def test_an_impossible_corridor_is_refused(
    line: shapely.LineString, widths_m: tuple[float, ...], message: str
) -> None:
    """With what to give instead."""
    with pytest.raises(PlanningError, match=message):
        Corridor(line, widths_m)


def test_a_view_narrower_than_its_lanes_is_refused() -> None:
    """It would leave strips between them."""
    with pytest.raises(PlanningError, match="overlap less"):
        LaneView(width_m=20.0, spacing_m=30.0)


def test_a_corridor_where_nobody_may_fly_is_refused() -> None:
    """Rather than answered with an empty path."""
    far = Passage(shapely.box(5000.0, 0.0, 6000.0, 1000.0))
    with pytest.raises(NothingToCoverError, match="Choose another one"):
        follow_corridor(Corridor(STRAIGHT, (20.0,)), far, VIEW)


def test_several_corridors_are_one_tour() -> None:
    """Three roads side by side: their lanes follow each other, without a way home in between."""
    roads = [shapely.LineString([(0.0, y), (1000.0, y)]) for y in (0.0, 100.0, 200.0)]
    path = follow_corridors([Corridor(road, (30.0,)) for road in roads], Passage(ROOM), VIEW)
    assert path.length_m == pytest.approx(3 * 1000.0 + 2 * 100.0)
    assert path.seen_share >= 0.999
