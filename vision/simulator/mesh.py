"""Small solid meshes of flat four-cornered faces.

A mesh lives in its own frame: x forward, y left, z up, metres, origin on the ground below its
centre. Triangles are quads with their last corner twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Colour = tuple[float, float, float]
"""Blue, green, red, 0 to 255."""


@dataclass(frozen=True)
class Mesh:
    """Faces with colours.

    Attributes:
        corners_m: float64 (F, 4, 3), counter-clockwise seen from outside.
        colours: float64 (F, 3), BGR, 0 to 255.
        gloss: float64 (F,), 0 dull to 1 mirror-like.
        lift_m: float64 (F,), how much a face wins over what lies just behind it.
        two_sided: bool (F,), faces that are seen from both sides.
    """

    corners_m: Floats
    colours: Floats
    gloss: Floats
    lift_m: Floats
    two_sided: npt.NDArray[np.bool_]

    @property
    def count(self) -> int:
        """How many faces there are."""
        return len(self.corners_m)

    def shifted(self, offset_m: Sequence[float] | Floats) -> Mesh:
        """Return the mesh moved along its own axes."""
        return self._with_corners(self.corners_m + np.asarray(offset_m, dtype=np.float64))

    def placed(self, place_m: Sequence[float], heading_deg: float) -> Mesh:
        """Return the mesh in east, north, up: its x axis along the heading, its origin moved."""
        turned = self.corners_m @ heading_matrix(heading_deg).T
        return self._with_corners(turned + np.asarray(place_m, dtype=np.float64))

    def scaled(self, factors: Sequence[float]) -> Mesh:
        """Return the mesh stretched along its own axes."""
        return self._with_corners(self.corners_m * np.asarray(factors, dtype=np.float64))

    def _with_corners(self, corners_m: Floats) -> Mesh:
        return replace(self, corners_m=corners_m)

    def normals(self) -> Floats:
        """Return outward unit normals, float64 (F, 3)."""
        diagonal_a = self.corners_m[:, 2] - self.corners_m[:, 0]
        diagonal_b = self.corners_m[:, 3] - self.corners_m[:, 1]
        normals = np.cross(diagonal_a, diagonal_b)
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        return np.asarray(normals / np.maximum(lengths, 1e-12))


def heading_matrix(heading_deg: float) -> Floats:
    """Return the rotation from forward, left, up to east, north, up, float64 (3, 3)."""
    sine, cosine = math.sin(math.radians(heading_deg)), math.cos(math.radians(heading_deg))
    return np.array([[sine, -cosine, 0.0], [cosine, sine, 0.0], [0.0, 0.0, 1.0]])


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Return one mesh of all faces."""
    return Mesh(
        np.concatenate([m.corners_m for m in meshes]),
        np.concatenate([m.colours for m in meshes]),
        np.concatenate([m.gloss for m in meshes]),
        np.concatenate([m.lift_m for m in meshes]),
        np.concatenate([m.two_sided for m in meshes]),
    )


def faces(
    corners_m: npt.ArrayLike,
    colour: Colour,
    *,
    gloss: float = 0.0,
    lift_m: float = 0.0,
    two_sided: bool = False,
) -> Mesh:
    """Return faces of one colour; `corners_m` is (F, 4, 3) or one face (4, 3)."""
    corners = np.asarray(corners_m, dtype=np.float64).reshape(-1, 4, 3)
    count = len(corners)
    return Mesh(
        corners,
        np.tile(np.asarray(colour, dtype=np.float64), (count, 1)),
        np.full(count, gloss),
        np.full(count, lift_m),
        np.full(count, two_sided),
    )


def loft(
    rings_m: npt.ArrayLike,
    colour: Colour,
    *,
    gloss: float = 0.0,
    lift_m: float = 0.0,
    caps: bool = True,
    closed: bool = True,
) -> Mesh:
    """Return the skin over successive rings of points.

    Args:
        rings_m: (R, P, 3); each ring counter-clockwise seen from the last ring's side.
        colour: Colour of the skin.
        gloss: Gloss of the skin.
        lift_m: Lift of the skin.
        caps: Whether the first and last ring are filled.
        closed: Whether the last point of a ring joins its first.
    """
    rings = np.asarray(rings_m, dtype=np.float64)
    after = np.roll(rings, -1, axis=1)
    if not closed:
        rings, after = rings[:, :-1], after[:, :-1]
    skin = np.stack([rings[:-1], after[:-1], after[1:], rings[1:]], axis=2).reshape(-1, 4, 3)
    parts = [faces(skin, colour, gloss=gloss, lift_m=lift_m)]
    if caps:
        ends = np.asarray(rings_m, dtype=np.float64)
        parts.append(_fan(ends[0][::-1], colour, gloss, lift_m))
        parts.append(_fan(ends[-1], colour, gloss, lift_m))
    return joined(parts)


