"""Streets become a graph: split, joined, clipped, and without what is seen in passing."""

import numpy as np
import pytest
import shapely

from flight.planning.street_graph import Street, StreetGraph, build_graph

ROOM = shapely.box(-1000.0, -1000.0, 1000.0, 1000.0)


def graph(*streets: Street, room: shapely.Geometry = ROOM, view_m: float = 10.0) -> StreetGraph:
    """Of some streets, seen 10 m wide, ends joined over 3 m."""
    return build_graph(streets, room, view_width_m=view_m, snap_m=3.0)


def street(*points: tuple[float, float], width_m: float = 6.0) -> Street:
    """A street through some points."""
    return Street(shapely.LineString(points), width_m)


def degrees(found: StreetGraph) -> list[int]:
    """How many block ends are at each node, ascending."""
    ends = [node for block in found.blocks for node in (block.start, block.end)]
    return sorted(np.bincount(ends, minlength=len(found.nodes)).tolist())


def test_streets_are_split_where_they_cross() -> None:
    """Two that cross are four blocks round one node."""
    found = graph(street((-100, 0), (100, 0)), street((0, -100), (0, 100)))
    assert degrees(found) == [1, 1, 1, 1, 4]
    assert found.length_m == pytest.approx(400.0)


def test_an_end_near_another_street_is_joined_to_it() -> None:
    """Two metres short of the crossing is a drawing error."""
    found = graph(street((-100, 0), (100, 0)), street((0, 2), (0, 100)))
    assert degrees(found) == [1, 1, 1, 3]
    assert found.length_m == pytest.approx(300.0)


def test_a_street_drawn_a_little_too_far_has_no_stub() -> None:
    """Nobody flies to the end of a metre."""
    found = graph(street((-100, 0), (100, 0)), street((0, -1), (0, 100)))
    assert degrees(found) == [1, 1, 1, 3]


def test_a_street_given_twice_is_one() -> None:
    """Also where the second goes the other way."""
    found = graph(street((-100, 0), (100, 0)), street((100, 0), (-100, 0)))
    assert len(found.blocks) == 1


def test_the_second_carriageway_is_seen_from_the_first() -> None:
    """If the view is wide enough for both; else both are flown."""
    road = (street((-100, 0), (100, 0)), street((-100, 12), (100, 12)))
    assert len(graph(*road, view_m=40.0).blocks) == 1
    assert len(graph(*road, view_m=20.0).blocks) == 2


def test_a_wide_street_is_flown_as_often_as_its_width_needs() -> None:
    """Side by side, so that together all of it is seen."""
    found = graph(street((-100, 0), (100, 0), width_m=27.0))
    assert sorted(block.points[0][1] for block in found.blocks) == pytest.approx([-9.0, 0.0, 9.0])


def test_a_bend_too_sharp_to_fly_beside_is_flown_all_the_same() -> None:
    """The lane inside it may vanish, but never both."""
    found = graph(street((0, 0), (3, 30), (6, 0), width_m=40.0), view_m=20.0)
    assert found.length_m > 30.0


def test_a_zone_beside_the_middle_cuts_only_the_lane_that_it_meets() -> None:
    """The other one is flown through."""
    room = shapely.difference(ROOM, shapely.box(-10.0, 2.0, 10.0, 20.0))
    found = graph(street((-100, 0), (100, 0), width_m=20.0), room=room)
    assert sorted(block.length_m for block in found.blocks) == pytest.approx(
        [90.0, 90.0, 200.0], abs=0.1
    )


def test_streets_end_where_nobody_may_fly() -> None:
    """What lies beyond is told, and not asked of the camera."""
    zone = shapely.box(-20.0, -20.0, 20.0, 20.0)
    found = graph(street((-100, 0), (100, 0)), room=shapely.difference(ROOM, zone))
    assert len(found.blocks) == 2
    assert found.closed_m == pytest.approx(40.0, abs=0.1)
    assert shapely.intersection(found.ground, zone).area == 0.0


def test_nothing_is_left_in_a_closed_room() -> None:
    """No block, and all metres told."""
    found = graph(street((-100, 0), (100, 0)), room=shapely.box(500, 500, 600, 600))
    assert not found.blocks
    assert found.closed_m == pytest.approx(200.0)


def test_a_street_has_no_negative_width() -> None:
    """Nor an endless one."""
    with pytest.raises(ValueError, match="0 m wide or more"):
        street((0, 0), (1, 1), width_m=-1.0)
