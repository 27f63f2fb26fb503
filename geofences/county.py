"""A county: its grid, its zones, its docks and its roads."""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely

from geofences.cells import Grid
from geofences.errors import InvalidGeometryError
from geofences.geodesy import LonLat
from geofences.identifiers import refuse_repeats
from geofences.zones import ZoneIndex


@dataclass(frozen=True, slots=True)
class Dock:
    """A place that an aircraft starts from, charges in and returns to.

    Raises:
        InvalidGeometryError: the altitude is not a number.
    """

    dock_id: str
    name: str
    position: LonLat
    alt_amsl_m: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.alt_amsl_m):
            raise InvalidGeometryError(
                f"The dock {self.dock_id!r} has no altitude; give alt_amsl_m in metres."
            )


@dataclass(frozen=True, slots=True)
class Road:
    """A road by its centre line (longitude, latitude) and its width.

    Raises:
        InvalidGeometryError: the line is empty or the width is not above zero.
    """

    road_id: str
    name: str
    line: shapely.LineString
    width_m: float

    def __post_init__(self) -> None:
        if self.line.is_empty or not 0 < self.width_m < math.inf:
            raise InvalidGeometryError(
                f"The road {self.road_id!r} has no line or no width; give both."
            )


@dataclass(frozen=True)
class County:
    """Everything the ground knows about one county.

    Raises:
        InvalidGeometryError: two docks or two roads have the same id.
    """

    name: str
    grid: Grid
    zones: ZoneIndex
    docks: tuple[Dock, ...]
    roads: tuple[Road, ...]

    def __post_init__(self) -> None:
        refuse_repeats("dock id", (dock.dock_id for dock in self.docks))
        refuse_repeats("road id", (road.road_id for road in self.roads))
