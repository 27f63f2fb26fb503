"""The airspace of an application holds all flights in few corners, with its heights."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from numpy.typing import ArrayLike

from flight.missions import Fence, Mission, PatrolPlan
from flight.papers.extent import areas, heights
from geofences.terrain import FlatTerrain, FloatArray
from tests.flight.formats.routes import FRAME, mission, missions, ring, waypoint
from tests.flight.planning.scenes import CAMERA, star_polygons


class Unknown(FlatTerrain):
    """Ground of which nobody knows the height."""

    def alt_amsl_m(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> FloatArray:
        """Not a number anywhere."""
        return super().alt_amsl_m(lon_deg, lat_deg) + np.nan


def plan_of(*made: Mission) -> PatrolPlan:
    """A plan of these missions."""
    return PatrolPlan("p1", "p", made, (), 1.0, camera=CAMERA, gimbal_pitch_deg=-60.0)


@settings(max_examples=40)
@given(star_polygons())
def test_an_area_contains_its_fence_in_few_corners(star: shapely.Polygon) -> None:
    """However pointed that is."""
    fence = Fence(FRAME.geometry_to_lonlat(star), (), 100.0)
    (area,) = areas(plan_of(mission([waypoint(0, 0)], fence=fence)))
    corners = [FRAME.to_local(corner.lon_deg, corner.lat_deg) for corner in area.corners]
    drawn = shapely.Polygon(corners)
    assert shapely.covers(shapely.buffer(drawn, 0.01), star)
    assert 3 <= len(corners) <= 16
    assert area.area_m2 == pytest.approx(drawn.area, rel=1e-3)
    top_deg = max(corner.lat_deg for corner in area.corners)
    assert area.corners[0].lat_deg == pytest.approx(top_deg, abs=1e-9)
    assert not shapely.is_ccw(shapely.LinearRing(corners))


def test_fences_that_meet_are_one_area_and_others_are_not() -> None:
    """The largest comes first."""
    boxes = [ring(0, 0, 300, 300), ring(200, 0, 500, 300), ring(5000, 0, 5100, 100)]
    made = [mission([waypoint(0, 0)], fence=Fence(box, (), 100.0)) for box in boxes]
    large, small = areas(plan_of(*made))
    assert large.area_m2 > 150_000.0
    assert 10_000.0 < small.area_m2 < 20_000.0
    assert areas(plan_of()) == ()


def test_heights_are_told_above_everything_that_is_known() -> None:
    """Above the ground only with elevation, above sea only with the altitude of home."""
    flat = mission([waypoint(0, 0, 40.0), waypoint(200, 0, 55.0)], home_alt_amsl_m=100.0)
    told = heights(plan_of(flat), FlatTerrain(90.0))
    assert told.home_m == (40.0, 55.0)
    assert told.amsl_m == (140.0, 155.0)
    assert told.ground_m == pytest.approx((50.0, 65.0))
    assert heights(plan_of(flat)).ground_m is None
    unknown = replace(flat, home_alt_amsl_m=None)
    assert heights(plan_of(flat, unknown), FlatTerrain(90.0)).amsl_m is None
    assert heights(plan_of(flat, unknown), FlatTerrain(90.0)).ground_m is None


def test_unknown_ground_is_no_height() -> None:
    """A gap below any leg leaves the true height open."""
    flat = mission([waypoint(0, 0), waypoint(200, 0)], home_alt_amsl_m=100.0)
    assert heights(plan_of(flat), Unknown(90.0)).ground_m is None
    assert heights(plan_of()).home_m == (0.0, 0.0)


@settings(max_examples=20)
@given(missions())
def test_any_mission_has_its_heights(made: Mission) -> None:
    """The highest waypoint is in the range."""
    top = max(item.height_home_m or 0.0 for item in made.items if item.flown_to is not None)
    assert heights(plan_of(made)).home_m[1] == top
    assert areas(plan_of(made))[0].area_m2 > 0.0
