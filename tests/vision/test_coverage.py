"""What a pass looked at: the ground in the picture, near enough to find things on it."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.cells import Cell
from geofences.geodesy import LocalFrame
from geofences.view import Camera, local_to_pixels
from tests.vision.builders import CAMERA, HOME, pose
from vision.coverage import (
    LEAST_PX_PER_M,
    LEVELS_PX_PER_M,
    Coverage,
    looked_at,
    seen_shares,
)

FRAME = LocalFrame(HOME)
WHOLE = LEVELS_PX_PER_M.index(LEAST_PX_PER_M)


def cell(code: str, west_m: float, south_m: float, east_m: float, north_m: float) -> Cell:
    """A rectangular cell, in metres around home."""
    box = FRAME.geometry_to_lonlat(shapely.box(west_m, south_m, east_m, north_m))
    return Cell(code, box, code, "", "")


def test_straight_down_the_picture_is_a_rectangle() -> None:
    """Its width is that of the field of view."""
    area = looked_at(CAMERA, pose(pitch_deg=-90.0), FRAME)
    half_m = 40.0 * np.tan(np.radians(35.0))
    west, south, east, north = area.bounds
    assert (west, east) == pytest.approx((-half_m, half_m), abs=0.01)
    assert (south, north) == pytest.approx((-half_m * 720 / 1280, half_m * 720 / 1280), abs=0.01)


@given(
    st.floats(-200, 200),
    st.floats(-200, 200),
    st.floats(-80, -20),
    st.floats(0, 359),
)
def test_ground_was_looked_at_if_the_picture_shows_it_near_enough(
    east_m: float, north_m: float, pitch_deg: float, heading_deg: float
) -> None:
    """As the projection of single points tells it, but for a margin at the borders."""
    here = pose(pitch_deg=pitch_deg, heading_deg=heading_deg)
    x_px, y_px = local_to_pixels(CAMERA, here, [[east_m, north_m, 0.0]])[0]
    away_m = float(np.hypot(np.hypot(east_m, north_m), 40.0))
    reach_m = CAMERA.focal_px / LEAST_PX_PER_M
    inside = 0 <= x_px <= 1280 and 0 <= y_px <= 720 and away_m <= reach_m
    area = looked_at(CAMERA, here, FRAME)
    point = shapely.Point(east_m, north_m)
    if area.boundary.distance(point) > 0.5:
        assert area.contains(point) == inside


def test_too_high_or_into_the_sky_nothing_is_looked_at() -> None:
    """A metre of ground is then too few pixels, or there is no ground."""
    high = replace(pose(pitch_deg=-90.0), height_ground_m=110.0)
    assert looked_at(CAMERA, high, FRAME).is_empty
    assert looked_at(CAMERA, pose(pitch_deg=45.0), FRAME).is_empty
    wide = Camera("4k", 3840, 2160, 70.0)
    assert not looked_at(wide, high, FRAME).is_empty


def test_what_the_detector_is_shown_counts_and_not_what_the_film_holds() -> None:
    """A film three times as large of which it is shown a third shows it no more."""
    width_px, height_px = CAMERA.size_wh_px
    plain, shrunk = Coverage(CAMERA, FRAME), Coverage(CAMERA, FRAME)
    high = replace(pose(pitch_deg=-60.0), height_ground_m=80.0)
    for _ in range(3):
        plain.look(high, (width_px, height_px))
        shrunk.look(high, (3 * width_px, 3 * height_px), 1 / 3)
    for one, other in zip(plain.areas_m(), shrunk.areas_m(), strict=True):
        assert one.symmetric_difference(other).area == pytest.approx(0.0, abs=1e-6)


def test_the_larger_things_must_be_shown_the_less_ground_was_looked_at() -> None:
    """From a height, what has to be shown larger was in view nowhere."""
    coverage = Coverage(CAMERA, FRAME)
    for _ in range(3):
        coverage.look(replace(pose(pitch_deg=-60.0), height_ground_m=60.0), CAMERA.size_wh_px)
    sizes_m2 = [each.area for each in coverage.areas_m()]
    assert sizes_m2 == sorted(sizes_m2, reverse=True)
    assert sizes_m2[0] > sizes_m2[-1] == 0.0
    assert [each.is_empty for each in coverage.areas().values()] == [not s for s in sizes_m2]


def test_a_pass_covers_what_its_pictures_cover() -> None:
    """Along a lane north: cells below it wholly, at its side in part, others not at all."""
    coverage = Coverage(CAMERA, FRAME)
    for north_m in range(0, 201, 2):
        coverage.look(pose(float(north_m), pitch_deg=-90.0), CAMERA.size_wh_px)
    under, beside = cell("A", -20, 20, 20, 60), cell("B", 20, 20, 36, 60)
    shares = seen_shares(
        [under, beside, cell("C", 50, 20, 90, 60)], coverage.areas()[LEAST_PX_PER_M]
    )
    half_m = 40.0 * np.tan(np.radians(35.0))
    assert shares == {"A": 1.0, "B": pytest.approx((half_m - 20) / 16, abs=0.01)}


def test_ground_that_was_in_view_for_a_moment_was_not_looked_at() -> None:
    """No rule would have told what lies there; whoever goes on later knows what came before."""
    whole = Coverage(CAMERA, FRAME)
    looks = [pose(north_m, pitch_deg=-90.0) for north_m in (0.0, 8.0, 16.0)]
    for each in looks[:2]:
        whole.look(each, CAMERA.size_wh_px)
    assert whole.areas_m()[WHOLE].is_empty
    later = Coverage(CAMERA, FRAME, whole.areas_m(), whole.latest)
    for coverage in (whole, later):
        coverage.look(looks[2], CAMERA.size_wh_px)
        shown = [looked_at(CAMERA, each, FRAME) for each in looks]
        expected = shown[0].intersection(shown[2])
        assert 0 < expected.area < 0.5 * shown[0].area
        area = coverage.areas_m()[WHOLE]
        assert area.symmetric_difference(expected).area < 0.02 * expected.area


def test_a_pass_that_saw_nothing_covers_nothing() -> None:
    """Neither ground nor cells."""
    area = Coverage(CAMERA, FRAME).areas()[LEAST_PX_PER_M]
    assert area.is_empty
    assert seen_shares([cell("A", -20, 20, 20, 60)], area) == {}


def test_on_a_small_film_of_a_large_camera_less_was_looked_at() -> None:
    """A metre is as many pixels as the film has for it, whatever the camera could have shown."""
    width_px, height_px = CAMERA.size_wh_px
    large, small = Coverage(CAMERA, FRAME), Coverage(CAMERA, FRAME)
    for _ in range(3):
        small.look(pose(pitch_deg=-20.0), (width_px, height_px))
        large.look(pose(pitch_deg=-20.0), (2 * width_px, 2 * height_px))
    assert 0.0 < small.areas_m()[WHOLE].area < 0.9 * large.areas_m()[WHOLE].area
