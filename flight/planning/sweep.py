"""Straight lanes over an area at one angle, gathered into cells that one zigzag covers.

All geometry here is in metres of a local frame. A lane is a row `x0 y0 x1 y1`, its left end first
as seen along the sweep; a lane whose ends coincide is a single point to fly over. A cell is a list
of neighbouring lanes without a hole or a bay between them (boustrophedon decomposition).
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_MOST_EDGE_ANGLES = 12
_SAMPLED_ANGLE_STEP_DEG = 15


@dataclass(frozen=True, slots=True)
class Sweep:
    """All lanes of one area at one angle.

    Attributes:
        angle_rad: Direction of the lanes, anticlockwise from east.
        cells: Each float64, (lanes, 4): x0 y0 x1 y1 in metres.
    """

    angle_rad: float
    cells: tuple[FloatArray, ...]

    @property
    def lane_count(self) -> int:
        """Number of lanes in all cells."""
        return sum(len(cell) for cell in self.cells)

    @property
    def lanes_length_m(self) -> float:
        """Length of all lanes, without what links them."""
        return float(sum(np.hypot(c[:, 2] - c[:, 0], c[:, 3] - c[:, 1]).sum() for c in self.cells))


def candidate_angles(area: shapely.Geometry) -> list[float]:
    """Angles worth trying: along the longest edges, and evenly sampled ones between.

    Args:
        area: In metres, already simplified, so that one edge is one direction.

    Returns:
        Radians in [0, pi), no two closer than a degree.
    """
    by_angle_deg: dict[int, tuple[float, float]] = {}
    for ring in _rings(area):
        steps = np.diff(ring, axis=0)
        for (dx, dy), length_m in zip(steps, np.hypot(steps[:, 0], steps[:, 1]), strict=True):
            angle = math.atan2(dy, dx) % math.pi
            key = round(math.degrees(angle)) % 180
            total_m = by_angle_deg.get(key, (0.0, angle))[0] + float(length_m)
            by_angle_deg[key] = (total_m, angle)
    longest = sorted(by_angle_deg.values(), reverse=True)[:_MOST_EDGE_ANGLES]
    sampled = (math.radians(deg) for deg in range(0, 180, _SAMPLED_ANGLE_STEP_DEG))
    known = {round(math.degrees(angle)) % 180 for _, angle in longest}
    extra = [angle for angle in sampled if round(math.degrees(angle)) % 180 not in known]
    return [angle for _, angle in longest] + extra


def sweep(
    room: shapely.Polygon,
    extent: shapely.Geometry,
    angle_rad: float,
    spacing_m: float,
    cut_m: float,
) -> Sweep:
    """Lay evenly spaced lanes over an area.

    Args:
        room: Where lanes may run.
        extent: What they must cover, which decides the outermost lanes.
        angle_rad: Direction of the lanes.
        spacing_m: The greatest distance between neighbours, and twice that to the edge.
        cut_m: How much shorter each lane is at either end; a lane shorter than two cuts becomes
            the point in its middle.

    Returns:
        The lanes, grouped into cells.
    """
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    turned = np.array([[cos, -sin], [sin, cos]])  # right-multiplied: turns by minus the angle
    across = shapely.get_coordinates(extent) @ turned[:, 1]
    low, high = float(across.min()), float(across.max())
    count = max(1, math.ceil((high - low) / spacing_m - 1e-9))
    levels = low + (np.arange(count) + 0.5) * (high - low) / count
    rows = _crossings([ring @ turned for ring in _rings(room)], levels)
    cells = [_cut(np.array(cell), cut_m) for cell in _group(rows, levels)]
    if not cells:  # smaller than the step between lanes: one look from its middle
        middle = shapely.get_coordinates(shapely.point_on_surface(room)) @ turned
        cells = [np.hstack([middle, middle])]
    back = turned.T
    return Sweep(
        angle_rad,
        tuple(np.hstack([cell[:, :2] @ back, cell[:, 2:] @ back]) for cell in cells),
    )


def _rings(area: shapely.Geometry) -> list[FloatArray]:
    rings = shapely.get_rings(shapely.get_parts(area))
    return [shapely.get_coordinates(ring) for ring in rings]


def _crossings(rings: list[FloatArray], levels: FloatArray) -> list[list[tuple[float, float]]]:
    """For each level, the x intervals inside the rings, from left to right."""
    starts = np.vstack([ring[:-1] for ring in rings])
    ends = np.vstack([ring[1:] for ring in rings])
    rows = []
    for level in levels:
        crossing = (starts[:, 1] <= level) != (ends[:, 1] <= level)
        a, b = starts[crossing], ends[crossing]
        xs = np.sort(a[:, 0] + (level - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1]))
        rows.append([(float(x0), float(x1)) for x0, x1 in xs.reshape(-1, 2)])
    return rows


def _group(
    rows: list[list[tuple[float, float]]], levels: FloatArray
) -> list[list[tuple[float, float, float, float]]]:
    """Chain each interval to the one above it, as long as both have no other neighbour."""
    cells: list[list[tuple[float, float, float, float]]] = []
    open_cells: dict[int, list[tuple[float, float, float, float]]] = {}
    below: list[tuple[float, float]] = []
    for level, row in zip(levels, rows, strict=True):
        ups = [[i for i, r in enumerate(row) if r[0] < b[1] and b[0] < r[1]] for b in below]
        next_open = {}
        for i, (x0, x1) in enumerate(row):
            downs = [j for j, up in enumerate(ups) if i in up]
            alone = len(downs) == 1 and len(ups[downs[0]]) == 1
            cell = open_cells[downs[0]] if alone else []
            if not alone:
                cells.append(cell)
            cell.append((x0, level, x1, level))
            next_open[i] = cell
        open_cells, below = next_open, row
    return cells


def _cut(cell: FloatArray, cut_m: float) -> FloatArray:
    cut = np.minimum(cut_m, (cell[:, 2] - cell[:, 0]) / 2.0)
    cell[:, 0] += cut
    cell[:, 2] -= cut
    return cell