def _fan(ring_m: Floats, colour: Colour, gloss: float, lift_m: float) -> Mesh:
    middle = ring_m.mean(axis=0)
    after = np.roll(ring_m, -1, axis=0)
    middles = np.broadcast_to(middle, ring_m.shape)
    return faces(
        np.stack([middles, ring_m, after, after], axis=1), colour, gloss=gloss, lift_m=lift_m
    )


def box(
    centre_m: Sequence[float],
    size_m: Sequence[float],
    colour: Colour,
    *,
    gloss: float = 0.0,
    lift_m: float = 0.0,
) -> Mesh:
    """Return an upright box; `centre_m` is its middle, `size_m` along x, y and z."""
    x, y, z = (value / 2 for value in size_m)
    lower = np.array([[x, y, -z], [-x, y, -z], [-x, -y, -z], [x, -y, -z]])
    upper = lower * [1.0, 1.0, -1.0]
    rings = np.stack([lower, upper]) + np.asarray(centre_m, dtype=np.float64)
    return loft(rings, colour, gloss=gloss, lift_m=lift_m)


def limb(
    start_m: Sequence[float],
    end_m: Sequence[float],
    radii_m: tuple[float, float],
    colour: Colour,
    *,
    sides: int = 6,
    gloss: float = 0.0,
) -> Mesh:
    """Return a tapered round bar from start to end."""
    start, end = np.asarray(start_m, dtype=np.float64), np.asarray(end_m, dtype=np.float64)
    axis = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    helper = np.array([1.0, 0.0, 0.0]) if abs(axis[0]) < 0.8 else np.array([0.0, 1.0, 0.0])
    u = np.cross(axis, helper)
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    angles = np.linspace(0.0, 2 * math.pi, sides, endpoint=False)[:, None]
    circle = np.cos(angles) * u + np.sin(angles) * v
    rings = np.stack([start + circle * radii_m[0], end + circle * radii_m[1]])
    return loft(rings, colour, gloss=gloss)


def ellipsoid(
    centre_m: Sequence[float],
    radii_m: Sequence[float],
    colour: Colour,
    *,
    facets: tuple[int, int] = (8, 4),
    gloss: float = 0.0,
    lift_m: float = 0.0,
) -> Mesh:
    """Return a ball stretched to three radii; facets are counted around and from top to bottom."""
    around, levels = facets
    latitudes = np.linspace(-math.pi / 2 + 0.2, math.pi / 2 - 0.2, levels)
    angles = np.linspace(0.0, 2 * math.pi, around, endpoint=False)
    rings = np.empty((levels, around, 3))
    rings[..., 0] = np.cos(latitudes)[:, None] * np.cos(angles)
    rings[..., 1] = np.cos(latitudes)[:, None] * np.sin(angles)
    rings[..., 2] = np.sin(latitudes)[:, None]
    rings = rings * np.asarray(radii_m, dtype=np.float64) + np.asarray(centre_m, dtype=np.float64)
    return loft(rings, colour, gloss=gloss, lift_m=lift_m)


def recoloured(mesh: Mesh, rng: np.random.Generator, spread: float) -> Mesh:
    """Return the mesh with each face a little lighter or darker, as crumpled things are."""
    factor = rng.normal(1.0, spread, (mesh.count, 1))
    colours = np.clip(mesh.colours * factor, 0, 255)
    return replace(mesh, colours=colours)


def tilted(mesh: Mesh, roll_deg: float, pitch_deg: float) -> Mesh:
    """Return the mesh rolled about x and pitched about y at its own origin."""
    roll, pitch = math.radians(roll_deg), math.radians(pitch_deg)
    about_x = np.array(
        [[1, 0, 0], [0, math.cos(roll), -math.sin(roll)], [0, math.sin(roll), math.cos(roll)]]
    )
    about_y = np.array(
        [[math.cos(pitch), 0, math.sin(pitch)], [0, 1, 0], [-math.sin(pitch), 0, math.cos(pitch)]]
    )
    corners = mesh.corners_m @ (about_y @ about_x).T
    return replace(mesh, corners_m=corners)
