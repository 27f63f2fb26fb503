"""The ground along a whole route."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from flight.planning.route_ground import GroundBelow, ground_under, stretch_ceilings
from geofences.geodesy import distance_m
from tests.flight.planning.grounds import FRAME, ground, hills

ROUTE_M = np.array([[-900.0, -200.0], [800.0, 300.0], [800.0, 400.0], [-700.0, 500.0]])


@settings(max_examples=40)
@given(seed=st.integers(0, 300), most_m=st.floats(0.05, 5.0))
def test_thinning_keeps_the_ground_to_the_stated_height(
    tmp_path_factory: pytest.TempPathFactory, seed: int, most_m: float
) -> None:
    """Every knot left out is within the stated height of the line between those that stay."""
    terrain = ground(tmp_path_factory.mktemp("thin"), hills(seed, 90.0))
    full = ground_under(ROUTE_M, GroundBelow(terrain, FRAME, 0.0), 120.0)
    thin = full.thinned(most_m)
    line_m = np.interp(full.distance_m, thin.distance_m, thin.alt_amsl_m)
    assert np.abs(line_m - full.alt_amsl_m).max() <= most_m + 1e-6
    assert len(thin.distance_m) < len(full.distance_m)
    assert thin.corner.sum() == full.corner.sum() == len(ROUTE_M)
    assert thin.points_m[thin.corner] == pytest.approx(ROUTE_M, abs=1e-6)


def test_knots_lie_on_the_route(tmp_path: Path) -> None:
    """Their points and distances are those of the route, legs after one another."""
    terrain = ground(tmp_path, hills(1, 50.0))
    found = ground_under(ROUTE_M, GroundBelow(terrain, FRAME, 0.0), 120.0)
    line = shapely.LineString(ROUTE_M)
    assert shapely.distance(shapely.points(found.points_m), line).max() < 1e-6
    assert found.distance_m[-1] == pytest.approx(line.length)
    assert (np.diff(found.distance_m) > 0.0).all()
    assert not found.unknown.any()


def test_gaps_are_runs_with_places_and_lengths(tmp_path: Path) -> None:
    """Bridged, the ground runs straight from edge to edge and the gap stays marked."""
    heights = hills(4, 50.0)
    heights[:, 40:50] = -9999.0
    below = GroundBelow(ground(tmp_path, heights), FRAME, 0.0)
    found = ground_under(np.array([[-1000.0, 0.0], [1000.0, 0.0]]), below, 120.0)
    (run,) = found.runs(found.unknown)
    assert run.length_m == pytest.approx(11 * 27.97, abs=1.0)
    assert distance_m(run.position, found.place(run.first)) == 0.0
    bridged = found.bridged()
    edges = found.alt_amsl_m[[run.first, run.last]]
    assert np.isfinite(bridged.alt_amsl_m).all()
    inside = bridged.alt_amsl_m[run.first : run.last + 1]
    known = edges[np.isfinite(edges)]
    assert len(known) >= 1
    assert inside.min() >= heights[heights > 0].min()
    assert bridged.unknown.tolist() == found.unknown.tolist()


def test_a_stretch_has_the_lowest_ceiling_it_touches() -> None:
    """Ceilings may overlap, and their edge counts."""
    points_m = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [30.0, 0.0], [40.0, 0.0]])
    zones = ((shapely.box(10.0, -5.0, 25.0, 5.0), 60.0), (shapely.box(22.0, -5.0, 24.0, 5.0), 40.0))
    assert stretch_ceilings(points_m, zones, 120.0).tolist() == [60.0, 60.0, 40.0, 120.0]
    assert stretch_ceilings(points_m[:1], zones, 120.0).tolist() == []
