"""The catalogue of kinds."""

import numpy as np
import pytest

from tests.vision.simulator.builders import place
from vision.simulator.catalogue import KINDS, known_object, some_object
from vision.simulator.scene import CLASS_NAMES


def test_every_class_has_kinds() -> None:
    """Nothing the camera draws is without a usual size."""
    assert set(KINDS) == set(CLASS_NAMES)
    assert all(KINDS.values())


@pytest.mark.parametrize("class_name", CLASS_NAMES)
def test_random_objects_stay_near_their_usual_size(class_name: str) -> None:
    """Sizes vary, within reason."""
    rng = np.random.default_rng(2)
    for index in range(40):
        item = some_object(f"o{index}", class_name, place(0, 0), 10.0, rng)
        usual = {kind.name: kind.size_m for kind in KINDS[class_name]}[item.kind]
        assert 0.6 <= item.length_m / usual[0] <= 1.6


def test_a_known_object_has_the_usual_size_and_a_steady_look() -> None:
    """Its seed follows from its id."""
    first = known_object("car-1", "car", "sedan", place(0, 0), 10.0, None)
    again = known_object("car-1", "car", "sedan", place(0, 0), 10.0, None)
    other = known_object("car-2", "car", "sedan", place(0, 0), 10.0, None)
    assert first == again
    assert first.seed != other.seed
    assert (first.length_m, first.width_m, first.height_m) == KINDS["car"][0].size_m


def test_an_unknown_kind_is_refused() -> None:
    """A typing error is not drawn as something else."""
    with pytest.raises(KeyError):
        known_object("x", "car", "submarine", place(0, 0), 0.0, None)
