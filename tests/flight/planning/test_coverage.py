"""The laws of coverage: nothing outside, nothing forgotten, whatever the place and direction."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.coverage import CoveragePath, FloatArray, cover
from flight.planning.straight import StraightLanes
from tests.flight.planning.scenes import holed_polygons, star_polygons

SPACING_M = 20.0
SQUARE = shapely.box(0.0, 0.0, 200.0, 200.0)
U_SHAPE = shapely.Polygon(
    [(0, 0), (300, 0), (300, 200), (200, 200), (200, 60), (100, 60), (100, 200), (0, 200)]
)


def swath(path: CoveragePath, spacing_m: float = SPACING_M) -> shapely.Geometry:
    """Everything within half a spacing of a path, drawn more finely than the planner does."""
    lines = [shapely.linestrings(run) if len(run) > 1 else shapely.Point(*run) for run in path.runs]
    return shapely.union_all(
        [shapely.buffer(line, spacing_m / 2.0, quad_segs=32) for line in lines]
    )


def _length_m(run: FloatArray) -> float:
    """An aircraft that need not slow down takes a path's length."""
    return float(np.hypot(*np.diff(run, axis=0).T).sum())


def _careful_m(run: FloatArray) -> float:
    """An aircraft that slows down at every corner takes longer."""
    return _length_m(run) + 20.0 * len(run)


def covered(path: CoveragePath, area: shapely.Geometry, spacing_m: float = SPACING_M) -> float:
    """Share of an area within half a spacing of a path, computed anew."""
    return float(shapely.intersection(swath(path, spacing_m), area).area / area.area)


def outside_m(path: CoveragePath, area: shapely.Geometry) -> float:
    """Length of a path outside an area."""
    lines = [shapely.linestrings(run) for run in path.runs if len(run) > 1]
    return float(sum(shapely.difference(line, area).length for line in lines))


@pytest.mark.parametrize(("lanes", "wide"), [(2, 1.8), (3, 2.6), (3, 2.9), (4, 3.8)])
@pytest.mark.parametrize("long", [15.0, 80.0])
def test_strips_are_flown_along(lanes: int, wide: float, long: float) -> None:
    """Few long lanes, not hundreds of short ones, whichever way the strip runs."""
    level = shapely.box(0.0, 0.0, long * SPACING_M, wide * SPACING_M)
    strip = affinity.rotate(level, 23.0, origin=(0.0, 0.0))
    path = cover(strip, SPACING_M)
    assert path.length_m <= 1.02 * lanes * long * SPACING_M
    assert covered(path, strip) >= 0.999
    assert outside_m(path, strip) == 0.0


@settings(max_examples=12, deadline=None)
@given(star_polygons())
def test_simple_polygons_are_covered_from_inside(area: shapely.Polygon) -> None:
    """Every simple polygon is covered to 99.9 % without leaving it."""
    path = cover(area, SPACING_M)
    assert outside_m(path, area) == 0.0
    assert covered(path, area) >= 0.999


@settings(max_examples=12, deadline=None)
@given(holed_polygons())
def test_holes_are_flown_round(area: shapely.Geometry) -> None:
    """Polygons with holes are covered without flying over a hole, and the share seen is told."""
    path = cover(area, SPACING_M)
    assert outside_m(path, area) == 0.0
    assert covered(path, area) >= 0.999
    assert path.covered_fraction == pytest.approx(covered(path, area), abs=1e-3)


