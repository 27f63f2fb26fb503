"""Tests of `geofences.terrain_view`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geofences.errors import AboveHorizonError, TerrainGapError
from geofences.geodesy import distance_m
from geofences.normal import circular_error_m
from geofences.terrain import FlatTerrain, Terrain
from geofences.terrain_view import TerrainView, pixel_to_terrain
from geofences.view import (
    Camera,
    CameraPose,
    PoseErrors,
    pixel_to_ground,
    pixels_to_local,
    rays_enu,
)
from tests.geofences.hills import FRAME, Hills, plane, waves
from tests.geofences.shapes import HOME

FloatArray = NDArray[np.float64]

CAMERA = Camera("demo-1280", 1280, 720, 70.0)
ERRORS = PoseErrors(horizontal_m=1.2, vertical_m=1.5, heading_deg=2.0, pitch_deg=0.8)
POSE = CameraPose(0.0, HOME, 60.0, 30.0, -50.0, 0.0, ERRORS, alt_amsl_m=160.0)
PIXELS = [[640.0, 360.0], [100.0, 700.0], [1200.0, 500.0]]

poses = st.builds(
    CameraPose,
    time_s=st.just(0.0),
    position=st.just(HOME),
    height_ground_m=st.floats(10.0, 150.0),
    heading_deg=st.floats(0.0, 360.0),
    pitch_deg=st.floats(-90.0, -15.0),
    roll_deg=st.floats(-10.0, 10.0),
    errors=st.just(ERRORS),
)
pixels = st.tuples(st.floats(0.0, 1280.0), st.floats(0.0, 720.0))


@given(poses, pixels)
def test_over_flat_ground_it_is_the_flat_view(pose: CameraPose, pixel: tuple[float, float]) -> None:
    """To a centimetre, as far as rays come down within the range."""
    flat = pixels_to_local(CAMERA, pose, [pixel])[0]
    assume(np.isfinite(flat).all() and np.hypot(*flat) < 1000.0)
    cast = TerrainView(FlatTerrain(37.0), FRAME).places(CAMERA, pose, [pixel])[0]
    assert cast == pytest.approx(flat, abs=0.01)


@given(poses, pixels, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(0.0, 5.0))
def test_on_a_plane_it_is_exact_to_a_centimetre(
    pose: CameraPose, pixel: tuple[float, float], east: float, north: float, raised_m: float
) -> None:
    """Against the closed form of a ray that meets a plane, raised as what is aimed at."""
    assume(pose.height_ground_m > raised_m + 1.0)
    ray = rays_enu(CAMERA, pose, np.array([pixel]))[0]
    closing = east * ray[0] + north * ray[1] - ray[2]
    assume(closing > 0.1)
    way_m = (pose.height_ground_m - raised_m) / closing
    assume(way_m < 1000.0)
    cast = TerrainView(plane(east, north), FRAME).places(CAMERA, pose, [pixel], raised_m)[0]
    assert cast == pytest.approx(ray[:2] * way_m, abs=0.01)


@given(poses, pixels)
def test_what_is_met_lies_on_the_ray_and_on_the_ground(
    pose: CameraPose, pixel: tuple[float, float]
) -> None:
    """On hills there is no closed form; both heights are the same where it is met."""
    hills = waves(8.0, 150.0)
    view = TerrainView(hills, FRAME)
    cast = view.places(CAMERA, pose, [pixel])
    assume(np.isfinite(cast).all() and np.hypot(*cast[0]) < 1000.0)
    ray = rays_enu(CAMERA, pose, np.array([pixel]))[0]
    camera_m = 100.0 + pose.height_ground_m
    along = 1 if abs(ray[1]) > abs(ray[0]) else 0
    assume(abs(ray[along]) > 0.05)
    ray_m = camera_m + cast[0, along] / ray[along] * ray[2]
    lon, lat = FRAME.to_lonlat(cast[:, 0], cast[:, 1])
    assert ray_m == pytest.approx(hills.alt_amsl_m(lon, lat)[0], abs=0.05)


def test_a_ridge_hides_what_lies_behind() -> None:
    """The first ground on the ray is what the picture shows."""
    ridge = Hills(
        lambda east, north: np.where(abs(north - 40.0) < 10.0, 140.0, 100.0) + 0 * east, 5.0
    )
    north = replace(POSE, heading_deg=0.0, pitch_deg=-45.0)
    place = TerrainView(ridge, FRAME).places(CAMERA, north, [[640.0, 360.0]])[0]
    assert place == pytest.approx([0.0, 30.0], abs=0.1)


def test_rays_that_graze_or_look_up_have_no_place() -> None:
    """Ground that falls away as the ray does, and the sky."""
    north = replace(POSE, heading_deg=0.0, pitch_deg=-20.0)
    falling = plane(0.0, -np.tan(np.radians(19.9)))
    with pytest.raises(AboveHorizonError, match="only grazes it"):
        pixel_to_terrain(CAMERA, north, 640.0, 360.0, falling)
    with pytest.raises(AboveHorizonError, match="shows no ground"):
        pixel_to_terrain(CAMERA, replace(POSE, pitch_deg=40.0), 640.0, 360.0, plane(0, 0))


def test_a_mountain_above_the_horizon_is_ground_too() -> None:
    """A flat view would call it sky."""
    mountain = plane(0.0, 0.5)
    level = replace(POSE, heading_deg=0.0, pitch_deg=5.0)
    point = pixel_to_terrain(CAMERA, level, 640.0, 360.0, mountain)
    ahead_m = 60.0 / (0.5 - np.tan(np.radians(5.0)))
    assert distance_m(HOME, point.position) == pytest.approx(ahead_m, abs=0.01)


def test_beyond_a_gap_nothing_is_claimed() -> None:
    """Anything may stand in it, so what lies behind has no place either; what lies before has."""
    gapped = Hills(lambda east, north: np.where(abs(north - 60.0) < 10.0, np.nan, 100.0) + 0 * east)
    north = replace(POSE, heading_deg=0.0)
    with pytest.raises(TerrainGapError, match="does not know"):
        pixel_to_terrain(CAMERA, replace(north, pitch_deg=-30.0), 640.0, 360.0, gapped)
    near = pixel_to_terrain(CAMERA, replace(north, pitch_deg=-80.0), 640.0, 360.0, gapped)
    assert distance_m(HOME, near.position) < 15.0


def test_a_place_whose_error_reaches_only_gaps_is_none() -> None:
    """Known ground the size of a table tells nothing of how well it was hit."""
    table = Hills(lambda east, north: np.where(np.hypot(east, north) < 0.2, 100.0, np.nan), 0.1)
    down = replace(POSE, pitch_deg=-90.0)
    with pytest.raises(TerrainGapError):
        pixel_to_terrain(CAMERA, down, 640.0, 360.0, table)


def test_at_the_edge_of_what_is_known_one_side_tells_of_both() -> None:
    """The error is as wide as over ground that is known all round."""
    edge = Hills(lambda east, north: np.where(north < 53.0, 100.0, np.nan) + 0 * east)
    pose = replace(POSE, heading_deg=0.0, errors=replace(ERRORS, horizontal_m=0.1))
    whole = pixel_to_terrain(CAMERA, pose, 640.0, 360.0, FlatTerrain(100.0))
    cut = pixel_to_terrain(CAMERA, pose, 640.0, 360.0, edge)
    assert cut.ce90_m == pytest.approx(whole.ce90_m, rel=0.1)


def test_without_its_height_above_the_sea_a_camera_counts_from_the_ground_below() -> None:
    """As flight logs tell it."""
    below = replace(POSE, alt_amsl_m=None)
    view = TerrainView(plane(0.1, 0.2), FRAME)
    assert view.places(CAMERA, below, PIXELS) == pytest.approx(view.places(CAMERA, POSE, PIXELS))


def test_on_flat_ground_the_errors_are_those_of_the_flat_view() -> None:
    """A little wider, by what bends."""
    flat = pixel_to_ground(CAMERA, POSE, 640.0, 360.0)
    cast = pixel_to_terrain(CAMERA, POSE, 640.0, 360.0, FlatTerrain(100.0))
    assert flat.ce90_m <= cast.ce90_m <= 1.02 * flat.ce90_m


def test_a_slope_that_faces_away_makes_places_less_sure() -> None:
    """The flatter a ray meets the ground, the further an error of pitch moves it."""
    towards, away = (
        pixel_to_terrain(CAMERA, replace(POSE, heading_deg=0.0), 640.0, 360.0, plane(0.0, slope))
        for slope in (0.4, -0.4)
    )
    assert away.ce90_m > 1.5 * towards.ce90_m


@pytest.mark.parametrize(
    ("terrain", "pitch_deg"),
    [
        (FlatTerrain(100.0), -90.0),
        (plane(0.2, 0.3), -60.0),
        (plane(-0.2, -0.3), -60.0),
        (plane(0.5, 0.0), -40.0),
        (waves(10.0, 300.0), -60.0),
        (waves(15.0, 400.0), -45.0),
        (waves(6.0, 120.0), -70.0),
    ],
)
def test_nine_in_ten_truths_lie_within_ce90(terrain: Terrain, pitch_deg: float) -> None:
    """On slopes and hills: 4,000 poses drawn from their errors, 88 to 94 % inside the circle."""
    random = np.random.default_rng(7)
    view = TerrainView(terrain, FRAME)
    inside, claimed = 0, 0
    for _ in range(20):
        pose = replace(POSE, pitch_deg=pitch_deg, heading_deg=float(random.uniform(0.0, 360.0)))
        pixel = random.uniform([200.0, 120.0], [1080.0, 600.0])
        looked = view.look(CAMERA, pose, [pixel], 2.0)
        if np.isnan(looked.xy_m).any():
            continue
        radius_m = circular_error_m(looked.covariances_m2()[0], 0.9)
        truths = _true_places(view, pose, pixel, random.normal(0.0, 1.0, (200, 7)))
        inside += int((np.linalg.norm(truths - looked.xy_m[0], axis=1) <= radius_m).sum())
        claimed += len(truths)
    assert claimed > 2000
    assert 0.88 <= inside / claimed <= 0.94


def _true_places(
    view: TerrainView, pose: CameraPose, pixel: FloatArray, draws: FloatArray
) -> FloatArray:
    """Where a thing may truly be whose picture is at a pixel: one cast a draw, NaN outside."""
    errors = pose.errors
    rays = [
        rays_enu(
            CAMERA,
            replace(
                pose,
                heading_deg=pose.heading_deg + draw[0] * errors.heading_deg,
                pitch_deg=pose.pitch_deg + draw[1] * errors.pitch_deg,
            ),
            np.array([pixel + 2.0 * draw[2:4]]),
        )[0]
        for draw in draws
    ]
    spread_m = np.array([errors.horizontal_m, errors.horizontal_m, errors.vertical_m])
    origins = np.array([0.0, 0.0, 160.0]) + draws[:, 4:] * spread_m
    return view._cast(origins, np.array(rays), np.zeros(len(draws)))
