"""A path being laid keeps its points, its lanes and its length, however it is changed."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from flight.planning.trace import FloatArray, Trace

metres = st.integers(-500, 500).map(float)
points = st.tuples(metres, metres).map(np.array)


@st.composite
def traces(draw: st.DrawFn, most_legs: int = 8) -> Trace:
    """Paths of lanes and links between whole metres."""
    trace = Trace.start(draw(points))
    for _ in range(draw(st.integers(0, most_legs))):
        to = draw(points)
        (trace.lane_to if draw(st.booleans()) else trace.link_to)(to)
    return trace


def laid(*at: tuple[float, float], lanes: str = "") -> Trace:
    """A path over some points; `L` is a lane, anything else a link."""
    return Trace([np.array(point, dtype=float) for point in at], [kind == "L" for kind in lanes])


def coordinates(trace: Trace) -> list[tuple[float, ...]]:
    """A path's points as tuples."""
    return [tuple(point.tolist()) for point in trace.points]


@given(traces())
def test_a_path_has_one_leg_less_than_points(trace: Trace) -> None:
    """And no leg without length."""
    assert len(trace.lanes) == len(trace.points) - 1
    assert all(math.dist(a, b) > 0.0 for a, b in zip(trace.points, trace.points[1:], strict=False))


@given(traces())
def test_the_length_is_that_of_the_line(trace: Trace) -> None:
    """A point has none."""
    assert trace.length_m == pytest.approx(shapely.length(trace.line()))


@given(traces(), points)
def test_a_leg_adds_its_own_length(trace: Trace, to: FloatArray) -> None:
    """And the path ends there."""
    before_m, step_m = trace.length_m, math.dist(trace.end, to)
    trace.link_to(to)
    assert trace.length_m == pytest.approx(before_m + step_m)
    assert math.dist(trace.end, to) < 1e-3


def test_to_where_the_path_is_no_leg_leads() -> None:
    """A lane without length is only its point."""
    trace = laid((0, 0), (10, 0), lanes="L")
    trace.lane_to(np.array([10.0, 0.0005]))
    trace.link_to(np.array([10.0, 0.0]))
    assert (len(trace.points), trace.lanes) == (2, [True])


@given(traces(), st.data())
def test_what_is_inserted_lies_between_what_was_there(trace: Trace, data: st.DataObject) -> None:
    """The old points keep their order, and the legs between the new ones are links."""
    leg = data.draw(st.integers(-1, len(trace.lanes)))
    new = data.draw(st.lists(points, min_size=1, max_size=3))
    before, lanes = coordinates(trace), list(trace.lanes)
    trace.insert(leg, new)
    at = leg + 1 if lanes else (0 if leg == -1 else 1)
    added = [tuple(point.tolist()) for point in new]
    assert coordinates(trace) == before[:at] + added + before[at:]
    assert len(trace.lanes) == len(trace.points) - 1
    assert not any(trace.lanes[at : at + len(new) - 1])


@given(traces(), st.data())
def test_a_detour_makes_no_path_shorter(trace: Trace, data: st.DataObject) -> None:
    """By the triangle's law."""
    before_m = trace.length_m
    trace.insert(data.draw(st.integers(-1, len(trace.lanes))), [data.draw(points)])
    assert trace.length_m >= before_m - 1e-6


@pytest.mark.parametrize("kind", ["L", "-"])
def test_a_leg_that_is_cut_keeps_its_kind(kind: str) -> None:
    """A lane by way of a point is two lanes, so that no later detour displaces them."""
    trace = laid((0, 0), (10, 0), (20, 0), lanes="L" + kind)
    trace.insert(1, [np.array([15.0, 0.0]), np.array([15.0, 5.0])])
    assert trace.lanes == [True, kind == "L", False, kind == "L"]


@pytest.mark.parametrize(("leg", "lanes"), [(-1, [False, True]), (1, [True, False])])
def test_beyond_its_ends_a_path_grows_by_links(leg: int, lanes: list[bool]) -> None:
    """Its lanes stay as they are."""
    trace = laid((0, 0), (10, 0), lanes="L")
    trace.insert(leg, [np.array([30.0, 30.0])])
    assert trace.lanes == lanes


@given(traces(), st.floats(1.0, 60.0))
def test_a_swath_is_no_wider_than_it_says(trace: Trace, width_m: float) -> None:
    """Discs are drawn from inside, so that coverage is never overstated."""
    swath = trace.swath(width_m)
    edge = shapely.points(shapely.get_coordinates(swath))
    assert shapely.distance(edge, trace.line()).max() <= width_m / 2.0 + 1e-6
    assert swath.area >= 0.99 * math.pi * (width_m / 2.0) ** 2


