"""Random villages: repeatable, varied, and not crammed into each other."""

import math
from itertools import combinations

import numpy as np
import pytest

from vision.simulator.random_scene import HALF_EXTENT_M, ROOM_M, random_light, random_scene
from vision.simulator.scene import CLASS_NAMES, Scene


def village(seed: int) -> Scene:
    """Return a random scene."""
    return random_scene(np.random.default_rng(seed))


def test_the_same_seed_gives_the_same_village() -> None:
    """Everything follows from the generator's state."""
    assert village(4) == village(4)
    assert village(4) != village(5)


def test_villages_hold_all_classes() -> None:
    """Over a few villages no class is missing, and none is rare."""
    counts = dict.fromkeys(CLASS_NAMES, 0)
    for seed in range(6):
        for item in village(seed).objects:
            counts[item.class_name] += 1
    assert min(counts.values()) >= 5


@pytest.mark.parametrize("seed", range(3))
def test_objects_keep_their_distance(seed: int) -> None:
    """No car stands in a stall, no person in a lorry."""
    scene = village(seed)
    frame = scene.frame
    places = [
        (*frame.to_local(o.position.lon_deg, o.position.lat_deg), ROOM_M[o.class_name])
        for o in scene.objects
    ]
    for a, b in combinations(places, 2):
        assert math.hypot(a[0] - b[0], a[1] - b[1]) > a[2] + b[2] - 0.01


@pytest.mark.parametrize("seed", range(3))
def test_everything_stands_inside_the_scene(seed: int) -> None:
    """No object is beyond the painted ground."""
    scene = village(seed)
    for item in scene.objects:
        east, north = scene.frame.to_local(item.position.lon_deg, item.position.lat_deg)
        assert max(abs(east), abs(north)) < HALF_EXTENT_M


def test_light_varies_from_clear_to_overcast() -> None:
    """Suns, exposures and noise cover a wide range."""
    lights = [random_light(np.random.default_rng(seed)) for seed in range(40)]
    assert min(light.sun_share for light in lights) < 0.3
    assert max(light.sun_share for light in lights) > 0.8
    assert max(light.exposure for light in lights) > 1.3 * min(light.exposure for light in lights)
