"""Smoke rises and drifts, flames stay low; both follow from seed and time."""

import numpy as np
import pytest

from tests.vision.simulator.builders import thing
from vision.simulator.plumes import layered, puffs_at, sprites

STILL = (0.0, 0.0)


@pytest.mark.parametrize("class_name", ["smoke", "fire"])
def test_the_same_moment_looks_the_same(class_name: str) -> None:
    """Nothing but seed and time decides."""
    item = thing(class_name, {"smoke": "grey", "fire": "fire"}[class_name])
    first, second = (puffs_at(item, (0.0, 0.0), STILL, 3.7) for _ in range(2))
    np.testing.assert_array_equal(first.centres_m, second.centres_m)
    later = puffs_at(item, (0.0, 0.0), STILL, 4.1)
    assert not np.allclose(first.centres_m, later.centres_m)


def test_smoke_widens_upwards_and_thins_out() -> None:
    """High puffs are larger and weaker than low ones."""
    puffs = puffs_at(thing("smoke", "grey"), (0.0, 0.0), STILL, 0.0)
    low, high = puffs.centres_m[:, 2] < 4, puffs.centres_m[:, 2] > 8
    assert puffs.radii_m[high].mean() > 1.3 * puffs.radii_m[low].mean()
    assert puffs.strength[high].mean() < puffs.strength[low].max()


def test_smoke_drifts_with_the_wind() -> None:
    """An east wind component carries the top of the plume east of its foot."""
    puffs = puffs_at(thing("smoke", "white"), (10.0, 5.0), (2.0, 0.0), 1.0)
    high = puffs.centres_m[:, 2] > 8
    assert puffs.centres_m[high, 0].mean() > 12


def test_flames_stay_on_the_fire() -> None:
    """No flame leaves the burning area or its height by much."""
    item = thing("fire", "fire")
    for time_s in np.linspace(0, 5, 11):
        puffs = puffs_at(item, (0.0, 0.0), (3.0, 0.0), float(time_s))
        assert np.abs(puffs.centres_m[:, :2]).max() < item.length_m * 0.6
        assert 0 < puffs.centres_m[:, 2].max() < item.height_m * 1.1


def test_soot_is_dark_and_steam_is_white() -> None:
    """The kind decides the tone."""
    tones = {
        kind: puffs_at(thing("smoke", kind), (0.0, 0.0), STILL, 0.0).colours.mean()
        for kind in ("black", "grey", "white")
    }
    assert tones["black"] < 80 < tones["grey"] < 180 < tones["white"]


def test_sprites_are_soft_discs() -> None:
    """Full in the middle, nothing at the corners."""
    stamps = sprites(1)
    assert stamps.min() >= 0
    assert stamps.max() <= 1
    assert (stamps[:, 44:52, 44:52] > 0.5).all()
    assert not stamps[:, :3, :3].any()


@pytest.mark.parametrize("side", [100, 400])
def test_layers_stay_between_clear_and_opaque(side: int) -> None:
    """Opacity is a share whatever the window's size, and colour is a colour."""
    puffs = puffs_at(thing("smoke", "grey"), (0.0, 0.0), STILL, 0.0)
    count = len(puffs.radii_m)
    pixels = np.random.default_rng(1).uniform(0, side, (count, 2))
    window = (0, 0, side, side)
    colour, alpha = layered(pixels, np.full(count, side / 5), puffs, sprites(1), window)
    assert alpha.shape == (side, side)
    assert colour.shape == (side, side, 3)
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert alpha.max() > 0.5
    assert colour.max() <= 256


def test_puffs_beyond_the_window_leave_it_clear() -> None:
    """What lies outside is not drawn."""
    puffs = puffs_at(thing("smoke", "grey"), (0.0, 0.0), STILL, 0.0)
    far = np.full((len(puffs.radii_m), 2), -500.0)
    _, alpha = layered(far, np.full(len(far), 20.0), puffs, sprites(1), (0, 0, 50, 50))
    assert not alpha.any()