@given(traces())
def test_simplifying_moves_nothing_that_can_be_seen(trace: Trace) -> None:
    """Both ends stay, the points are some of the old ones, and no leg has lost its lane."""
    simple = trace.simplified()
    assert coordinates(simple)[0] == coordinates(trace)[0]
    assert coordinates(simple)[-1] == coordinates(trace)[-1]
    assert set(coordinates(simple)) <= set(coordinates(trace))
    assert any(simple.lanes) == any(trace.lanes)
    assert simple.length_m <= trace.length_m + 1e-6


@given(traces())
def test_simplifying_twice_is_simplifying_once(trace: Trace) -> None:
    """Nothing straight is left over."""
    once = trace.simplified()
    again = once.simplified()
    assert len(again.points) <= len(once.points)
    assert again.turns <= once.turns


def test_a_straight_joint_of_lane_and_link_is_a_lane() -> None:
    """The camera looks there, whatever it was laid for."""
    simple = laid((0, 0), (10, 0), (20, 0), (20, 10), lanes="-L-").simplified()
    assert coordinates(simple) == [(0, 0), (20, 0), (20, 10)]
    assert simple.lanes == [True, False]


def test_turning_back_is_a_turn() -> None:
    """A way out and back is straight as a line, and not as a flight."""
    there_and_back = laid((0, 0), (10, 0), (0, 0), lanes="--")
    assert there_and_back.turns == 1
    assert there_and_back.simplified().length_m == 20.0


@pytest.mark.parametrize(("bend_deg", "turns"), [(0.0, 0), (0.9, 0), (1.1, 1), (90.0, 1)])
def test_a_bend_of_a_degree_is_no_turn(bend_deg: float, turns: int) -> None:
    """Rounding bends what was laid straight."""
    bend = math.radians(bend_deg)
    corner = (10.0 + 10.0 * math.cos(bend), 10.0 * math.sin(bend))
    assert laid((0, 0), (10, 0), corner, lanes="LL").turns == turns


def test_a_point_is_a_path() -> None:
    """A cell smaller than the view is flown over once."""
    trace = Trace.start(np.array([3.0, 4.0]))
    assert (trace.length_m, trace.turns, trace.end) == (0.0, 0, (3.0, 4.0))
    assert shapely.equals(trace.line(), shapely.Point(3.0, 4.0))


def test_many_slight_bends_are_a_curve() -> None:
    """A wide circle is not cut short, however slightly each leg bends."""
    around = np.linspace(0.0, np.pi, 400)
    half = Trace(list(200.0 * np.column_stack([np.cos(around), np.sin(around)])), [True] * 399)
    simple = half.simplified(0.5)
    assert len(simple.points) < 150
    assert shapely.hausdorff_distance(simple.line(), half.line()) <= 0.5 + 1e-9


@given(traces(), st.floats(0.0, 80.0))
def test_thinning_drifts_no_farther_than_told(trace: Trace, drift_m: float) -> None:
    """Both ends stay, and a thinner path has lanes where the old one had."""
    if len(trace.points) == 1:
        return
    kept = trace.thinned(drift_m)
    assert (kept[0], kept[-1]) == (0, len(trace.points) - 1)
    thin = trace.among(kept)
    assert any(thin.lanes) == any(trace.lanes)
    for point in trace.points:
        assert shapely.distance(shapely.Point(point), thin.line()) <= drift_m + 1e-6


@pytest.mark.parametrize(("turn_deg", "turning"), [(0.0, 0.0), (90.0, 1.0), (180.0, 2.0)])
def test_turning_counts_right_angles(turn_deg: float, turning: float) -> None:
    """Slight bends hardly count."""
    turn = math.radians(turn_deg)
    corner = (10.0 + 10.0 * math.cos(turn), 10.0 * math.sin(turn))
    assert laid((0, 0), (10, 0), corner, lanes="LL").turning == pytest.approx(turning, abs=1e-9)


def test_the_swath_of_thousands_of_lanes_is_all_of_their_strips() -> None:
    """Strips that touch to the last digit, at an angle, leave no gap between the pieces."""
    lanes = 800
    along = np.where(np.arange(2 * lanes) % 4 // 2 == np.arange(2 * lanes) % 2, 0.0, 5000.0)
    across = np.repeat(20.0 * np.arange(lanes), 2)
    turn = math.radians(30.0)
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    trace = Trace(list(np.column_stack([along, across]) @ turned.T), [True] * (2 * lanes - 1))
    field = shapely.Polygon(
        np.array(
            [[0.0, 0.0], [5000.0, 0.0], [5000.0, 20.0 * lanes - 20.0], [0.0, 20.0 * lanes - 20.0]]
        )
        @ turned.T
    )
    assert field.difference(trace.swath(20.0)).area < 1e-6 * field.area
