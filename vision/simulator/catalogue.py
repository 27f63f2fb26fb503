"""The kinds of each class, with their usual sizes and how they differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geofences.geodesy import LonLat
from vision.simulator.scene import ExpectedFinding, SceneObject


@dataclass(frozen=True)
class Kind:
    """A variant of a class: usual length, width, height in metres and how far sizes vary."""

    name: str
    size_m: tuple[float, float, float]
    spread: float


KINDS: dict[str, tuple[Kind, ...]] = {
    "person": (Kind("adult", (0.5, 0.5, 1.70), 0.06),),
    "two_wheeler": (
        Kind("bicycle", (1.75, 0.6, 1.62), 0.05),
        Kind("scooter", (1.75, 0.7, 1.58), 0.05),
        Kind("motorbike", (2.0, 0.75, 1.58), 0.05),
    ),
    "car": (
        Kind("sedan", (4.65, 1.80, 1.46), 0.04),
        Kind("hatch", (4.0, 1.72, 1.50), 0.06),
        Kind("suv", (4.6, 1.86, 1.70), 0.04),
        Kind("van", (4.5, 1.72, 1.92), 0.10),
    ),
    "truck_bus": (
        Kind("box_truck", (7.0, 2.35, 3.1), 0.12),
        Kind("tipper", (7.4, 2.4, 2.6), 0.12),
        Kind("bus", (10.8, 2.5, 3.1), 0.08),
    ),
    "garbage": (
        Kind("bags", (2.4, 1.8, 0.8), 0.25),
        Kind("mixed", (3.2, 2.4, 0.9), 0.30),
        Kind("scattered", (2.8, 2.2, 0.4), 0.25),
    ),
    "smoke": (
        Kind("white", (5.0, 5.0, 12.0), 0.25),
        Kind("grey", (5.0, 5.0, 12.0), 0.25),
        Kind("black", (5.0, 5.0, 12.0), 0.25),
    ),
    "fire": (Kind("fire", (2.4, 2.0, 2.2), 0.30),),
    "pothole": (Kind("dry", (1.6, 1.15, 0.0), 0.30), Kind("puddle", (1.6, 1.15, 0.0), 0.30)),
    "stall": (
        Kind("umbrella", (2.6, 2.5, 2.3), 0.08),
        Kind("awning", (3.0, 2.4, 2.4), 0.12),
        Kind("tricycle", (2.9, 2.3, 2.2), 0.06),
    ),
}
"""Lengths and widths vary together with the height, by a normal factor of the spread."""


def some_object(
    object_id: str, class_name: str, position: LonLat, heading_deg: float, rng: np.random.Generator
) -> SceneObject:
    """Return an object of a class, of a random kind and size."""
    kinds = KINDS[class_name]
    kind = kinds[int(rng.integers(len(kinds)))]
    factor = float(np.clip(rng.normal(1.0, kind.spread), 0.6, 1.6))
    length, width, height = (value * factor for value in kind.size_m)
    seed = int(rng.integers(1 << 31))
    return SceneObject(
        object_id, class_name, position, heading_deg, length, width, height, kind.name, seed
    )


def known_object(
    object_id: str,
    class_name: str,
    kind_name: str,
    position: LonLat,
    heading_deg: float,
    expected: ExpectedFinding | None,
) -> SceneObject:
    """Return an object of the usual size of a kind; its look follows from its id.

    Raises:
        KeyError: If the class has no such kind.
    """
    kind = {k.name: k for k in KINDS[class_name]}[kind_name]
    seed = sum((index + 1) * ord(letter) for index, letter in enumerate(object_id))
    return SceneObject(
        object_id, class_name, position, heading_deg, *kind.size_m, kind_name, seed, expected
    )
