"""Random villages to train on: never the demo's, always the same for the same seed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geofences.geodesy import LocalFrame, LonLat
from vision.simulator.catalogue import some_object
from vision.simulator.scene import (
    Building,
    Light,
    Material,
    RoadStrip,
    RoofKind,
    Scene,
    SceneObject,
    Surface,
    Tree,
)

Vector = npt.NDArray[np.float64]
ORIGIN = LonLat(112.9, 30.4)
HALF_EXTENT_M = 75.0
CROWD = {
    "person": 22,
    "two_wheeler": 14,
    "car": 18,
    "truck_bus": 6,
    "garbage": 10,
    "smoke": 3,
    "fire": 3,
    "pothole": 12,
    "stall": 8,
}
"""How many objects of each class a busy scene holds at most."""
ROOM_M = {
    "person": 0.5,
    "two_wheeler": 1.1,
    "car": 2.3,
    "truck_bus": 5.0,
    "garbage": 2.0,
    "smoke": 2.5,
    "fire": 1.8,
    "pothole": 1.2,
    "stall": 2.0,
}
"""Radius kept free about an object of each class."""


_HAUNTS = {
    "person": (0.05, 0.30, 0.40, 0.25),
    "two_wheeler": (0.50, 0.10, 0.25, 0.15),
    "car": (0.45, 0.05, 0.38, 0.12),
    "truck_bus": (0.55, 0.05, 0.40, 0.0),
    "garbage": (0.05, 0.40, 0.30, 0.25),
    "smoke": (0.05, 0.15, 0.30, 0.50),
    "fire": (0.05, 0.20, 0.40, 0.35),
    "pothole": (0.90, 0.0, 0.10, 0.0),
    "stall": (0.05, 0.30, 0.55, 0.10),
}
"""Shares found on a street, beside one, on a square, and anywhere."""


@dataclass
class Site:
    """A scene being laid out.

    Attributes:
        rng: Its randomness.
        taken: Rows of (east, north, radius) that are occupied.
    """

    rng: np.random.Generator
    taken: list[tuple[float, float, float]] = field(default_factory=list)

    def free(self, place_m: Vector, radius_m: float) -> bool:
        """Whether a circle touches nothing."""
        return all(
            math.hypot(place_m[0] - x, place_m[1] - y) > radius_m + reach
            for x, y, reach in self.taken
        )

    def take(self, place_m: Vector, radius_m: float) -> None:
        """Occupy a circle."""
        self.taken.append((float(place_m[0]), float(place_m[1]), radius_m))

    def anywhere(self, margin_m: float = 8.0) -> Vector:
        """Return a random place."""
        reach = HALF_EXTENT_M - margin_m
        return self.rng.uniform(-reach, reach, 2)

    def heading(self) -> float:
        """Return a random heading."""
        return float(self.rng.uniform(0, 360))


@dataclass(frozen=True)
class Street:
    """A straight road: its middle, unit direction and width."""

    through_m: Vector
    along: Vector
    width_m: float
    paved: Material

    @property
    def across(self) -> Vector:
        """Unit vector to the left of the direction."""
        return np.array([-self.along[1], self.along[0]])

    @property
    def heading_deg(self) -> float:
        """Heading of the direction."""
        return math.degrees(math.atan2(self.along[0], self.along[1])) % 360

    def strip(self, rng: np.random.Generator) -> RoadStrip:
        """Return the road to paint."""
        ends = [self.through_m + self.along * reach for reach in (-170.0, 170.0)]
        line = tuple((float(e[0]), float(e[1])) for e in ends)
        return RoadStrip(line, self.width_m, self.paved, marked=bool(rng.random() < 0.7))

    def distance_m(self, place_m: Vector) -> float:
        """Return how far a place is from the middle line."""
        return abs(float((place_m - self.through_m) @ self.across))


def random_scene(rng: np.random.Generator) -> Scene:
    """Return a random village scene about `ORIGIN`, 150 m wide."""
    site = Site(rng)
    streets = _streets(rng)
    squares = _squares(rng)
    buildings = _buildings(site, streets, squares)
    objects = _objects(site, streets, squares)
    return Scene(
        ORIGIN,
        HALF_EXTENT_M,
        tuple(objects),
        (*_fields(rng), *(square.surface(rng) for square in squares)),
        tuple(street.strip(rng) for street in streets),
        tuple(buildings),
        tuple(_trees(site, streets)),
        random_light(rng),
        (float(rng.normal(0, 1.5)), float(rng.normal(0, 1.5))),
        int(rng.integers(1 << 31)),
    )


def random_light(rng: np.random.Generator) -> Light:
    """Return a random sun, from clear to overcast, and a random sensor."""
    tint = rng.normal(1.0, 0.035, 3)
    return Light(
        float(rng.uniform(0, 360)),
        float(rng.uniform(24, 78)),
        float(rng.choice([rng.uniform(0.0, 0.4), rng.uniform(0.6, 1.0)])),
        float(rng.uniform(0.82, 1.45)),
        (float(tint[0]), float(tint[1]), float(tint[2])),
        float(rng.uniform(1.0, 6.0)),
    )


@dataclass(frozen=True)
class Square:
    """A paved place: centre, half sizes, heading of its long side."""

    centre_m: Vector
    half_m: tuple[float, float]
    heading_deg: float

    def place_m(self, share: Vector) -> Vector:
        """Return the place at shares (-1 to 1) along and across."""
        angle = math.radians(self.heading_deg)
        along = np.array([math.sin(angle), math.cos(angle)])
        across = np.array([-along[1], along[0]])
        return np.asarray(
            self.centre_m + along * share[0] * self.half_m[0] + across * share[1] * self.half_m[1]
        )

    def surface(self, rng: np.random.Generator) -> Surface:
        """Return the paving."""
        corners = [
            self.place_m(np.array(s)) for s in ((1.1, 1.1), (1.1, -1.1), (-1.1, -1.1), (-1.1, 1.1))
        ]
        stuff = (
            Material.PAVING,
            Material.CONCRETE,
            Material.ASPHALT,
            Material.GRAVEL,
            Material.HATCHED,
        )
        material = stuff[int(rng.choice(5, p=[0.34, 0.30, 0.24, 0.08, 0.04]))]
        outline = tuple((float(c[0]), float(c[1])) for c in corners)
        return Surface(outline, material, self.heading_deg or 1.0, int(rng.integers(1 << 31)))


def _streets(rng: np.random.Generator) -> list[Street]:
    angle = float(rng.uniform(0, math.pi))
    streets = []
    for turn in (0.0, math.pi / 2 + float(rng.normal(0, 0.15)))[: int(rng.integers(1, 3))]:
        along = np.array([math.sin(angle + turn), math.cos(angle + turn)])
        paved = Material.ASPHALT if rng.random() < 0.65 else Material.CONCRETE
        streets.append(Street(rng.uniform(-18, 18, 2), along, float(rng.uniform(4.5, 10)), paved))
    return streets


def _squares(rng: np.random.Generator) -> list[Square]:
    return [
        Square(
            rng.uniform(-50, 50, 2),
            (float(rng.uniform(9, 24)), float(rng.uniform(7, 16))),
            float(rng.uniform(0, 360)),
        )
        for _ in range(int(rng.integers(2, 5)))
    ]


def _fields(rng: np.random.Generator) -> list[Surface]:
    stuff = (Material.CROP, Material.SOIL, Material.GRASS, Material.WATER)
    fields = []
    for _ in range(int(rng.integers(3, 7))):
        centre, half, turn = (
            rng.uniform(-75, 75, 2),
            rng.uniform(12, 40, 2),
            rng.uniform(0, math.pi),
        )
        spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * half @ spin.T + centre
        material = stuff[int(rng.choice(4, p=[0.42, 0.28, 0.2, 0.1]))]
        outline = tuple((float(x), float(y)) for x, y in corners)
        heading = float(math.degrees(turn)) or 1.0
        fields.append(Surface(outline, material, heading, int(rng.integers(1 << 31))))
    return fields


def _buildings(site: Site, streets: list[Street], squares: list[Square]) -> list[Building]:
    rng, found = site.rng, []
    for _ in range(int(rng.integers(8, 30))):
        length, width = float(rng.uniform(8, 16)), float(rng.uniform(6, 10))
        reach = math.hypot(length, width) / 2
        place = site.anywhere(0.0)
        clear = all(
            street.distance_m(place) > street.width_m / 2 + reach + 1.5 for street in streets
        )
        clear &= all(np.hypot(*(place - s.centre_m)) > max(s.half_m) + reach for s in squares)
        if not clear or not site.free(place, reach):
            continue
        site.take(place, reach)
        heading = streets[0].heading_deg + float(rng.choice([0, 90])) + float(rng.normal(0, 4))
        roof = RoofKind.GABLE if rng.random() < 0.6 else RoofKind.FLAT
        wall = float(rng.choice([3.1, 3.4, 6.2, 9.0], p=[0.4, 0.25, 0.28, 0.07]))
        seed = int(rng.integers(1 << 31))
        found.append(
            Building(
                (float(place[0]), float(place[1])), heading % 360, length, width, wall, roof, seed
            )
        )
    return found


def _trees(site: Site, streets: list[Street]) -> list[Tree]:
    rng, found = site.rng, []
    for _ in range(int(rng.integers(4, 34))):
        place, reach = site.anywhere(0.0), float(rng.uniform(0.9, 3.2))
        if any(street.distance_m(place) < street.width_m / 2 + 0.6 for street in streets):
            continue
        if site.free(place, reach * 0.5):
            tall = reach * float(rng.uniform(1.6, 2.8)) + 1.0
            found.append(
                Tree((float(place[0]), float(place[1])), tall, reach, int(rng.integers(1 << 31)))
            )
    return found


def _objects(site: Site, streets: list[Street], squares: list[Square]) -> list[SceneObject]:
    rng, frame = site.rng, LocalFrame(ORIGIN)
    objects: list[SceneObject] = []
    for class_name, most in CROWD.items():
        for _ in range(int(rng.integers(most // 2, most + 1))):
            spot = _spot(class_name, site, streets, squares)
            if spot is None:
                continue
            place, heading = spot
            site.take(place, ROOM_M[class_name])
            position = LonLat(*frame.to_lonlat(float(place[0]), float(place[1])))
            name = f"{class_name}-{len(objects)}"
            objects.append(some_object(name, class_name, position, heading, rng))
    return objects


def _spot(
    class_name: str, site: Site, streets: list[Street], squares: list[Square]
) -> tuple[Vector, float] | None:
    """Return a free place and heading that suit the class, None when none turns up."""
    for _ in range(12):
        place, heading = _draw_spot(class_name, site, streets, squares)
        inside = bool(np.abs(place).max() < HALF_EXTENT_M - 6)
        if inside and site.free(place, ROOM_M[class_name]):
            return place, heading % 360
    return None


def _draw_spot(
    class_name: str, site: Site, streets: list[Street], squares: list[Square]
) -> tuple[Vector, float]:
    """Return a place and heading: on a street, beside it, on a square or anywhere."""
    rng = site.rng
    street = streets[int(rng.integers(len(streets)))]
    square = squares[int(rng.integers(len(squares)))]
    on_road, on_verge, on_square, _ = _HAUNTS[class_name]
    choice = rng.random()
    if choice < on_road:
        side = float(rng.choice([-1.0, 1.0]))
        lane = side * street.width_m * float(rng.uniform(0.2, 0.32))
        return _on_street(street, rng, lane), street.heading_deg + 90 - 90 * side
    if choice < on_road + on_verge:
        verge = float(rng.choice([-1.0, 1.0])) * (street.width_m / 2 + float(rng.uniform(0, 2.5)))
        return _on_street(street, rng, verge), site.heading()
    if choice < on_road + on_verge + on_square:
        turn = float(rng.choice([0, 90, 180, 270])) + float(rng.normal(0, 3))
        return square.place_m(rng.uniform(-1, 1, 2)), square.heading_deg + turn
    return site.anywhere(), site.heading()


def _on_street(street: Street, rng: np.random.Generator, offset_m: float) -> Vector:
    along = float(rng.uniform(-70, 70))
    return np.asarray(street.through_m + street.along * along + street.across * offset_m)