@settings(max_examples=6, deadline=None)
@given(star_polygons(), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_moving_an_area_moves_its_path(
    area: shapely.Polygon, east_m: float, north_m: float
) -> None:
    """Length and coverage do not depend on where the area lies."""
    here = cover(area, SPACING_M)
    there = cover(affinity.translate(area, east_m, north_m), SPACING_M)
    assert there.length_m == pytest.approx(here.length_m, rel=0.02)
    assert there.covered_fraction == pytest.approx(here.covered_fraction, abs=1e-3)


@settings(max_examples=6, deadline=None)
@given(star_polygons(), st.floats(0.0, 360.0))
def test_turning_an_area_keeps_it_covered(area: shapely.Polygon, turn_deg: float) -> None:
    """Coverage does not depend on how the area lies."""
    turned = affinity.rotate(area, turn_deg, origin=(0.0, 0.0))
    path = cover(turned, SPACING_M)
    assert covered(path, turned) >= 0.999
    assert path.length_m == pytest.approx(cover(area, SPACING_M).length_m, rel=0.2)


@settings(max_examples=6, deadline=None)
@given(star_polygons(), st.floats(-60.0, 60.0), st.floats(-60.0, 60.0))
def test_a_zone_cut_out_is_never_entered(area: shapely.Polygon, x_m: float, y_m: float) -> None:
    """Cutting a zone out keeps the path out of it, and the rest covered."""
    zone = shapely.Point(x_m, y_m).buffer(25.0)
    rest = shapely.difference(area, zone)
    path = cover(rest, SPACING_M)
    assert all(not shapely.linestrings(run).crosses(zone) for run in path.runs if len(run) > 1)
    assert covered(path, rest) >= 0.999


@settings(max_examples=6, deadline=None)
@given(star_polygons(), st.floats(-60.0, 60.0), st.floats(-60.0, 60.0))
def test_no_path_is_shorter_than_the_ground_it_sees_asks_for(
    area: shapely.Polygon, x_m: float, y_m: float
) -> None:
    """A zone cut out never lets a path undercut the bound: seen ground over the spacing."""
    for ground in (area, shapely.difference(area, shapely.Point(x_m, y_m).buffer(25.0))):
        path = cover(ground, SPACING_M)
        ends_m2 = len(path.runs) * math.pi * (SPACING_M / 2.0) ** 2
        assert path.length_m * SPACING_M + ends_m2 >= path.covered_fraction * ground.area


@settings(max_examples=6, deadline=None)
@given(star_polygons(), st.floats(0.0, 360.0), st.floats(-1e4, 1e4))
def test_coverage_does_not_depend_on_place_and_direction(
    area: shapely.Polygon, turn_deg: float, away_m: float
) -> None:
    """Wherever an area lies, the goal is met, and what is told is true."""
    there = affinity.translate(affinity.rotate(area, turn_deg, origin=(0.0, 0.0)), away_m, away_m)
    path = cover(there, SPACING_M)
    assert path.covered_fraction >= 0.999
    assert path.covered_fraction == pytest.approx(covered(path, there), abs=1e-4)


@settings(max_examples=8, deadline=None)
@given(star_polygons(), st.floats(25.0, 120.0))
def test_few_lanes_cover_as_well_as_many(area: shapely.Polygon, spacing_m: float) -> None:
    """Areas of one to some lanes are covered from inside, too."""
    path = cover(area, spacing_m)
    assert outside_m(path, area) == 0.0
    assert covered(path, area, spacing_m) >= 0.999


def test_the_stated_figures_are_those_of_the_path() -> None:
    """Length, turns and coverage can be recomputed from the points."""
    path = cover(U_SHAPE, SPACING_M)
    (run,) = path.runs
    assert path.length_m == pytest.approx(shapely.linestrings(run).length, rel=1e-3)
    assert path.turns == len(run) - 2
    assert path.covered_fraction == pytest.approx(covered(path, U_SHAPE), abs=2e-3)
    assert len(path.lanes[0]) == len(run) - 1


def test_a_square_takes_little_more_than_its_area_asks_for() -> None:
    """Length over area by spacing is below 1.1 for a plain square of 100 spacings."""
    assert cover(SQUARE, SPACING_M).length_m / (SQUARE.area / SPACING_M) < 1.1


def test_lanes_lie_along_a_long_field() -> None:
    """Fewer turns: the lanes of a long field run along it."""
    field = affinity.rotate(shapely.box(0.0, 0.0, 600.0, 100.0), 30.0, origin=(0.0, 0.0))
    assert cover(field, SPACING_M).angle_deg == pytest.approx(30.0, abs=1.0)


def test_separate_parts_are_separate_runs() -> None:
    """No way inside joins two islands, so the path has two runs."""
    islands = shapely.union_all([SQUARE, affinity.translate(SQUARE, 400.0, 0.0)])
    path = cover(islands, SPACING_M)
    assert len(path.runs) == 2
    assert covered(path, islands) >= 0.999


def test_a_strip_narrower_than_a_lane_takes_one_pass() -> None:
    """One line down the middle is enough."""
    strip = shapely.box(0.0, 0.0, 500.0, 2.0)
    (run,) = cover(strip, SPACING_M).runs
    assert run[:, 1] == pytest.approx(np.full(len(run), 1.0), abs=0.5)
    assert abs(run[-1, 0] - run[0, 0]) < 500.0


def test_a_spot_smaller_than_the_view_is_one_point() -> None:
    """What is seen from one place is flown over once."""
    path = cover(shapely.box(0.0, 0.0, 1.0, 1.0), SPACING_M)
    assert path.length_m < 1.0
    assert path.covered_fraction == pytest.approx(1.0)


def test_a_hairline_spur_does_not_turn_the_lanes() -> None:
    """A spur of 20 cm neither adds flight nor decides the direction."""
    spur = shapely.union(shapely.box(0, 0, 600, 100), shapely.box(300, -400, 300.2, 0))
    path = cover(spur, SPACING_M)
    plain = cover(shapely.box(0, 0, 600, 100), SPACING_M)
    assert path.length_m == pytest.approx(plain.length_m, rel=0.05)
    assert path.angle_deg % 180.0 == pytest.approx(0.0, abs=1.0)


def test_collinear_vertices_change_nothing() -> None:
    """The path depends on the shape, not on how densely it was drawn."""
    dense = shapely.segmentize(SQUARE, 7.0)
    assert cover(dense, SPACING_M).length_m == pytest.approx(
        cover(SQUARE, SPACING_M).length_m, rel=0.01
    )


def test_a_crossed_outline_is_repaired() -> None:
    """A bow-tie is two triangles, and both are covered."""
    bow_tie = shapely.Polygon([(0, 0), (200, 200), (200, 0), (0, 200)])
    path = cover(bow_tie, SPACING_M)
    assert covered(path, shapely.make_valid(bow_tie)) >= 0.999


def test_the_same_area_gives_the_same_path() -> None:
    """Nothing is left to chance."""
    assert np.array_equal(cover(U_SHAPE, SPACING_M).runs[0], cover(U_SHAPE, SPACING_M).runs[0])


@pytest.mark.parametrize("spacing_m", [0.0, -1.0, math.nan, math.inf])
def test_a_spacing_must_be_positive(spacing_m: float) -> None:
    """The message says what the spacing was."""
    with pytest.raises(PlanningError, match="spacing must be more than 0"):
        cover(SQUARE, spacing_m)


@pytest.mark.parametrize("area", [shapely.Polygon(), shapely.LineString([(0, 0), (9, 9)])])
def test_nothing_cannot_be_covered(area: shapely.Geometry) -> None:
    """An empty area is refused with advice."""
    with pytest.raises(NothingToCoverError, match="Choose other cells"):
        cover(area, SPACING_M)


def test_a_coordinate_that_is_no_number_is_refused() -> None:
    """NaN in an outline is named, not spread."""
    broken = shapely.Polygon([(0, 0), (math.inf, 5), (5, 5)])
    with pytest.raises(PlanningError, match="not a number"):
        cover(broken, SPACING_M)


def test_a_thread_of_ground_is_refused() -> None:
    """Ground thinner than a thousandth of the spacing cannot be flown over."""
    with pytest.raises(NothingToCoverError, match="too thin"):
        cover(shapely.box(0.0, 0.0, 900.0, 0.02), SPACING_M)


@settings(max_examples=8, deadline=None)
@given(star_polygons(), st.floats(15.0, 40.0))
def test_straight_lanes_keep_to_one_angle(area: shapely.Polygon, spacing_m: float) -> None:
    """Nine tenths of their length, but for the lean that pulling gives the few of small areas."""
    path = cover(area, spacing_m, straight=StraightLanes(_length_m, one_angle=True))
    assert path.covered_fraction >= 0.999
    steps = np.vstack([np.diff(run, axis=0) for run in path.runs])
    lane = np.concatenate([np.array(lanes) for lanes in path.lanes])
    angles = np.degrees(np.arctan2(steps[lane, 1], steps[lane, 0])) - path.angle_deg
    off_deg = np.abs((angles + 90.0) % 180.0 - 90.0)
    lengths_m = np.hypot(*steps[lane].T)
    assert lengths_m[off_deg < 10.0].sum() >= 0.9 * lengths_m.sum()


@settings(max_examples=12, deadline=None)
@given(holed_polygons(), st.floats(12.0, 40.0))
def test_lanes_of_several_angles_cover_from_inside(
    area: shapely.Geometry, spacing_m: float
) -> None:
    """Turned lanes see as much, and never leave the area or enter a hole."""
    path = cover(area, spacing_m, straight=StraightLanes(_length_m))
    assert outside_m(path, area) == 0.0
    assert covered(path, area, spacing_m) >= 0.999


def test_the_wings_of_an_area_have_lanes_of_their_own() -> None:
    """Two long wings are flown along each, not one of them across."""
    wing = shapely.box(0.0, 0.0, 700.0, 100.0)
    wings = shapely.union(wing, affinity.rotate(wing, 120.0, origin=(50.0, 50.0)))
    path = cover(wings, SPACING_M, straight=StraightLanes(_careful_m))
    (run,) = path.runs
    steps = np.diff(run, axis=0)[np.array(path.lanes[0])]
    angles_deg = np.degrees(np.arctan2(steps[:, 1], steps[:, 0])) % 180.0
    lengths_m = np.hypot(*steps.T)
    for wanted_deg in (0.0, 120.0):
        off_deg = np.abs((angles_deg - wanted_deg + 90.0) % 180.0 - 90.0)
        assert lengths_m[off_deg < 10.0].sum() >= 0.35 * lengths_m.sum()


def test_the_quickest_of_the_paths_tried_is_taken() -> None:
    """By the time that is asked for; leaving points out only makes it quicker."""
    asked: list[float] = []

    def time_s(run: FloatArray) -> float:
        asked.append(_careful_m(run))
        return asked[-1]

    (run,) = cover(U_SHAPE, SPACING_M, straight=StraightLanes(time_s)).runs
    assert len(asked) >= 3
    assert _careful_m(run) <= min(asked) + 1e-6


def test_vast_areas_take_straight_lanes_without_further_search() -> None:
    """More than a hundred lanes either way: one angle, all seen, no time asked for."""
    field = shapely.box(0.0, 0.0, 2600.0, 2400.0)

    def never(_: FloatArray) -> float:
        raise AssertionError

    path = cover(field, SPACING_M, straight=StraightLanes(never))
    assert path.covered_fraction >= 0.999
    assert outside_m(path, field) == 0.0
    assert path.length_m <= 1.02 * field.area / SPACING_M
