"""Scenes: what may stand in them, and how their light falls."""

import math

import numpy as np
import pytest

from tests.vision.simulator.builders import place
from vision.simulator.scene import CLASS_NAMES, Light, SceneObject


def test_an_object_of_an_unknown_class_is_refused() -> None:
    """The camera draws nine classes and no other."""
    with pytest.raises(ValueError, match="unicorn"):
        SceneObject("x", "unicorn", place(0, 0), 0.0, 1.0, 1.0, 1.0, "", 0)


@pytest.mark.parametrize("size", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, -0.1)])
def test_an_object_without_extent_is_refused(size: tuple[float, float, float]) -> None:
    """Length and width are above zero, height is not below."""
    with pytest.raises(ValueError, match="sizes"):
        SceneObject("x", "car", place(0, 0), 0.0, *size, "sedan", 0)


def test_a_pothole_may_have_no_height() -> None:
    """What lies flat has a height of zero."""
    item = SceneObject("x", "pothole", place(0, 0), 0.0, 1.0, 1.0, 0.0, "dry", 0)
    assert item.height_m == 0.0


def test_the_sun_in_the_south_shines_from_the_south() -> None:
    """The vector to the sun has its azimuth clockwise from north and its elevation."""
    towards = Light(sun_azimuth_deg=180.0, sun_elevation_deg=30.0).towards_sun
    expected = [0.0, -math.cos(math.radians(30)), 0.5]
    np.testing.assert_allclose(towards, expected, atol=1e-12)


def test_the_class_names_are_those_of_the_shared_contract() -> None:
    """Order matters: it is the class id of the training pictures."""
    expected = "person two_wheeler car truck_bus garbage smoke fire pothole stall"
    assert tuple(expected.split()) == CLASS_NAMES
