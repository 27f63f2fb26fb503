"""Which straight ways plainly cross the outline of an area, compiled by numba.

An outline of thousands of vertices bars most of the ways that a search for the shortest looks at,
and a glance at the few edges beside a way shows it. What is no plain crossing (along an edge,
through a vertex) is left to exact predicates.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.planning.sight_geometry import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Edges = tuple[Floats, Integers, Integers]
Grid = tuple[float, float, float, int]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The edges of an area, found by the square of a grid that they pass.

    Attributes:
        edges_m: float64, (E, 4), both ends of each edge.
        low_m: float64, (2,), the corner of the grid with the least coordinates.
        square_m: Side of a square.
        starts: int64, (rows * columns + 1,), where each square's edges begin in the next array.
        members: int64, edges by square.
        columns: Squares in a row.
    """

    edges_m: Floats
    low_m: Floats
    square_m: float
    starts: Integers
    members: Integers
    columns: int

    @classmethod
    def of(cls, area: shapely.Geometry) -> "Outline":
        """Sort the edges of a polygon or multipolygon in metres."""
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(area)]
        edges_m = np.vstack([np.hstack([at[:-1], at[1:]]) for at in rings])
        low_m, high_m = np.array(area.bounds[:2]), np.array(area.bounds[2:])
        square_m = max(float((high_m - low_m).max()) / max(1.0, len(edges_m) ** 0.5), 1e-9)
        columns, rows = ((high_m - low_m) // square_m).astype(np.int64) + 1
        starts, members = _sorted_edges(edges_m, low_m, square_m, columns, rows)
        return cls(edges_m, low_m, square_m, starts, members, int(columns))

    def bars(self, a: Floats, b: Floats, slack_m: float) -> NDArray[np.bool_]:
        """Which straight ways plainly cross an edge.

        Args:
            a: float64, (N, 2), where ways begin.
            b: float64, (N, 2), where they end.
            slack_m: A way or an edge that reaches no farther than this beyond the other does not
                plainly cross it.

        Returns:
            bool, (N,).
        """
        barred: NDArray[np.bool_] = _barred(
            np.ascontiguousarray(a, dtype=np.float64),
            np.ascontiguousarray(b, dtype=np.float64),
            (self.edges_m, self.starts, self.members),
            (self.low_m[0], self.low_m[1], self.square_m, self.columns),
            slack_m,
        )
        return barred


@compiled
def _sorted_edges(
    edges_m: Floats, low_m: Floats, square_m: float, columns: int, rows: int
) -> tuple[Integers, Integers]:
    """Count, then place, each edge in all squares that its bounding box meets."""
    starts = np.zeros(rows * columns + 1, dtype=np.int64)
    members = np.zeros(0, dtype=np.int64)
    for placing in (False, True):
        if placing:
            starts[1:] = np.cumsum(starts[1:])
            members = np.zeros(starts[-1], dtype=np.int64)
            filled = starts.copy()
        for k in range(len(edges_m)):
            x0 = int((min(edges_m[k, 0], edges_m[k, 2]) - low_m[0]) / square_m)
            x1 = int((max(edges_m[k, 0], edges_m[k, 2]) - low_m[0]) / square_m)
            y0 = int((min(edges_m[k, 1], edges_m[k, 3]) - low_m[1]) / square_m)
            y1 = int((max(edges_m[k, 1], edges_m[k, 3]) - low_m[1]) / square_m)
            for row in range(y0, min(y1, rows - 1) + 1):
                for column in range(x0, min(x1, columns - 1) + 1):
                    square = row * columns + column
                    if placing:
                        members[filled[square]] = k
                        filled[square] += 1
                    else:
                        starts[square + 1] += 1
    return starts, members


@compiled
def _barred(a: Floats, b: Floats, outline: Edges, grid: Grid, slack_m: float) -> NDArray[np.bool_]:
    """Look at the edges in the squares that each way passes, until one is crossed."""
    edges_m, starts, members = outline
    low_x, low_y, square_m, columns = grid
    rows = (len(starts) - 1) // columns
    barred = np.zeros(len(a), dtype=np.bool_)
    for i in range(len(a)):
        first = max(0, int((min(a[i, 1], b[i, 1]) - low_y) // square_m))
        last = min(rows - 1, int((max(a[i, 1], b[i, 1]) - low_y) // square_m))
        for row in range(first, last + 1):
            if barred[i]:
                break
            x0, x1 = _span(a[i], b[i], low_y + row * square_m, square_m)
            left = max(0, int((x0 - low_x) // square_m))
            right = min(columns - 1, int((x1 - low_x) // square_m))
            for square in range(row * columns + left, row * columns + right + 1):
                for k in members[starts[square] : starts[square + 1]]:
                    if _crosses(edges_m[k], a[i], b[i], slack_m):
                        barred[i] = True
                        break
                if barred[i]:
                    break
    return barred


@compiled
def _span(a: Floats, b: Floats, y: float, square_m: float) -> tuple[float, float]:
    """Between which x a way passes the squares of one row, a hair more than it does."""
    ax, ay, bx, by = a[0], a[1], b[0], b[1]
    if abs(by - ay) < 1e-12:
        return min(ax, bx), max(ax, bx)
    s0, s1 = (y - ay) / (by - ay), (y + square_m - ay) / (by - ay)
    s0, s1 = min(1.0, max(0.0, s0)), min(1.0, max(0.0, s1))
    x0, x1 = ax + s0 * (bx - ax), ax + s1 * (bx - ax)
    return min(x0, x1) - 1e-6 * square_m, max(x0, x1) + 1e-6 * square_m


@compiled
def _crosses(edge: Floats, a: Floats, b: Floats, slack_m: float) -> bool:
    """Whether way and edge reach beyond each other by more than the slack on both sides."""
    dx, dy, ex, ey = b[0] - a[0], b[1] - a[1], edge[2] - edge[0], edge[3] - edge[1]
    px, py = edge[0] - a[0], edge[1] - a[1]
    way_slack = slack_m * np.sqrt(dx * dx + dy * dy)
    p_side = dx * py - dy * px
    q_side = dx * (py + ey) - dy * (px + ex)
    if not (min(p_side, q_side) < -way_slack and max(p_side, q_side) > way_slack):
        return False
    edge_slack = slack_m * np.sqrt(ex * ex + ey * ey)
    a_side = ey * px - ex * py
    b_side = ex * (dy - py) - ey * (dx - px)
    return bool(min(a_side, b_side) < -edge_slack and max(a_side, b_side) > edge_slack)
