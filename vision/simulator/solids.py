"""Things of a scene made ready for drawing: placed, shaded by the sun, bounded.

Places are metres east, north and up from the scene's origin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
import numpy.typing as npt

from vision.simulator import cars, goods, people, scenery, trucks
from vision.simulator.eye import Eye
from vision.simulator.mesh import Floats, Mesh
from vision.simulator.scene import Building, Light, Scene, SceneObject, Tree

SKY_BGR = np.array([226.0, 208.0, 192.0])


_MAKERS: dict[str, Callable[[str, tuple[float, float, float], int], Mesh]] = {
    "car": cars.car,
    "truck_bus": trucks.truck,
    "bus": trucks.bus,
    "two_wheeler": people.two_wheeler,
    "stall": goods.stall,
    "garbage": goods.garbage,
}


@dataclass(frozen=True)
class Solid:
    """A shaded mesh in the scene.

    Attributes:
        name: The object's id, or "" for scenery.
        corners_m: float64 (F, 4, 3).
        middles_m: float64 (F, 3), the faces' middles.
        normals: float64 (F, 3), outward.
        lift_m: float64 (F,).
        two_sided: bool (F,).
        colours: BGR tuples, one a face.
        centre_m: float64 (3,), the middle of the bounding box.
        radius_m: Reach of the farthest corner from the centre.
    """

    name: str
    corners_m: Floats
    middles_m: Floats
    normals: Floats
    lift_m: Floats
    two_sided: npt.NDArray[np.bool_]
    colours: list[tuple[float, float, float]]
    centre_m: Floats
    radius_m: float


@dataclass(frozen=True)
class Foliage:
    """A shaded tree: balls of leaves, lowest first.

    Attributes:
        centres_m: float64 (N, 3).
        radii_m: float64 (N,).
        colours: BGR tuples, one a ball.
        centre_m: float64 (3,).
        radius_m: Reach from the centre.
    """

    centres_m: Floats
    radii_m: Floats
    colours: list[tuple[float, float, float]]
    centre_m: Floats
    radius_m: float


@dataclass(frozen=True)
class Stage:
    """A scene with all its things made.

    Attributes:
        scene: The scene.
        solids: Bodies of its objects.
        houses: Its buildings.
        trees: Its trees.
    """

    scene: Scene
    solids: tuple[Solid, ...]
    houses: tuple[Solid, ...]
    trees: tuple[Foliage, ...]

    @cached_property
    def balls(self) -> tuple[Floats, Floats]:
        """Middles, float64 (N, 3), and radii of the balls about solids, houses, then trees."""
        things: tuple[Solid | Foliage, ...] = (*self.solids, *self.houses, *self.trees)
        middles = np.array([thing.centre_m for thing in things]).reshape(-1, 3)
        return middles, np.array([thing.radius_m for thing in things])

    def in_view(self, eye: Eye) -> tuple[list[Solid], list[Solid], list[Foliage]]:
        """Return the objects, houses and trees that may reach into the picture."""
        seen = eye.sees(*self.balls).tolist()
        first, second = len(self.solids), len(self.solids) + len(self.houses)
        return (
            list(compress(self.solids, seen[:first])),
            list(compress(self.houses, seen[first:second])),
            list(compress(self.trees, seen[second:])),
        )

    @property
    def plumes(self) -> tuple[SceneObject, ...]:
        """Smoke and fire."""
        return tuple(o for o in self.scene.objects if o.class_name in ("smoke", "fire"))

    def place_m(self, item: SceneObject) -> tuple[float, float]:
        """Return an object's (east, north) from the scene's origin."""
        return self.scene.frame.to_local(item.position.lon_deg, item.position.lat_deg)


def set_stage(scene: Scene) -> Stage:
    """Return the scene with its bodies, houses and trees made and lit."""
    light = scene.light
    houses = tuple(house_solid(building, light) for building in scene.buildings)
    trees = tuple(foliage(tree, light) for tree in scene.trees)
    return Stage(scene, tuple(object_solids(scene)), houses, trees)


def solid(name: str, mesh: Mesh, light: Light) -> Solid:
    """Return a placed mesh, shaded."""
    normals = mesh.normals()
    # A sheet seen from both sides is lit as if its outside were the one that looks up.
    flipped = mesh.two_sided & (normals[:, 2] < 0)
    normals = np.where(flipped[:, None], -normals, normals)
    low = mesh.corners_m.reshape(-1, 3).min(axis=0)
    high = mesh.corners_m.reshape(-1, 3).max(axis=0)
    return Solid(
        name,
        mesh.corners_m,
        mesh.corners_m.mean(axis=1),
        normals,
        mesh.lift_m,
        mesh.two_sided,
        _tuples(shaded(mesh.colours, normals, mesh.gloss, light)),
        (low + high) / 2,
        float(np.linalg.norm(high - low) / 2),
    )


def shaded(colours: Floats, normals: Floats, gloss: Floats, light: Light) -> Floats:
    """Return colours under the sun and sky, float64 (F, 3), 0 to 255.

    A level face in full sun keeps its own colour; others are darker, and shiny faces that look up
    take on some of the sky.
    """
    sun = light.towards_sun
    facing = np.clip(normals @ sun, 0, None) / max(float(sun[2]), 0.45)
    ambient = 1.0 - 0.58 * light.sun_share
    bright = ambient * (0.74 + 0.26 * normals[:, 2]) + 0.58 * light.sun_share * facing
    mirrored = 2 * normals[:, 2:3] * normals - np.array([0.0, 0.0, 1.0])
    glint = np.clip(mirrored @ sun, 0, None) ** 12 * light.sun_share
    sky = gloss * (0.06 + 0.20 * np.clip(normals[:, 2], 0, 1) ** 2)
    lit = colours * np.clip(bright, 0.12, 1.25)[:, None]
    lit = lit * (1 - sky[:, None]) + SKY_BGR * sky[:, None] + 90 * (gloss * glint)[:, None]
    exposed = lit * light.exposure * np.asarray(light.tint_bgr)
    return np.asarray(np.clip(exposed, 0, 255), dtype=np.float64)


def _tuples(colours: Floats) -> list[tuple[float, float, float]]:
    return [(float(b), float(g), float(r)) for b, g, r in colours]


def object_mesh(item: SceneObject) -> Mesh | None:
    """Return the mesh of an object in its own frame; None for what is no solid."""
    size = (item.length_m, item.width_m, item.height_m)
    if item.class_name == "person":
        return people.person(item.height_m, item.seed)
    maker = _MAKERS.get("bus" if item.kind == "bus" else item.class_name)
    return None if maker is None else maker(item.kind, size, item.seed)


def object_solids(scene: Scene) -> list[Solid]:
    """Return the solids of all objects that have a body."""
    frame = scene.frame
    found = []
    for item in scene.objects:
        mesh = object_mesh(item)
        if mesh is not None:
            east, north = frame.to_local(item.position.lon_deg, item.position.lat_deg)
            placed = mesh.placed((east, north, 0.0), item.heading_deg)
            found.append(solid(item.object_id, placed, scene.light))
    return found


def house_solid(building: Building, light: Light) -> Solid:
    """Return a house in the scene."""
    east, north = building.centre_m
    return solid(
        "", scenery.house(building).placed((east, north, 0.0), building.heading_deg), light
    )


def foliage(tree: Tree, light: Light) -> Foliage:
    """Return a tree in the scene, its clumps lit from the sun's side."""
    leaves = scenery.crown(tree)
    foot = np.array([tree.centre_m[0], tree.centre_m[1], 0.0])
    middle = np.array([0.0, 0.0, tree.height_m - tree.crown_radius_m])
    outward = leaves.centres_m - middle
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 0.1)
    lit = shaded(leaves.colours, outward, np.zeros(len(outward)), light)
    return Foliage(
        leaves.centres_m + foot,
        leaves.radii_m,
        _tuples(lit),
        foot + np.array([0.0, 0.0, tree.height_m / 2]),
        scenery.crown_span_m(tree),
    )
