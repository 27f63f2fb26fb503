"""The virtual camera: pictures agree with the projected truth."""

from dataclasses import replace

import numpy as np
import pytest

from geofences.view import Camera, CameraPose, local_to_pixels
from tests.vision.simulator.builders import (
    EXACT,
    OVERCAST,
    SMALL_CAMERA,
    pose,
    scene,
    thing,
)
from vision.simulator.camera import VirtualCamera
from vision.simulator.scene import Light, Material, Scene, Surface

TEXEL_M = 0.05
SQUARE = ((2.0, 16.0), (6.0, 16.0), (6.0, 20.0), (2.0, 20.0))


def square_middle(look: CameraPose, camera: Camera = SMALL_CAMERA) -> np.ndarray:
    """Return the centroid of a painted square, in pixels from the corner of the picture.

    The square is what differs between pictures of the ground with it and without it.
    """
    bare = replace(scene(), seed=3)
    paved = replace(bare, surfaces=(Surface(SQUARE, Material.CONCRETE, 0.0, 1),))
    pictures = [VirtualCamera(s, camera, TEXEL_M).render(look).astype(int) for s in (bare, paved)]
    rows, columns = np.nonzero(np.abs(pictures[1] - pictures[0]).max(axis=2) > 25)
    return np.array([columns.mean() + 0.5, rows.mean() + 0.5])


def projected_middle(camera: Camera, look: CameraPose) -> np.ndarray:
    """Return the centroid of the projected square, in pixels from the corner."""
    steps = np.linspace(2.0, 6.0, 81)
    east, north = np.meshgrid(steps, steps + 14.0)
    places = np.column_stack([east.ravel(), north.ravel(), np.zeros(east.size)])
    corners = local_to_pixels(camera, look, places)
    # Weigh each ground spot by its area in the picture: fill the polygon instead of averaging.
    grid = corners.reshape(81, 81, 2)
    a, b = np.diff(grid, axis=0)[:, :-1], np.diff(grid, axis=1)[:-1]
    area = np.abs(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
    middles = (grid[:-1, :-1] + grid[1:, 1:]) / 2
    return np.asarray((middles * area[..., None]).sum(axis=(0, 1)) / area.sum())


@pytest.mark.parametrize(
    "angles",
    [
        {},
        {"pitch_deg": -90.0, "height_m": 60.0},
        {"heading_deg": 25.0, "pitch_deg": -50.0},
        {"roll_deg": 6.0, "heading_deg": 340.0},
    ],
)
def test_painted_ground_lies_where_the_projection_says(angles: dict[str, float]) -> None:
    """The centroid of a painted square is within a pixel of the projected one."""
    look = pose(**angles)
    found = square_middle(look)
    np.testing.assert_allclose(found, projected_middle(SMALL_CAMERA, look), atol=1.0)


def test_a_distorting_lens_bends_the_ground_alike() -> None:
    """Barrel distortion of the picture is that of `geofences.view`."""
    bent = Camera("bent", 320, 180, 70.0, k1=-0.12)
    look = pose(-12.0, 8.0)
    found = square_middle(look, bent)
    straight = square_middle(look)
    steps = np.linspace(2.0, 6.0, 81) + 12.0
    east, north = np.meshgrid(steps, np.linspace(8.0, 12.0, 81))
    places = np.column_stack([east.ravel(), north.ravel(), np.zeros(east.size)])
    shift = (
        local_to_pixels(bent, look, places) - local_to_pixels(SMALL_CAMERA, look, places)
    ).mean(axis=0)
    np.testing.assert_allclose(found - straight, shift, atol=1.0)
    assert np.abs(shift).max() > 2.0


def test_a_distorting_lens_moves_the_boxes_with_the_picture() -> None:
    """Boxes are told in the pixels of the picture that is rendered, distortion included."""
    bent = Camera("bent", 320, 180, 70.0, k1=-0.12)
    car = scene(thing("car", "van", 12, 20))
    look = pose(-4.0, 4.0)
    straight = VirtualCamera(car, SMALL_CAMERA, 0.2).boxes(look)[0].xyxy_px
    moved = VirtualCamera(car, bent, 0.2).boxes(look)[0].xyxy_px
    assert abs(straight[2] - moved[2]) > 2.0


def test_the_same_scene_and_pose_give_the_same_picture() -> None:
    """Two cameras built alike render alike, to the last grey level."""
    objects = (thing("car", "sedan", 0, 17), thing("smoke", "grey", 5, 20, object_id="s"))
    lit = Light(noise_sigma=3.0)
    first = VirtualCamera(scene(*objects, light=lit), SMALL_CAMERA, 0.1)
    second = VirtualCamera(scene(*objects, light=lit), SMALL_CAMERA, 0.1)
    np.testing.assert_array_equal(first.render(pose(time_s=3.2)), second.render(pose(time_s=3.2)))


def test_a_picture_does_not_depend_on_those_before() -> None:
    """Rendering leaves no trace in the camera."""
    camera = VirtualCamera(scene(thing("car", "sedan", 0, 17)), SMALL_CAMERA, 0.1)
    alone = camera.render(pose(time_s=1.0))
    camera.render(pose(3.0, time_s=2.0))
    np.testing.assert_array_equal(alone, camera.render(pose(time_s=1.0)))


def test_smoke_changes_with_time() -> None:
    """A second later the plume looks different, the ground does not."""
    camera = VirtualCamera(scene(thing("smoke", "white", 0, 17)), SMALL_CAMERA, 0.1)
    before, after = camera.render(pose(time_s=0.0)), camera.render(pose(time_s=1.0))
    changed = np.abs(before.astype(int) - after).max(axis=2) > 12
    assert changed.any()
    assert not changed[:, :60].any()


def test_pictures_have_the_cameras_size() -> None:
    """uint8, height by width by three."""
    image = VirtualCamera(scene(), SMALL_CAMERA, 0.2).render(pose())
    assert image.shape == (180, 320, 3)
    assert image.dtype == np.uint8


def test_beyond_the_painted_ground_there_are_fields() -> None:
    """A camera far outside the scene sees land, not black."""
    image = VirtualCamera(scene(), SMALL_CAMERA, 0.2).render(pose(300.0, 300.0))
    assert image.reshape(-1, 3).min() > 10
    green = image[..., 1].astype(int) - image[..., 0]
    assert np.median(green) > 5


def test_above_the_horizon_there_is_sky() -> None:
    """A level camera sees a bright upper half and land below."""
    image = VirtualCamera(scene(), SMALL_CAMERA, 0.2).render(pose(pitch_deg=-8.0))
    assert image[5].mean() > 200
    assert image[170].mean() < 170


def test_noise_is_that_of_the_sensor() -> None:
    """The spread of a still picture against its noiseless twin is the stated sigma."""
    noisy = replace(OVERCAST, noise_sigma=4.0)
    clean = VirtualCamera(scene(), SMALL_CAMERA, 0.2).render(pose())
    grainy = VirtualCamera(scene(light=noisy), SMALL_CAMERA, 0.2).render(pose())
    assert np.std(grainy.astype(float) - clean) == pytest.approx(4.0, rel=0.15)


def test_a_large_picture_gets_noise_all_over() -> None:
    """Cameras larger than the prepared noise are served too."""
    large = Camera("large", 2200, 1500, 70.0)
    bare: Scene = scene(half_extent_m=10.0, light=replace(OVERCAST, noise_sigma=4.0))
    image = VirtualCamera(bare, large, 0.5).render(pose(height_m=6.0, pitch_deg=-90.0))
    assert image.shape == (1500, 2200, 3)
    assert pose().errors == EXACT
