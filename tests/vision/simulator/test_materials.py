"""Textures: seamless, tinted like their material, varied by seed."""

import numpy as np
import pytest

from vision.simulator.materials import TILE_PX, cloud, fitting_m, tile
from vision.simulator.scene import Material


def made(material: Material, seed: int = 1) -> np.ndarray:
    """Return a texture at 5 cm."""
    return tile(material, 0.05, np.random.default_rng(seed)).astype(int)


@pytest.mark.parametrize("material", list(Material))
def test_a_texture_is_a_full_tile(material: Material) -> None:
    """Every material can be made, and is neither flat nor black."""
    texture = made(material)
    assert texture.shape == (TILE_PX, TILE_PX, 3)
    assert texture.std() > 2
    assert texture.mean() > 40


def test_smooth_noise_repeats_without_a_seam() -> None:
    """The step across the edge is no larger than steps inside."""
    noise = cloud(np.random.default_rng(3), (256, 256), (24.0,))
    inside = np.abs(np.diff(noise, axis=0)).max()
    across = np.abs(noise[0] - noise[-1]).max()
    assert across <= 1.5 * inside


def test_grass_is_green_and_soil_is_brown() -> None:
    """Colours are those of the thing."""
    grass, soil = made(Material.GRASS).mean(axis=(0, 1)), made(Material.SOIL).mean(axis=(0, 1))
    assert grass[1] > grass[0]
    assert soil[2] > soil[1] > soil[0]


def test_a_fire_lane_is_hatched_in_yellow() -> None:
    """Hatched asphalt has yellow lines, plain asphalt has none."""

    def yellow(texture: np.ndarray) -> float:
        return float((texture[..., 2] - texture[..., 0] > 60).mean())

    assert yellow(made(Material.HATCHED)) > 0.08
    assert yellow(made(Material.ASPHALT)) < 0.001


@pytest.mark.parametrize(("pitch_m", "texel_m"), [(2.4, 0.05), (0.8, 0.06), (5.0, 0.04)])
def test_fitting_pitches_divide_the_tile(pitch_m: float, texel_m: float) -> None:
    """A whole number of pitches fits, close to what was asked."""
    fitted = fitting_m(pitch_m, texel_m)
    count = TILE_PX * texel_m / fitted
    assert count == pytest.approx(round(count))
    assert fitted == pytest.approx(pitch_m, rel=0.1)


def test_seeds_vary_the_tint() -> None:
    """Ten fields are not all of one colour."""
    means = [made(Material.CROP, seed).mean(axis=(0, 1)) for seed in range(4)]
    assert np.ptp(np.array(means), axis=0).max() > 8
