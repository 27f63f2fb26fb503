"""Cells outside their village.

The body of a village is the largest piece of land that its cells make together, cells within a
metre of each other counting as joined. Any other piece is detached, which exclaves and rivers make
often enough. It is told when it lies inside another village's body, that is, when at least half of
its outline borders cells of one other village, which a wrongly typed code looks like; and when it
lies more than a kilometre from its own village's body. A village of one or two cells that another
one surrounds is told too, since a wrong code makes a village of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geofences.findings import MapFinding, Severity, inner_place
from geofences.land import Land

JOINED_WITHIN_M = 1.0
INSIDE_SHARE = 0.5
FAR_FROM_BODY_M = 1000.0
SURROUNDED_SHARE = 0.9

_FEW_CELLS = 2

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Pairs of cells within a metre of each other, and the village of each cell by number."""

    first: Indices
    second: Indices
    village: Indices

    def of(self, members: Indices) -> Indices:
        """The neighbours of some cells among all others."""
        around = self.second[np.isin(self.first, members)]
        return np.setdiff1d(around, members)


def cells_outside_villages(land: Land) -> Iterator[MapFinding]:
    """Pieces of villages that lie inside another one, or far from their own body."""
    codes = np.array([cell.village_code for cell in land.cells])
    tree = shapely.STRtree(land.polygons)
    first, second = tree.query(land.polygons, predicate="dwithin", distance=JOINED_WITHIN_M)
    near = _Neighbours(first, second, np.unique(codes, return_inverse=True)[1])
    joined = near.village[first] == near.village[second]
    count = len(land.cells)
    links = coo_array((np.ones(joined.sum()), (first[joined], second[joined])), (count, count))
    _, piece = connected_components(links, directed=False)
    for village in np.unique(near.village):
        members = np.flatnonzero(near.village == village)
        pieces = np.unique(piece[members])
        if len(pieces) == 1 and len(members) <= _FEW_CELLS:
            yield from _surrounded(land, near, members)
        if len(pieces) > 1:
            yield from _detached(land, near, [members[piece[members] == each] for each in pieces])


def _detached(land: Land, near: _Neighbours, pieces: list[Indices]) -> Iterator[MapFinding]:
    largest = max(
        range(len(pieces)), key=lambda n: float(shapely.area(land.polygons[pieces[n]]).sum())
    )
    body = shapely.union_all(land.polygons[pieces[largest]])
    for number, piece in enumerate(pieces):
        if number == largest:
            continue
        outline = shapely.union_all(land.polygons[piece])
        away_m = float(shapely.distance(outline, body))
        other, share = _surrounded_by(land, near, piece, outline)
        if share >= INSIDE_SHARE:
            yield _inside_another(land, piece, away_m, other, share)
        elif away_m > FAR_FROM_BODY_M:
            yield _far_from_own(land, piece, away_m)


def _surrounded(land: Land, near: _Neighbours, village: Indices) -> Iterator[MapFinding]:
    other, share = _surrounded_by(land, near, village, shapely.union_all(land.polygons[village]))
    if share >= SURROUNDED_SHARE:
        yield _finding(
            "cells.inside_other_village",
            land,
            village,
            f"inside {_village(land, other)}, which {share:.0%} of the outline borders, and no "
            "other cell has that village's code; correct it unless the village is that small.",
        )


def _surrounded_by(
    land: Land, near: _Neighbours, piece: Indices, outline: shapely.Geometry
) -> tuple[int, float]:
    """A cell of the other village that most of an outline borders, and the share that does."""
    around = near.of(piece)
    best = (-1, 0.0)
    for village in np.unique(near.village[around]):
        cells = around[near.village[around] == village]
        beside = shapely.union_all(land.polygons[cells]).buffer(JOINED_WITHIN_M)
        share = outline.boundary.intersection(beside).length / outline.length
        best = max(best, (int(cells[0]), share), key=lambda found: found[1])
    return best


def _inside_another(
    land: Land, piece: Indices, away_m: float, other: int, share: float
) -> MapFinding:
    return _finding(
        "cells.inside_other_village",
        land,
        piece,
        f"inside {_village(land, other)}, which {share:.0%} of the outline borders, and "
        f"{_distance(away_m)} from the rest of its own; correct the code or the outline.",
    )


def _far_from_own(land: Land, piece: Indices, away_m: float) -> MapFinding:
    return _finding(
        "cells.apart_from_village",
        land,
        piece,
        f"{_distance(away_m)} from the rest of the village; correct the code unless it is an "
        "exclave.",
    )


def _finding(code: str, land: Land, piece: Indices, where: str) -> MapFinding:
    cells = [land.cells[index] for index in piece.tolist()]
    first, village = cells[0], _village(land, int(piece[0]))
    if len(cells) == 1:
        who = f"Cell {first.code} of {village} lies"
    else:
        who = f"{len(cells)} cells of {village}, the first {first.code}, lie"
    shape = shapely.multipolygons([cell.polygon for cell in cells])
    return MapFinding(
        code,
        Severity.WARNING,
        first.code,
        f"{who} {where}",
        inner_place(first.polygon),
        shape,
        float(shapely.area(land.polygons[piece]).sum()),
    )


def _village(land: Land, index: int) -> str:
    cell = land.cells[index]
    return f"village {cell.village_code}" + (f" ({cell.village})" if cell.village else "")


def _distance(metres: float) -> str:
    return f"{metres:.0f} m" if metres < 1000.0 else f"{metres / 1000.0:.1f} km"
