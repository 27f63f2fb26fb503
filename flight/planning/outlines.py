"""Areas drawn as GeoJSON, made fit for planning or refused with a reason.

Outlines come from people and programs: rings are left open, wound the wrong way, cross themselves,
or hold latitude before longitude. What can only mean one thing is repaired; the rest is refused.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely

from flight.errors import PlanningError
from flight.planning.cleaning import clean_area, polygons_of
from geofences.geodesy import LocalFrame, LonLat

_POLAR_DEG = 85.0
_FEWEST_CORNERS = 3

Position = tuple[float, float]
Ring = list[Position]


@dataclass(frozen=True)
class Outline:
    """An area in a local frame.

    Attributes:
        frame: Between metres and degrees.
        area: Valid polygons in metres.
    """

    frame: LocalFrame
    area: shapely.MultiPolygon


def read_outline(geometry: Mapping[str, object]) -> Outline:
    """Read a GeoJSON Polygon or MultiPolygon in WGS-84 degrees.

    Heights are ignored. A ring left open is closed; the direction of rings does not matter; holes
    are cut out wherever they lie; areas across the antimeridian are read as the short way round.

    Args:
        geometry: The GeoJSON geometry object.

    Returns:
        The area in metres round its middle.

    Raises:
        PlanningError: If a coordinate is missing or impossible, a ring has fewer than three
            corners, or the area lies at a pole.
        NothingToCoverError: If no ground is inside.
    """
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in {"Polygon", "MultiPolygon"} or not isinstance(coordinates, Sequence):
        raise PlanningError(f"The area is a {kind}, not a Polygon or MultiPolygon. Draw polygons.")
    polygons = coordinates if kind == "MultiPolygon" else [coordinates]
    rings = [[_ring(ring) for ring in _listed(polygon)] for polygon in polygons]
    frame = LocalFrame(
        _middle([position for group in rings for ring in group for position in ring])
    )
    parts = [_filled(group, frame) for group in rings if group]
    return Outline(frame, clean_area(shapely.union_all(parts)))


def _listed(value: object) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PlanningError(f"The area holds {value!r} where a list belongs. Draw it again.")
    return value


def _ring(value: object) -> Ring:
    ring = [_position(position) for position in _listed(value)]
    if len(set(ring)) < _FEWEST_CORNERS:
        raise PlanningError(
            f"A ring of the area has {len(set(ring))} different corners; it needs at least "
            f"{_FEWEST_CORNERS}. Draw it again."
        )
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


def _position(value: object) -> Position:
    numbers = [n for n in _listed(value)[:2] if isinstance(n, int | float) and math.isfinite(n)]
    if len(numbers) != 2:
        raise PlanningError(f"The area has a corner at {value!r}, which is no place. Correct it.")
    lon_deg, lat_deg = float(numbers[0]), float(numbers[1])
    if abs(lat_deg) > 90.0 or abs(lon_deg) > 180.0:
        raise PlanningError(
            f"The area has a corner at longitude {lon_deg:g}, latitude {lat_deg:g}, which does not "
            "exist. GeoJSON has the longitude first: are they swapped?"
        )
    if abs(lat_deg) > _POLAR_DEG:
        raise PlanningError(
            f"The area has a corner at latitude {lat_deg:g}; within {90.0 - _POLAR_DEG:g} degrees "
            "of a pole nothing is planned."
        )
    return lon_deg, lat_deg


def _middle(positions: Ring) -> LonLat:
    """The middle of the box round all positions, the short way round the Earth."""
    lons_deg = [lon for lon, _ in positions]
    lats_deg = [lat for _, lat in positions]
    if max(lons_deg) - min(lons_deg) > 180.0:
        lons_deg = [lon % 360.0 for lon in lons_deg]
    lon_deg = (min(lons_deg) + max(lons_deg)) / 2.0
    lon_deg = (lon_deg + 180.0) % 360.0 - 180.0
    return LonLat(lon_deg, (min(lats_deg) + max(lats_deg)) / 2.0)


def _filled(rings: list[Ring], frame: LocalFrame) -> shapely.Geometry:
    """One polygon less its holes, each ring repaired by itself."""
    local = [shapely.Polygon([frame.to_local(*position) for position in ring]) for ring in rings]
    shell, *holes = [shapely.union_all(polygons_of(shapely.make_valid(ring))) for ring in local]
    return shapely.difference(shell, shapely.union_all(holes)) if holes else shell
