"""How fast a place finds its cell, alone and by the million, against shapely's tree."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.result import Benchmark, Figure, Result
from geofences.cell_index import CellIndex
from geofences.cells import Grid
from geofences.formats.county_files import read_county
from geofences.geodesy import LonLat
from geofences.sample_county.location import sample_county_path

SINGLE_REACH_US = 6.0
BATCH_REACH_PER_S = 1e6
BUILD_REACH_MS = 100.0
SINGLES, BATCH, ROUNDS, SEED = 20_000, 1_000_000, 5, 7

Points = NDArray[np.float64]


def run() -> Result:
    """Ask for places about the cells of the sample county, a quarter of them on their corners."""
    grid = read_county(sample_county_path()).grid
    polygons = np.array([cell.polygon for cell in grid.cells], dtype=object)
    points = _points(polygons)
    few = points[:SINGLES].tolist()
    places = [LonLat(*pair) for pair in few]
    build_s = _usual_s(lambda: CellIndex(polygons).index_at(0.0, 0.0), ROUNDS)
    tree = shapely.STRtree(polygons)
    single_s = _usual_s(lambda: [grid.cell_at(place) for place in places], ROUNDS) / SINGLES
    peer_single_s = _usual_s(lambda: [_asked_alone(tree, *p) for p in few], 1) / SINGLES
    batch_s = _usual_s(lambda: grid.indices_at(*points.T), ROUNDS) / BATCH
    peer_batch_s = _usual_s(lambda: _asked_together(tree, points), 1) / BATCH
    unlike = _unlike(grid, tree, points, places)
    met = single_s * 1e6 < SINGLE_REACH_US and 1.0 / batch_s > BATCH_REACH_PER_S
    return Result(
        name=BENCHMARK.name,
        figures={
            "cells": Figure(len(grid), "polygons"),
            "single": Figure(single_s * 1e6, "us a place"),
            "single, shapely tree": Figure(peer_single_s * 1e6, "us a place"),
            "batch": Figure(1.0 / batch_s, "places/s"),
            "batch, shapely tree": Figure(1.0 / peer_batch_s, "places/s"),
            "build": Figure(build_s * 1e3, "ms"),
            "unlike shapely": Figure(unlike, "answers"),
        },
        ratio=single_s / peer_single_s,
        against="shapely's STRtree asked for one place; the batch's peer is the same tree",
        reach=f"single under {SINGLE_REACH_US:.0f} us, batch over a million places/s, index built "
        f"in under {BUILD_REACH_MS:.0f} ms, every answer shapely's",
        met=met and build_s * 1e3 < BUILD_REACH_MS and unlike == 0,
    )


def _points(polygons: NDArray[np.object_]) -> Points:
    """Places within the cells' own boxes, so that most are inside one and many near an edge."""
    rng = np.random.default_rng(SEED)
    west, south, east, north = shapely.bounds(polygons[rng.integers(0, len(polygons), BATCH)]).T
    points = np.column_stack([rng.uniform(west, east), rng.uniform(south, north)])
    corners = shapely.get_coordinates(polygons)
    points[::4] = corners[rng.integers(0, len(corners), len(points[::4]))]
    return points


def _asked_alone(tree: shapely.STRtree, lon_deg: float, lat_deg: float) -> int:
    found = tree.query(shapely.Point(lon_deg, lat_deg), predicate="intersects")
    return int(found.min()) if len(found) else -1


def _asked_together(tree: shapely.STRtree, points: Points) -> NDArray[np.int64]:
    asked, found = tree.query(shapely.points(points), predicate="intersects")
    indices = np.full(len(points), len(tree), dtype=np.int64)
    np.minimum.at(indices, asked, found)
    indices[indices == len(tree)] = -1
    return indices


def _unlike(grid: Grid, tree: shapely.STRtree, points: Points, places: list[LonLat]) -> int:
    expected = _asked_together(tree, points)
    alone = [grid.cell_at(place) for place in places]
    told = [grid.cells[index] if index >= 0 else None for index in expected[: len(places)]]
    batch = np.count_nonzero(grid.indices_at(*points.T) != expected)
    return int(batch) + sum(a is not b for a, b in zip(alone, told, strict=True))


def _usual_s(work: Callable[[], object], rounds: int) -> float:
    times_s = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        work()
        times_s.append(time.perf_counter() - began_s)
    return statistics.median(times_s)


BENCHMARK = Benchmark(
    "point-to-cell", "a place's cell: alone, by the million, and how soon it can be asked", run
)
