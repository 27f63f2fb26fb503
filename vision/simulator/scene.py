"""What stands in a scene: known objects, scenery and light.

Objects carry their true place and, where a rule must speak, what is expected of it. Scenery
(buildings, trees, surfaces, roads) is decoration in metres east and north of the scene's origin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from geofences.geodesy import LocalFrame, LonLat

CLASS_NAMES = (
    "person",
    "two_wheeler",
    "car",
    "truck_bus",
    "garbage",
    "smoke",
    "fire",
    "pothole",
    "stall",
)


class Material(StrEnum):
    """What a piece of ground is made of."""

    GRASS = "grass"
    SOIL = "soil"
    CROP = "crop"
    ASPHALT = "asphalt"
    CONCRETE = "concrete"
    PAVING = "paving"
    WATER = "water"
    GRAVEL = "gravel"
    HATCHED = "hatched"


class RoofKind(StrEnum):
    """The roofs of village houses."""

    GABLE = "gable"
    FLAT = "flat"


@dataclass(frozen=True)
class ExpectedFinding:
    """What a rule should report about an object.

    Attributes:
        standard_ref: The standard that lists the matter.
        matter_code: The matter's code in that standard.
        zone_kind: Kind of the zone that makes it a finding, "" where any place will do.
        cell_code: Code of the cell the object stands in.
    """

    standard_ref: str
    matter_code: str
    zone_kind: str
    cell_code: str


@dataclass(frozen=True)
class SceneObject:
    """A thing with a known class, place and size.

    Attributes:
        object_id: Unique in its scene.
        class_name: One of `CLASS_NAMES`.
        position: Centre of its footprint on the ground.
        heading_deg: Where its front looks, clockwise from north.
        length_m: Extent along the heading.
        width_m: Extent across the heading.
        height_m: Extent above ground.
        kind: Variant of the class, for instance "sedan" or "bus".
        seed: Decides colours and small shapes.
        expected: What a rule should report of it, None if nothing.
    """

    object_id: str
    class_name: str
    position: LonLat
    heading_deg: float
    length_m: float
    width_m: float
    height_m: float
    kind: str
    seed: int
    expected: ExpectedFinding | None = None

    def __post_init__(self) -> None:
        if self.class_name not in CLASS_NAMES:
            raise ValueError(f"{self.object_id}: class {self.class_name!r} is not drawn here")
        if min(self.length_m, self.width_m) <= 0 or self.height_m < 0:
            raise ValueError(f"{self.object_id}: sizes must be positive metres")


@dataclass(frozen=True)
class Surface:
    """A patch of ground, painted in the order given.

    Attributes:
        outline_m: (east, north) corners in metres from the scene's origin.
        material: What it is made of.
        heading_deg: Direction of rows, joints and hatching.
        seed: Decides its tint.
    """

    outline_m: tuple[tuple[float, float], ...]
    material: Material
    heading_deg: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class RoadStrip:
    """A road along a line, metres east and north of the origin."""

    line_m: tuple[tuple[float, float], ...]
    width_m: float
    material: Material = Material.ASPHALT
    marked: bool = True


@dataclass(frozen=True)
class Building:
    """A house: a box with a roof. Sizes in metres, place from the scene's origin."""

    centre_m: tuple[float, float]
    heading_deg: float
    length_m: float
    width_m: float
    wall_height_m: float
    roof: RoofKind
    seed: int


@dataclass(frozen=True)
class Tree:
    """A tree with a round crown. Sizes in metres, place from the scene's origin."""

    centre_m: tuple[float, float]
    height_m: float
    crown_radius_m: float
    seed: int


@dataclass(frozen=True)
class Light:
    """The sun and what the sensor makes of it.

    Attributes:
        sun_azimuth_deg: Where the sun stands, clockwise from north.
        sun_elevation_deg: Its height above the horizon, 15 to 85.
        sun_share: Direct sunlight, 0 (overcast) to 1 (clear).
        exposure: Brightness factor of the picture.
        tint_bgr: Colour cast, factors about 1.
        noise_sigma: Sensor noise in grey levels.
    """

    sun_azimuth_deg: float = 140.0
    sun_elevation_deg: float = 52.0
    sun_share: float = 0.8
    exposure: float = 1.0
    tint_bgr: tuple[float, float, float] = (1.0, 1.0, 1.0)
    noise_sigma: float = 2.5

    @property
    def towards_sun(self) -> npt.NDArray[np.float64]:
        """Unit vector to the sun, float64 (3,), east, north, up."""
        azimuth, elevation = (
            math.radians(self.sun_azimuth_deg),
            math.radians(self.sun_elevation_deg),
        )
        flat = math.cos(elevation)
        return np.array([flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(elevation)])


@dataclass(frozen=True)
class Scene:
    """Everything the virtual camera can see.

    Attributes:
        origin: The point all local metres count from.
        half_extent_m: The painted ground reaches so far east, west, north and south of it.
        objects: Things with known truth.
        surfaces: Ground patches, painted in order.
        roads: Roads, painted over the surfaces.
        buildings: Houses; they hide what is behind them.
        trees: Trees; likewise.
        light: Sun and sensor.
        wind_mps: Wind (east, north) that bends smoke.
        seed: Decides everything random about the ground.
    """

    origin: LonLat
    half_extent_m: float
    objects: tuple[SceneObject, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    roads: tuple[RoadStrip, ...] = ()
    buildings: tuple[Building, ...] = ()
    trees: tuple[Tree, ...] = ()
    light: Light = field(default_factory=Light)
    wind_mps: tuple[float, float] = (1.2, 0.5)
    seed: int = 0

    @property
    def frame(self) -> LocalFrame:
        """The local frame of the scene."""
        return LocalFrame(self.origin)
