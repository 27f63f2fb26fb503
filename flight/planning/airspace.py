"""Where aircraft may fly on a patrol: round the cells and docks, clear of no-fly zones.

All plane geometry here is in metres of a local frame.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.errors import NothingToCoverError, PlanningError
from flight.planning.cleaning import polygons_of, simplified
from flight.planning.links import Passage, Point
from geofences.county import Dock
from geofences.geodesy import LocalFrame
from geofences.zones import Zone, ZoneIndex, ZoneKind

FloatArray = NDArray[np.float64]

_ROOM_AROUND_M = 60.0  # how far from the hull of cells and docks a way round a zone may lead
_SIMPLER_BY_M = 0.5


@dataclass(frozen=True)
class Airspace:
    """The air over a patrol.

    Attributes:
        no_fly: Zones of that kind that are near, with their polygons in metres.
        target: What of the requested cells lies outside the zones and their margin.
        reachable: What of the requested cells lies outside the zones themselves, the ground that
            coverage is counted on.
        passage: Finds ways through the air.
    """

    no_fly: tuple[tuple[Zone, shapely.Geometry], ...]
    target: shapely.MultiPolygon
    reachable: shapely.Geometry
    passage: Passage

    def way(self, start: Point, end: Point, what: str) -> list[Point]:
        """The shortest way that keeps clear of every zone.

        Args:
            start: Metres.
            end: Metres.
            what: Names the way in the error.

        Returns:
            Its points, both ends included.

        Raises:
            PlanningError: If there is none.
        """
        found = self.passage.way(start, end)
        if found is None:
            zones = ", ".join(zone.name for zone, _ in self.no_fly) or "the edge of the airspace"
            raise PlanningError(
                f"There is no way {what} that keeps clear of {zones}. "
                "Choose another dock, or leave out the cells behind the zone."
            )
        return found

    def lengths_m(self, start: Point, points: FloatArray, what: str) -> FloatArray:
        """Lengths of the shortest ways from one point to many.

        Args:
            start: Metres.
            points: float64, (N, 2), metres.
            what: Names the ways in the error.

        Returns:
            float64, (N,), metres.

        Raises:
            PlanningError: If there is no way to one of them.
        """
        starts = np.broadcast_to(np.array(start), points.shape)
        lengths: FloatArray = np.hypot(*(points - starts).T)
        for index in np.flatnonzero(~self.passage.sees(starts, points)).tolist():
            x, y = points[index]
            way = self.way(start, (float(x), float(y)), what)
            lengths[index] = sum(math.dist(a, b) for a, b in itertools.pairwise(way))
        return lengths


def open_airspace(
    area: shapely.Geometry,
    docks: Sequence[Dock],
    zones: ZoneIndex,
    frame: LocalFrame,
    margin_m: float,
) -> Airspace:
    """Cut the zones out of the air over some cells and docks.

    Args:
        area: The requested cells, metres.
        docks: Where aircraft start.
        zones: All zones of the county.
        frame: Between metres and degrees.
        margin_m: How far to keep from no-fly zones and from the edges of keep-in zones.

    Returns:
        The air that is left.

    Raises:
        PlanningError: If a dock lies in a no-fly zone or its margin.
        NothingToCoverError: If the zones cover all of the cells.
    """
    points = [shapely.Point(frame.to_local(d.position.lon_deg, d.position.lat_deg)) for d in docks]
    hull = shapely.convex_hull(shapely.union_all([area, *points]))
    no_fly = _near(zones.of_kind(ZoneKind.NO_FLY), hull, frame, margin_m + 2.0 * _ROOM_AROUND_M)
    for dock, point in zip(docks, points, strict=True):
        _refuse_closed_dock(dock, point, no_fly, margin_m)
    # A zone across the hull must not cut it in two if there is air on its far side.
    bodies = shapely.union_all([hull, *(polygon for _, polygon in no_fly)])
    around = shapely.buffer(shapely.convex_hull(bodies), _ROOM_AROUND_M + margin_m, quad_segs=4)
    raw = shapely.union_all([polygon for _, polygon in no_fly])
    closed = shapely.buffer(raw, margin_m + _SIMPLER_BY_M, quad_segs=4)
    # Simplified, since each vertex of a round zone would be a corner in the graph of ways.
    free = shapely.difference(around, simplified(closed, _SIMPLER_BY_M))
    keep_in = zones.of_kind(ZoneKind.KEEP_IN)
    if keep_in:
        inside = shapely.union_all([frame.geometry_to_local(zone.polygon) for zone in keep_in])
        free = shapely.intersection(free, shapely.buffer(inside, -margin_m))
    # Where cells and air only touch, lines and points come out.
    target = shapely.MultiPolygon(polygons_of(shapely.intersection(area, free)))
    if target.area < 1.0:
        names = ", ".join(zone.name for zone, _ in no_fly) or "keep-in zones"
        raise NothingToCoverError(
            f"The zones ({names}) leave nothing of the requested cells to fly over. "
            "Choose other cells."
        )
    return Airspace(no_fly, target, shapely.difference(area, raw), Passage(free))


def _near(
    zones: Sequence[Zone], hull: shapely.Geometry, frame: LocalFrame, within_m: float
) -> tuple[tuple[Zone, shapely.Geometry], ...]:
    local = [(zone, frame.geometry_to_local(zone.polygon)) for zone in zones]
    return tuple((zone, p) for zone, p in local if shapely.distance(p, hull) <= within_m)


def _refuse_closed_dock(
    dock: Dock,
    point: shapely.Point,
    no_fly: Sequence[tuple[Zone, shapely.Geometry]],
    margin_m: float,
) -> None:
    for zone, polygon in no_fly:
        if shapely.distance(polygon, point) <= margin_m:
            raise PlanningError(
                f"Dock {dock.dock_id} lies in the no-fly zone {zone.name} ({zone.zone_id}) or "
                f"within {margin_m:g} m of it. Choose another dock."
            )
