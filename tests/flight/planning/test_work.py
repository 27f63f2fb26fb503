"""Work paths refuse what cannot be divided or flown."""

import math
from typing import Any

import numpy as np
import pytest

from flight.planning.work import Stop, WorkPath

POINTS = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 5.0], [0.0, 5.0]])


def test_a_path_is_points_in_order() -> None:
    """Without cuts it is flown as a whole, filming."""
    path = WorkPath(POINTS)
    assert (path.cuts, dict(path.stops), path.films) == ((), {}, True)


def test_pieces_may_share_a_point_or_be_one() -> None:
    """Two lanes can meet in a point, and a place that is hovered at is a piece by itself."""
    assert WorkPath(POINTS, ((1, 1), (2, 3))).cuts == ((1, 1), (2, 3))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"points": np.zeros((0, 2))}, "at least one"),
        ({"points": np.zeros((3, 3))}, "at least one"),
        ({"points": np.array([[0.0, math.nan]])}, "not a number"),
        ({"points": POINTS, "cuts": ((2, 1),)}, "ascend"),
        ({"points": POINTS, "cuts": ((1, 2), (1, 2))}, "ascend"),
        ({"points": POINTS, "cuts": ((2, 3), (0, 1))}, "ascend"),
        ({"points": POINTS, "cuts": ((3, 4),)}, "outside"),
        ({"points": POINTS, "cuts": ((-1, 0),)}, "outside"),
        ({"points": POINTS, "stops": {4: Stop(1.0)}}, "outside"),
    ],
)
def test_an_impossible_path_is_refused(given: dict[str, Any], message: str) -> None:
    """The sentence says what is wrong with it."""
    with pytest.raises(ValueError, match=message):
        WorkPath(**given)


@pytest.mark.parametrize("hover_s", [-1.0, math.inf, math.nan])
def test_a_stop_lasts_a_while(hover_s: float) -> None:
    """Neither backwards nor for ever."""
    with pytest.raises(ValueError, match="0 seconds or more"):
        Stop(hover_s)


def test_a_camera_looks_at_a_place() -> None:
    """Not at what is no number."""
    with pytest.raises(ValueError, match="cannot look at"):
        Stop(look_at=(math.nan, 0.0))
    with pytest.raises(ValueError, match="cannot look at"):
        Stop(look_at=(1.0, 0.0), look_at_height_home_m=math.inf)


def test_long_legs_are_divided_and_links_are_not() -> None:
    """Points in between, each a place to cut; stops stay where they were."""
    points = np.array([[0.0, 0.0], [900.0, 0.0], [900.0, 700.0], [0.0, 700.0]])
    path = WorkPath(points, ((1, 2),), {3: Stop(5.0)})
    short = path.in_short_legs(400.0)
    assert short.points[:, 0].tolist() == [0.0, 300.0, 600.0, 900.0, 900.0, 600.0, 300.0, 0.0]
    assert short.cuts == ((1, 1), (2, 2), (3, 4), (5, 5), (6, 6))
    assert dict(short.stops) == {7: Stop(5.0)}
    same = path.in_short_legs(1000.0)
    assert (same.points.tolist(), same.cuts) == (path.points.tolist(), path.cuts)
    alone = WorkPath(points[:1]).in_short_legs(100.0)
    assert alone.points.tolist() == [[0.0, 0.0]]
