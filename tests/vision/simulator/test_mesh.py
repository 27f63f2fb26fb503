"""Meshes: outward faces, exact extents, and placement by heading."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.simulator.mesh import (
    Mesh,
    box,
    ellipsoid,
    faces,
    heading_matrix,
    joined,
    limb,
    recoloured,
    tilted,
)

GREY = (120.0, 120.0, 120.0)


def extent(mesh: Mesh) -> np.ndarray:
    """Return the size of a mesh along its axes."""
    return np.asarray(np.ptp(mesh.corners_m.reshape(-1, 3), axis=0))


def points_outward(mesh: Mesh) -> bool:
    """Whether each face of a convex mesh about the origin looks away from it."""
    middles = mesh.corners_m.mean(axis=1)
    return bool((np.einsum("ij,ij->i", mesh.normals(), middles) > 0).all())


def test_a_box_has_its_size_and_looks_outward() -> None:
    """Twelve-odd faces, all turned out, spanning the size asked for."""
    mesh = box((0, 0, 0), (4.0, 2.0, 1.0), GREY)
    np.testing.assert_allclose(extent(mesh), [4.0, 2.0, 1.0])
    assert points_outward(mesh)


def test_a_limb_looks_outward_along_any_axis() -> None:
    """A bar is closed and turned out whichever way it lies."""
    for end in ((0, 0, 1), (1, 0, 0), (0, 1, 0), (0.3, -0.5, 0.8)):
        start = tuple(-value for value in end)
        assert points_outward(limb(start, end, (0.2, 0.1), GREY)), end


def test_a_ball_looks_outward() -> None:
    """An ellipsoid is turned out all round."""
    assert points_outward(ellipsoid((0, 0, 0), (1.0, 2.0, 0.5), GREY))


def test_a_triangle_has_a_normal() -> None:
    """A quad with its last corner twice still knows where it looks."""
    mesh = faces([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]], GREY)
    np.testing.assert_allclose(mesh.normals(), [[0, 0, 1]], atol=1e-12)


@pytest.mark.parametrize(
    ("heading_deg", "front"),
    [(0.0, [0, 1, 0]), (90.0, [1, 0, 0]), (180.0, [0, -1, 0]), (270.0, [-1, 0, 0])],
)
def test_the_front_looks_along_the_heading(heading_deg: float, front: list[float]) -> None:
    """Forward turns to north at 0 and clockwise from there."""
    np.testing.assert_allclose(heading_matrix(heading_deg) @ [1, 0, 0], front, atol=1e-12)


def test_left_is_west_of_a_mesh_that_looks_north() -> None:
    """The y axis of a mesh is its left."""
    np.testing.assert_allclose(heading_matrix(0.0) @ [0, 1, 0], [-1, 0, 0], atol=1e-12)


@given(st.floats(-720, 720), st.tuples(*[st.floats(-50, 50)] * 3))
def test_placing_keeps_shape(heading_deg: float, place_m: tuple[float, float, float]) -> None:
    """Distances between corners survive turning and moving, and faces still look out."""
    mesh = box((0, 0, 0), (4.0, 2.0, 1.0), GREY)
    placed = mesh.placed(place_m, heading_deg)
    before = np.linalg.norm(np.diff(mesh.corners_m, axis=1), axis=2)
    after = np.linalg.norm(np.diff(placed.corners_m, axis=1), axis=2)
    np.testing.assert_allclose(after, before, atol=1e-9)
    assert points_outward(placed.shifted([-value for value in place_m]))


def test_joining_keeps_all_faces() -> None:
    """Nothing is lost or shared."""
    parts = [box((0, 0, 0), (1, 1, 1), GREY), ellipsoid((3, 0, 0), (1, 1, 1), GREY)]
    assert joined(parts).count == sum(part.count for part in parts)


def test_recolouring_leaves_the_shape_alone() -> None:
    """Only colours change, and stay colours."""
    mesh = box((0, 0, 0), (1, 1, 1), (250.0, 250.0, 250.0))
    other = recoloured(mesh, np.random.default_rng(1), 0.3)
    np.testing.assert_array_equal(mesh.corners_m, other.corners_m)
    assert not np.allclose(mesh.colours, other.colours)
    assert other.colours.min() >= 0
    assert other.colours.max() <= 255


def test_tilting_by_a_quarter_swaps_axes() -> None:
    """A roll of 90 degrees lays a tall box on its side."""
    tall = box((0, 0, 0), (1.0, 2.0, 6.0), GREY)
    np.testing.assert_allclose(extent(tilted(tall, 90.0, 0.0)), [1.0, 6.0, 2.0], atol=1e-9)
