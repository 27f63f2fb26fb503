"""Cutting an area into pieces that are swept at angles of their own, where that pays.

All geometry here is in metres of a local frame. An L of two wings asks for lanes along each of
them. Pieces are found by straight cuts along edges of the area, one after the other, each the one
that saves most by a closed form; where none saves anything the area stays whole.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.planning.cleaning import opened, polygons_of
from flight.planning.sweep import candidate_angles

FloatArray = NDArray[np.float64]

_MOST_CUTS = 4
_MOST_EDGES = 60
_MOST_ANGLES = 8
_SHORTEST_EDGE = 0.5  # spacings, along which a cut is tried
_SMALLEST_PIECE = 0.2  # square spacings
_ROUNDING = 1e-6  # spacings
_BEYOND = 1e3  # times the size of an area
_CELL = 2.0  # spacings to the next cell
_JOINT = 0.5  # spacings lost where two pieces meet
_FLATTEST = 0.15  # sine of the angle at which a lane meets an edge, as far as it counts
_CUT = 0.3  # spacings that a lane ends before the edge


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an area and the direction of its lanes.

    Attributes:
        polygon: The part.
        angle_rad: Anticlockwise from east.
        cost_m: What it is reckoned to cost.
    """

    polygon: shapely.Polygon
    angle_rad: float
    cost_m: float


def partition(area: shapely.Polygon, spacing_m: float, turn_cost_m: float) -> list[Piece]:
    """Cut an area where lanes at angles of their own save more than the cut costs.

    Args:
        area: Where lanes may run, in few vertices.
        spacing_m: Lane spacing.
        turn_cost_m: How many metres of flight a right-angled turn is worth.

    Returns:
        The pieces; the area itself if no cut pays.
    """
    scale = _Scale(spacing_m, turn_cost_m)
    pieces = [scale.best(area, [])]
    for _ in range(_MOST_CUTS):
        cuts = [
            (_saved_m(piece, parts, scale), index, parts)
            for index, piece in enumerate(pieces)
            for parts in scale.halves(piece)
        ]
        saved_m, index, parts = max(cuts, key=lambda cut: cut[0], default=(0.0, 0, []))
        if saved_m <= 0.0:
            break
        pieces[index : index + 1] = parts
    return pieces


def _saved_m(piece: Piece, parts: list[Piece], scale: "_Scale") -> float:
    joints_m = _JOINT * scale.spacing_m * (len(parts) - 1)
    return piece.cost_m - sum(part.cost_m for part in parts) - joints_m


@dataclass(frozen=True, slots=True)
class _Scale:
    """What is small, and what a turn costs."""

    spacing_m: float
    turn_cost_m: float

    @property
    def _hair_m(self) -> float:
        return _ROUNDING * self.spacing_m

    def best(self, area: shapely.Polygon, angles: list[float]) -> Piece:
        """An area at the angle that is reckoned to cost least."""
        edges = _edges(area)
        tried = [*candidate_angles(area)[:_MOST_ANGLES], *angles]
        cost_m, angle_rad = min((self._cost_m(edges, angle), angle) for angle in tried)
        return Piece(area, angle_rad, cost_m)

    def halves(self, piece: Piece) -> list[list[Piece]]:
        """A piece cut along each of its longer edges."""
        starts, ends = _edges(piece.polygon)
        lengths_m = np.hypot(*(ends - starts).T)
        found = []
        for edge in np.argsort(-lengths_m, kind="stable")[:_MOST_EDGES]:
            if lengths_m[edge] < _SHORTEST_EDGE * self.spacing_m:
                break
            sides = _cut(piece.polygon, starts[edge], ends[edge])
            # A cut along an edge may leave a hair of it by rounding.
            parts = [part for side in sides for part in polygons_of(opened(side, self._hair_m))]
            least_m2 = _SMALLEST_PIECE * self.spacing_m**2
            if len(parts) > 1 and min(part.area for part in parts) >= least_m2:
                found.append([self.best(part, [piece.angle_rad]) for part in parts])
        return found

    def _cost_m(self, edges: tuple[FloatArray, FloatArray], angle_rad: float) -> float:
        """What lanes at an angle are reckoned to cost, with the links along slanting edges."""
        along = np.array([np.cos(angle_rad), np.sin(angle_rad)])
        across = np.array([-along[1], along[0]])
        (x0, y0), (x1, y1) = ((ends @ along, ends @ across) for ends in edges)
        low, high = float(y0.min()), float(y0.max())
        count = max(1, int(np.ceil((high - low) / self.spacing_m - 1e-9)))
        levels = (low + (np.arange(count) + 0.5) * (high - low) / count)[:, None]
        crossed = (y0 <= levels) != (y1 <= levels)
        rise = np.where(y1 == y0, 1.0, y1 - y0)
        at = x0 + (levels - y0) * ((x1 - x0) / rise)
        lanes_m = abs(float((at * np.sign(rise) * crossed).sum()))
        pieces = crossed.sum(axis=1) // 2
        slant = np.maximum(np.abs(rise) / np.maximum(np.hypot(rise, x1 - x0), 1e-9), _FLATTEST)
        links_m = 0.5 * self.spacing_m * float((crossed / slant).sum())
        cells = float(pieces[0]) + 1.5 * float(np.abs(np.diff(pieces)).sum())
        per_lane_m = 2.0 * (self.turn_cost_m - _CUT * self.spacing_m)
        return lanes_m + links_m + per_lane_m * float(pieces.sum()) + _CELL * self.spacing_m * cells


def _cut(area: shapely.Polygon, start: FloatArray, end: FloatArray) -> list[shapely.Geometry]:
    """Both sides of the line through two points."""
    way = (end - start) / np.hypot(*(end - start))
    far_m = _BEYOND * float(np.hypot(*np.ptp(shapely.get_coordinates(area), axis=0)))
    side = np.array([-way[1], way[0]])
    a, b = start - far_m * way, start + far_m * way
    left = shapely.polygons(np.array([a, b, b + far_m * side, a + far_m * side]))
    return [shapely.intersection(area, left), shapely.difference(area, left)]


def _edges(area: shapely.Polygon) -> tuple[FloatArray, FloatArray]:
    """Where edges begin and end, with the area to their left, float64, (N, 2) each."""
    rings = shapely.get_rings(shapely.orient_polygons(area))
    at = [shapely.get_coordinates(ring) for ring in rings]
    return np.vstack([ring[:-1] for ring in at]), np.vstack([ring[1:] for ring in at])
