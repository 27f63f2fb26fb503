"""Making outlines from the world fit for planning: valid, without spikes, in few vertices.

All geometry here is in metres of a local frame.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from flight.errors import NothingToCoverError, PlanningError

_SLIVER_M2 = 0.01  # below this a part is rounding of the input, not ground
# Inset as a share of the spacing, and how much of the area must be seen from what is left: spurs of
# little ground are dropped sooner than the whole path is squeezed against the edge for them.
_INSETS = ((0.05, 0.9995), (0.01, 0.9995), (0.01, 0.995), (0.001, 0.0))
_STRAIGHT = 1e-8  # spacings; points that lie nearer to an edge are rounding
_ROUNDED_UP = 1.0 + 1e-6
_MANY_VERTICES = 150
_TEETH = (0.5, 0.25, 0.1)  # spacings: what is narrower gets no lanes of its own
_LEAST_CORE = 0.7  # of a room
_FIRST_STEPS = (0.1, 0.3)  # of a radius


def clean_area(area: shapely.Geometry, drop_spikes_below_m: float = 0.0) -> shapely.MultiPolygon:
    """Repair an outline and keep its polygons.

    Self-crossings are resolved by area (even-odd), holes are merged, lines and points dropped.

    Args:
        area: Any geometry, in metres.
        drop_spikes_below_m: Parts narrower than this are removed, where something else remains.

    Returns:
        Its valid polygons, at least one.

    Raises:
        PlanningError: If a coordinate is not a finite number.
        NothingToCoverError: If no ground is inside.
    """
    coordinates = shapely.get_coordinates(area)
    if not np.isfinite(coordinates).all():
        raise PlanningError(
            "The area to cover has a coordinate that is not a number. Draw it again or repair it."
        )
    valid = shapely.make_valid(shapely.force_2d(area))
    parts = polygons_of(valid)
    if drop_spikes_below_m > 0.0:
        # Where all is thinner, as a canal, the thin is what there is to see.
        wide = opened(shapely.union_all(parts), drop_spikes_below_m / 2.0)
        parts = polygons_of(wide) or parts
    kept = [part for part in parts if part.area > _SLIVER_M2]
    if not kept:
        raise NothingToCoverError(
            "The area to cover has no ground in it. Choose other cells, or smaller no-fly zones."
        )
    return shapely.MultiPolygon(kept)


def polygons_of(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """Every polygon in a geometry of any type, in its order."""
    # Twice, because collections hold multipolygons.
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]


def simplified(area: shapely.Geometry, tolerance_m: float) -> shapely.Geometry:
    """Polygons in fewer vertices; none left out lies farther than the tolerance from the outline.

    GEOS 3.14 promises as much, but leaves out the vertex where a ring begins and ends after all
    others, by which these may come to lie up to twice as far.

    Args:
        area: Polygons, in metres.
        tolerance_m: The most by which the outline may move.
    """
    with np.errstate(all="ignore"):  # GEOS divides by zero, harmlessly, in edges of no length
        simple = shapely.simplify(area, tolerance_m)
    rims = shapely.boundary(simple)
    shapely.prepare(rims)
    corners = shapely.points(shapely.get_coordinates(area))
    if shapely.dwithin(rims, corners, tolerance_m * _ROUNDED_UP).all():
        return simple
    with np.errstate(all="ignore"):
        return shapely.simplify(area, tolerance_m / 2.0)


@dataclass(frozen=True, slots=True)
class Room:
    """A connected place in which a path may run.

    Attributes:
        polygon: Where the path may be; inside its area with a little distance to the edge.
        core: The room without its narrow teeth, in few vertices; where lanes are laid.
        extent: The room and the inset round it, which decides where the outer lanes lie.
        target: What of the area can be seen from the room, without the far ends of spurs too thin
            to fly in.
        play_m: So far a path may pass the polygon's edge and is still inside the area.
    """

    polygon: shapely.Polygon
    core: shapely.Polygon
    extent: shapely.Geometry
    target: shapely.Geometry
    play_m: float


def inner_rooms(area: shapely.Polygon, spacing_m: float) -> list[Room]:
    """The parts of an area in which a path may run without ever touching its edge.

    The inset lets the outline be simplified and rounding errors happen without a path leaving the
    area; corridors narrower than the inset keep a smaller one.

    Args:
        area: One valid polygon.
        spacing_m: Lane spacing, the scale that decides what is small.

    Returns:
        Its connected parts, largest first; empty if the area is thinner than a thousandth of the
        spacing everywhere.
    """
    # Points along an edge are no corners.
    with np.errstate(all="ignore"):
        area = shapely.simplify(area, _STRAIGHT * spacing_m)
    inset, inset_m = shapely.Polygon(), 0.0
    for share, kept in _INSETS:
        inset_m = share * spacing_m
        inset = shapely.buffer(area, -inset_m, join_style="mitre", mitre_limit=2.0)
        seen = _grown(inset, spacing_m / 2.0)
        if shapely.intersection(seen, area).area >= kept * area.area:
            break
    rooms = []
    for part in polygons_of(inset):
        # Simplifying moves the outline by less than the inset, so it stays inside the area.
        for polygon in polygons_of(shapely.make_valid(simplified(part, 0.9 * inset_m))):
            core = _core(polygon, spacing_m)
            extent = shapely.buffer(core, inset_m, join_style="mitre", mitre_limit=2.0)
            near = _grown(part, spacing_m / 2.0)
            target = shapely.intersection(area, near)
            rooms.append(Room(polygon, core, extent, target, 0.05 * inset_m))
    return sorted(rooms, key=lambda room: -room.polygon.area)


def _grown(geometry: shapely.Geometry, radius_m: float) -> shapely.Geometry:
    """Everything within a radius of an area."""
    gone_m = 0.0
    if shapely.get_num_coordinates(geometry) > _MANY_VERTICES:
        # The rims of a thousand teeth cross each other everywhere. Grown by a little first, most
        # of them have run together before it comes to that: fifteen times as fast.
        for share in _FIRST_STEPS:
            step_m = share * radius_m - gone_m
            geometry, gone_m = shapely.buffer(geometry, step_m, quad_segs=4), share * radius_m
    return shapely.buffer(geometry, radius_m - gone_m, quad_segs=4)


def _core(room: shapely.Polygon, spacing_m: float) -> shapely.Polygon:
    """A jagged room without its teeth; any other as it is."""
    if shapely.get_num_coordinates(room) <= _MANY_VERTICES:
        return room
    for share in _TEETH:
        width_m = share * spacing_m
        eroded = shapely.buffer(room, -width_m / 2.0, quad_segs=4)
        # Grown by less, for arcs are drawn as chords, and there must be room to simplify.
        grown = shapely.buffer(eroded, 0.4 * width_m, quad_segs=2)
        parts = polygons_of(simplified(grown, 0.08 * width_m))
        if len(parts) == 1 and parts[0].area >= _LEAST_CORE * room.area:
            return parts[0]
    return room


def opened(geometry: shapely.Geometry, radius_m: float) -> shapely.Geometry:
    """Remove everything narrower than twice the radius, with square corners kept.

    Args:
        geometry: In metres.
        radius_m: Half the width below which something is removed.
    """
    eroded = shapely.buffer(geometry, -radius_m, join_style="mitre", mitre_limit=5.0)
    grown = shapely.buffer(eroded, radius_m, join_style="mitre", mitre_limit=5.0)
    return shapely.intersection(grown, geometry)
