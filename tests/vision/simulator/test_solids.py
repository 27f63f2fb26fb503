"""Shading and bounding of what stands in a scene."""

import numpy as np

from tests.vision.simulator.builders import SMALL_CAMERA, pose, scene, thing
from vision.simulator.eye import Eye
from vision.simulator.mesh import box
from vision.simulator.scene import Light, Tree
from vision.simulator.solids import foliage, set_stage, shaded, solid

UP = np.array([[0.0, 0.0, 1.0]])
SOUTH = np.array([[0.0, -1.0, 0.0]])
NORTH = np.array([[0.0, 1.0, 0.0]])
GREY = np.array([[120.0, 120.0, 120.0]])
DULL = np.zeros(1)
NOON = Light(sun_azimuth_deg=180.0, sun_elevation_deg=45.0, sun_share=1.0)


def test_a_dull_level_face_in_the_sun_keeps_its_colour() -> None:
    """The scale of brightness is the sunlit ground."""
    np.testing.assert_allclose(shaded(GREY, UP, DULL, NOON), GREY, atol=1.0)


def test_the_sunny_side_is_brighter() -> None:
    """With the sun in the south the south wall is brighter than the north wall."""
    assert shaded(GREY, SOUTH, DULL, NOON).mean() > 1.5 * shaded(GREY, NORTH, DULL, NOON).mean()


def test_under_clouds_all_sides_are_alike() -> None:
    """Without direct sun north and south walls are the same."""
    cloudy = Light(sun_azimuth_deg=180.0, sun_share=0.0)
    np.testing.assert_allclose(shaded(GREY, SOUTH, DULL, cloudy), shaded(GREY, NORTH, DULL, cloudy))


def test_gloss_mirrors_the_sky() -> None:
    """Dark glass that looks up is brighter than dull dark paint."""
    dark = np.array([[30.0, 30.0, 30.0]])
    assert shaded(dark, UP, np.ones(1), NOON).mean() > shaded(dark, UP, DULL, NOON).mean() + 20


def test_exposure_scales_brightness() -> None:
    """Half the exposure is half the brightness."""
    dim = Light(180.0, 45.0, 1.0, exposure=0.5)
    np.testing.assert_allclose(shaded(GREY, UP, DULL, dim) * 2, shaded(GREY, UP, DULL, NOON))


def test_the_ball_about_a_solid_holds_it() -> None:
    """Culling by the ball never drops a visible corner."""
    made = solid("x", box((5, 6, 7), (4, 2, 1), (9, 9, 9)), NOON)
    far = np.linalg.norm(made.corners_m.reshape(-1, 3) - made.centre_m, axis=1).max()
    assert far <= made.radius_m + 1e-9


def test_a_tree_is_lit_from_the_sun() -> None:
    """Clumps on the sunny side are brighter on average."""
    made = foliage(Tree((0.0, 0.0), 6.0, 2.0, 4), NOON)
    bright = np.array(made.colours).mean(axis=1)
    south = made.centres_m[:, 1] < -0.8
    north = made.centres_m[:, 1] > 0.8
    assert bright[south].mean() > bright[north].mean()


def test_only_what_may_be_in_view_is_drawn() -> None:
    """A car behind the camera is culled, one ahead is not."""
    stage = set_stage(
        scene(
            thing("car", "sedan", 0, 15, object_id="ahead"),
            thing("car", "sedan", 0, -60, object_id="behind"),
        )
    )
    look = Eye(SMALL_CAMERA, pose(), np.array([0.0, 0.0, 30.0]))
    solids, houses, trees = stage.in_view(look)
    assert [made.name for made in solids] == ["ahead"]
    assert not houses
    assert not trees


def test_an_empty_scene_shows_nothing() -> None:
    """Culling works on no things at all."""
    look = Eye(SMALL_CAMERA, pose(), np.array([0.0, 0.0, 30.0]))
    assert set_stage(scene()).in_view(look) == ([], [], [])
