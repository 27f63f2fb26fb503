"""What a check found: of a plan, of cells, of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import shapely

from geofences.geodesy import LonLat

Tell = Callable[[str, int, int], None]
"""Is told what a long check is at, how much of it is done, and of how much."""


def tell_nobody(_step: str, _done: int, _of: int) -> None:
    """Let a check run unwatched."""


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Attributes:
        code: of the kind of finding, such as `cells.overlap`.
        severity: whether it forbids use.
        subject: the thing it is about, such as a cell's code.
        message: a sentence that says what is wrong and what to do.
        position: where it is, if it is somewhere.
        excess: by how much a limit is missed, in the unit of its kind; of several findings of a
            kind the one with the greatest is the worst.
    """

    code: str
    severity: Severity
    subject: str
    message: str
    position: LonLat | None
    excess: float = field(default=0.0, kw_only=True)


@dataclass(frozen=True, slots=True)
class MapFinding(Finding):
    """A finding about land, with the land it is about.

    Attributes:
        shape: what to look at on a map, longitude and latitude; None where it lies nowhere.
        area_m2: how much land it is about, where that says something.
    """

    shape: shapely.Geometry | None = None
    area_m2: float | None = None


def inner_place(shape: shapely.Geometry) -> LonLat | None:
    """A place inside a shape of longitude and latitude, if it has one on Earth."""
    if shape.is_empty or not shapely.is_valid(shape):
        return None
    point = shape.representative_point()
    if abs(point.x) > 180 or abs(point.y) > 90:
        return None
    return LonLat(point.x, point.y)
