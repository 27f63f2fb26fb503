"""The painted ground: directions, shadows, roads and resolutions."""

from dataclasses import replace

import numpy as np

from tests.vision.simulator.builders import scene, thing
from vision.simulator.ground import Canvas, paint_ground
from vision.simulator.scene import Light, Material, RoadStrip, Surface
from vision.simulator.solids import set_stage

TEXEL_M = 0.1


def painted(what: object, texel_m: float = TEXEL_M) -> np.ndarray:
    """Return the first level of a scene's ground."""
    return paint_ground(set_stage(what), texel_m).levels[0].astype(int)  # type: ignore[arg-type]


def test_east_is_right_and_north_is_up() -> None:
    """A pond in the north-east is painted in the upper right."""
    pond = Surface(((10, 10), (20, 10), (20, 20), (10, 20)), Material.WATER)
    bare, wet = painted(scene()), painted(replace(scene(), surfaces=(pond,)))
    rows, columns = np.nonzero(np.abs(wet - bare).max(axis=2) > 15)
    assert rows.max() <= 152
    assert columns.min() >= 348


def test_texels_count_from_the_north_west() -> None:
    """The corner of the picture is the north-west of the scene."""
    canvas = Canvas(np.zeros((500, 500, 3), np.uint8), 25.0, 0.1, 0)
    np.testing.assert_allclose(canvas.texels([[-25, 25], [0, 0]]), [[0, 0], [250, 250]])


def test_shadows_fall_away_from_the_sun() -> None:
    """With the sun in the south the ground north of a lorry is darker than south of it."""
    light = Light(sun_azimuth_deg=180.0, sun_elevation_deg=35.0, sun_share=1.0, noise_sigma=0.0)
    lorry = thing("truck_bus", "box_truck", 0, 0, heading_deg=90.0)
    change = painted(scene(lorry, light=light)) - painted(scene(light=light))
    north = change[250 - 40 : 250 - 18, 240:260].mean()
    south = change[250 + 18 : 250 + 40, 240:260].mean()
    assert north < -15
    assert abs(south) < 3


def test_there_is_no_shadow_without_sun() -> None:
    """Under clouds only the ground right beneath the lorry is darker."""
    lorry = thing("truck_bus", "box_truck", 0, 0, heading_deg=90.0)
    change = painted(scene(lorry)) - painted(scene())
    assert abs(change[250 - 40 : 250 - 22, 240:260].mean()) < 3
    assert change[245:255, 245:255].mean() < -15


def test_a_road_is_as_wide_as_stated() -> None:
    """Across a road of 8 m, eight metres are asphalt between gravel shoulders."""
    road = replace(scene(), roads=(RoadStrip(((-60.0, 0.0), (60.0, 0.0)), 8.0, marked=False),))
    change = np.abs(painted(road) - painted(scene())).max(axis=2)
    changed = (change > 12).mean(axis=1) > 0.5
    assert 80 <= changed.sum() <= 96


def test_markings_are_bright() -> None:
    """A marked road has white lines that an unmarked one has not."""
    line = ((-60.0, 0.0), (60.0, 0.0))
    plain = painted(replace(scene(), roads=(RoadStrip(line, 8.0, marked=False),)))
    marked = painted(replace(scene(), roads=(RoadStrip(line, 8.0, marked=True),)))
    assert (marked.min(axis=2) > 170).sum() > (plain.min(axis=2) > 170).sum() + 500


def test_levels_halve() -> None:
    """Each level is half as large as the one before."""
    levels = paint_ground(set_stage(scene(half_extent_m=50.0)), TEXEL_M).levels
    assert [level.shape[0] for level in levels] == [1000, 500, 250]


def test_a_surface_partly_outside_is_cut() -> None:
    """Painting over the edge of the scene is no error."""
    wide = Surface(((-90, -90), (90, -90), (90, 0), (-90, 0)), Material.SOIL, 30.0)
    assert painted(replace(scene(), surfaces=(wide,))).shape == (500, 500, 3)


def test_a_surface_wholly_outside_is_left_out() -> None:
    """What lies beyond the scene changes nothing."""
    far = Surface(((90, 90), (99, 90), (99, 99)), Material.WATER)
    np.testing.assert_array_equal(painted(replace(scene(), surfaces=(far,))), painted(scene()))


def test_a_fire_blackens_the_ground() -> None:
    """The ground under a fire is darker than without it."""
    change = painted(scene(thing("fire", "fire", 0, 0))) - painted(scene())
    assert change[245:255, 245:255].mean() < -30
