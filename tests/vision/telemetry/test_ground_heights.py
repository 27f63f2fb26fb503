"""Tests of `vision.telemetry.ground_heights`: no height is taken for another."""

import math
from pathlib import Path

import numpy as np
import pytest

from geofences.geodesy import LonLat
from geofences.geoid import separation_m
from geofences.terrain import FlatTerrain, Terrain
from tests.geofences.rasters import write_raster
from tests.vision.telemetry.builders import track
from vision.errors import PoseError
from vision.telemetry.ground_heights import (
    FLAT_SIGMA_M,
    GEOID_SIGMA_M,
    TERRAIN_SIGMA_M,
    ground_heights,
)
from vision.telemetry.track import HeightAbove, Heights, PoseTrack

GROUND = FlatTerrain(30.0)


def told(**heights_m: float) -> PoseTrack:
    """A track with these heights, each good to a metre."""
    made = {
        HeightAbove(name.replace("_", "-")): Heights(np.full(4, value), 1.0)
        for name, value in heights_m.items()
    }
    return track(heights=made)


@pytest.mark.parametrize(
    ("source", "terrain", "height_m", "sigma_m"),
    [
        (told(ground=40.0), None, 40.0, 1.0),
        (told(take_off=40.0), None, 40.0, math.hypot(1.0, FLAT_SIGMA_M)),
        (told(sea_level=70.0), GROUND, 40.0, math.hypot(1.0, TERRAIN_SIGMA_M)),
        (told(take_off=40.0), GROUND, 40.0, math.hypot(1.0, TERRAIN_SIGMA_M, TERRAIN_SIGMA_M)),
    ],
)
def test_each_reference_becomes_a_height_above_ground(
    source: PoseTrack, terrain: Terrain | None, height_m: float, sigma_m: float
) -> None:
    """With the error of what it took."""
    way = ground_heights(source, terrain)
    assert way.at(source.at(1.0))[0] == pytest.approx(height_m)
    assert way.sigma_m == pytest.approx(sigma_m)


def test_a_height_above_the_ellipsoid_is_brought_down_by_the_geoid() -> None:
    """Which lies under the ellipsoid here, so the same number is another height."""
    source = told(ellipsoid=70.0)
    way = ground_heights(source, GROUND)
    geoid_m = float(separation_m(115.62, 33.16))
    height_m, alt_m = way.at(source.at(0.0))
    assert abs(geoid_m) > 1.0
    assert (height_m, alt_m) == pytest.approx((40.0 - geoid_m, 70.0 - geoid_m), abs=1e-3)
    assert way.sigma_m == pytest.approx(math.hypot(1.0, TERRAIN_SIGMA_M, GEOID_SIGMA_M))


def test_over_hills_heights_above_take_off_count_from_home(tmp_path: Path) -> None:
    """Ground that rises by 10 m a row takes as much of the height away."""
    rows = np.mgrid[:60, :60][0]
    hill = write_raster(tmp_path / "hill.tif", np.asarray(60.0 - rows, np.float32))
    source = told(take_off=40.0)
    way = ground_heights(source, Terrain.from_files(hill))
    start, later = source.at(0.0), source.at(3.0)
    assert way.at(start)[0] == pytest.approx(40.0, abs=1e-3)
    climbed_m = (later.position.lat_deg - start.position.lat_deg) / 0.001
    assert way.at(later)[0] == pytest.approx(40.0 - climbed_m, abs=1e-3)


def test_a_home_that_somebody_names_goes_before_the_tracks() -> None:
    """As films often begin far from it."""
    source = told(take_off=40.0)
    way = ground_heights(source, GROUND, home=LonLat(115.7, 33.2))
    assert way.at(source.at(0.0)) == (40.0, 70.0)


def test_without_terrain_a_height_above_sea_level_is_no_height_above_ground() -> None:
    """The message names the options that would help."""
    with pytest.raises(PoseError, match=r"--terrain PATH, or --ground-alt METRES"):
        ground_heights(told(sea_level=70.0), None)
    with pytest.raises(PoseError, match="the ellipsoid"):
        ground_heights(told(ellipsoid=70.0), None)


def test_a_height_of_nobody_knows_what_has_to_be_named() -> None:
    """Only the person can say; afterwards it is like any other."""
    with pytest.raises(PoseError, match="--height-above"):
        ground_heights(told(unstated=40.0), GROUND)
    stated = ground_heights(told(unstated=40.0), None, stated=HeightAbove.TAKE_OFF)
    assert stated.at(told(unstated=40.0).at(0.0))[0] == 40.0
    over_sea = ground_heights(told(unstated=70.0), GROUND, stated=HeightAbove.SEA_LEVEL)
    assert over_sea.at(told(unstated=70.0).at(0.0)) == (40.0, 70.0)


def test_a_height_that_would_lie_under_the_ground_is_a_mix_up() -> None:
    """40 m above the take-off called 40 m above sea level, over ground of 300 m."""
    with pytest.raises(PoseError, match="under the ground"):
        ground_heights(told(sea_level=40.0), FlatTerrain(300.0))


def test_the_surest_way_is_taken() -> None:
    """A barometer over a known home goes before an absolute height of 20 m error."""
    made = {
        HeightAbove.TAKE_OFF: Heights(np.full(4, 40.0), 1.5),
        HeightAbove.SEA_LEVEL: Heights(np.full(4, 90.0), 20.0),
    }
    source = track(heights=made)
    assert ground_heights(source, GROUND).above is HeightAbove.TAKE_OFF
    unknown_home = track(heights=made, home=None)
    assert ground_heights(unknown_home, GROUND).above is HeightAbove.SEA_LEVEL
    assert ground_heights(unknown_home, None).above is HeightAbove.TAKE_OFF


def test_a_record_that_begins_on_the_ground_knows_its_home() -> None:
    """The first position is where it took off."""
    heights = {HeightAbove.TAKE_OFF: Heights(np.array([0.2, 10.0, 20.0, 30.0]), 1.5)}
    way = ground_heights(track(heights=heights, home=None), GROUND)
    assert way.terrain is GROUND
