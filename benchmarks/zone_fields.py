"""Rooms with many zones in them, and the plain way of finding ways through them."""

import math
import random

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

FloatArray = NDArray[np.float64]
Point = tuple[float, float]

SIZE_M = 6000.0
_MARGIN_M = 30.0


def zone_field(count: int, seed: int) -> shapely.Polygon:
    """A square with star-shaped zones of five to ten corners cut out, its corners left free."""
    rng = random.Random(seed)
    closed = shapely.union_all([_zone(rng) for _ in range(count)])
    around = shapely.box(-_MARGIN_M, -_MARGIN_M, SIZE_M + _MARGIN_M, SIZE_M + _MARGIN_M)
    parts = shapely.get_parts(shapely.difference(around, closed))
    return parts[int(np.argmax(shapely.area(parts)))]


def _zone(rng: random.Random) -> shapely.Polygon:
    x, y = (rng.uniform(0.07, 0.93) * SIZE_M for _ in range(2))
    radius_m = rng.uniform(0.02, 0.06) * SIZE_M
    angles = sorted(rng.uniform(0.0, 2.0 * math.pi) for _ in range(rng.randint(5, 10)))
    reaches = [radius_m * rng.uniform(0.5, 1.0) for _ in angles]
    ring = [
        (x + far * math.cos(angle), y + far * math.sin(angle))
        for far, angle in zip(reaches, angles, strict=True)
    ]
    return shapely.buffer(shapely.Polygon(ring), 0.0)


def plain_way_m(room: shapely.Polygon, start: Point, end: Point) -> float:
    """Length of the shortest way by the whole visibility graph of all vertices.

    Args:
        room: Where the way must stay.
        start: Inside.
        end: Inside.

    Returns:
        Metres; infinite if there is no way.
    """
    nodes = np.unique(np.vstack([[start, end], shapely.get_coordinates(room)]), axis=0)
    tested = shapely.buffer(room, 1e-6, quad_segs=1)
    shapely.prepare(tested)
    a, b = np.triu_indices(len(nodes), 1)
    lines = shapely.linestrings(np.stack([nodes[a], nodes[b]], axis=1))
    lengths = np.where(shapely.covers(tested, lines), shapely.length(lines), 0.0)
    graph = np.zeros((len(nodes), len(nodes)))
    graph[a, b] = lengths
    first, last = (int(np.flatnonzero((nodes == place).all(axis=1))[0]) for place in (start, end))
    ways: FloatArray = dijkstra(graph, directed=False, indices=first)
    return float(ways[last])
