"""The bodies of objects: each kind has its stated size and stands on the ground."""

import numpy as np
import pytest

from tests.vision.simulator.builders import thing
from vision.simulator.catalogue import KINDS
from vision.simulator.mesh import Mesh
from vision.simulator.people import person
from vision.simulator.solids import object_mesh

SOLID_KINDS = [
    (class_name, kind.name)
    for class_name, kinds in KINDS.items()
    for kind in kinds
    if class_name not in ("smoke", "fire", "pothole")
]


def body(class_name: str, kind: str, seed: int = 7) -> Mesh:
    """Return the mesh of a usual object."""
    mesh = object_mesh(thing(class_name, kind, seed=seed))
    assert mesh is not None
    return mesh


@pytest.mark.parametrize(("class_name", "kind"), SOLID_KINDS)
def test_a_body_fills_its_stated_size(class_name: str, kind: str) -> None:
    """Length, width and height agree with the catalogue, but for mirrors, lamps and limbs."""
    if class_name == "person":
        return
    item = thing(class_name, kind)
    size = np.ptp(body(class_name, kind).corners_m.reshape(-1, 3), axis=0)
    stated = np.array([item.length_m, item.width_m, item.height_m])
    slack = np.array([0.45, 0.6, 0.75])
    assert (np.abs(size - stated) < slack).all(), size


@pytest.mark.parametrize(("class_name", "kind"), SOLID_KINDS)
def test_a_body_stands_on_the_ground(class_name: str, kind: str) -> None:
    """Its lowest corner is at the ground, give or take a bag's dent."""
    lowest = body(class_name, kind).corners_m[..., 2].min()
    assert -0.25 < lowest < 0.3


@pytest.mark.parametrize(("class_name", "kind"), SOLID_KINDS)
def test_the_same_seed_makes_the_same_body(class_name: str, kind: str) -> None:
    """Shapes and colours follow from the seed alone."""
    first, second = body(class_name, kind), body(class_name, kind)
    np.testing.assert_array_equal(first.corners_m, second.corners_m)
    np.testing.assert_array_equal(first.colours, second.colours)


@pytest.mark.parametrize("class_name", ["car", "truck_bus", "two_wheeler", "stall", "garbage"])
def test_another_seed_makes_another_look(class_name: str) -> None:
    """Ten seeds give more than two looks."""
    kind = KINDS[class_name][0].name
    looks = {body(class_name, kind, seed).colours.tobytes() for seed in range(10)}
    assert len(looks) > 2


@pytest.mark.parametrize("height_m", [1.2, 1.7, 1.9])
def test_a_person_has_the_height_asked_for(height_m: float) -> None:
    """From the soles to the hair."""
    tall = np.ptp(person(height_m, 3).corners_m[..., 2])
    assert tall == pytest.approx(height_m, rel=0.03)


def test_a_car_is_symmetric_about_its_middle() -> None:
    """Left and right sides mirror each other."""
    corners = body("car", "sedan").corners_m.reshape(-1, 3)
    assert corners[:, 1].max() == pytest.approx(-corners[:, 1].min(), abs=1e-6)


@pytest.mark.parametrize("class_name", ["smoke", "fire", "pothole"])
def test_what_is_no_solid_has_no_mesh(class_name: str) -> None:
    """Smoke, fire and holes are drawn by other means."""
    assert object_mesh(thing(class_name, KINDS[class_name][0].name)) is None


def test_an_unknown_kind_is_an_error() -> None:
    """A typing error in a scene does not become some other car."""
    with pytest.raises(KeyError):
        thing("car", "submarine")
