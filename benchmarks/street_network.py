"""How much longer the planner's street tours are than the bound, and than going to the nearest."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import shapely

import geofences.sample_county
from benchmarks.result import Benchmark, Figure, Result
from flight.planning.links import Passage
from flight.planning.street_graph import Block, Street, build_graph
from flight.planning.streets import StreetView, patrol_streets
from geofences.formats.county_files import read_county
from geofences.geodesy import LocalFrame, LonLat

REACH = 1.05
LONGEST_S = 5.0
VIEW = StreetView(width_m=30.0, simplify_m=1.0)
TOWNS = (100, 300, 1000)
SHARE_MISSING = 0.2  # of a grid's streets, as towns have them
SEED = 7


def run() -> Result:
    """Patrol the sample county's roads and generated towns, each from a home at its corner."""
    ratios, nearest_ratios, times_s = [], [], []
    for streets, home in _networks():
        room = shapely.union_all([street.line for street in streets]).envelope.buffer(500.0)
        began_s = time.perf_counter()
        tour = patrol_streets(streets, Passage(room), VIEW, home)
        times_s.append(time.perf_counter() - began_s)
        graph = build_graph(streets, room, view_width_m=VIEW.width_m, snap_m=VIEW.snap_m)
        ratios.append(tour.length_m / tour.bound_m)
        nearest_ratios.append(nearest_first_m(graph.blocks, home) / tour.bound_m)
    mean, nearest = float(np.mean(ratios)), float(np.mean(nearest_ratios))
    return Result(
        name=BENCHMARK.name,
        figures={
            "networks": Figure(len(ratios), "sets of streets"),
            "mean": Figure(mean, "tour / bound"),
            "worst": Figure(max(ratios), "tour / bound"),
            "nearest street first, mean": Figure(nearest, "tour / bound"),
            "longest time": Figure(max(times_s), "s"),
        },
        ratio=mean,
        against="the streets and the least that pairs up their odd ends, which no tour undercuts",
        reach=f"at most {REACH} on average, each network within {LONGEST_S:g} s",
        met=mean <= REACH and max(times_s) <= LONGEST_S,
    )


def nearest_first_m(blocks: Sequence[Block], home: tuple[float, float]) -> float:
    """Length of the tour that always goes on with the nearest street not yet flown, metres."""
    ends = np.array([[block.points[0], block.points[-1]] for block in blocks])
    left = np.ones(len(blocks), dtype=np.bool_)
    here, length_m = np.array(home), 0.0
    while left.any():
        away_m = np.hypot(*(ends - here).transpose(2, 0, 1))
        away_m[~left] = np.inf
        index, side = np.unravel_index(int(np.argmin(away_m)), away_m.shape)
        length_m += float(away_m[index, side]) + blocks[int(index)].length_m
        here = ends[index, 1 - side]
        left[index] = False
    return length_m + math.dist(here, home)


def town(count: int, seed: int) -> list[Street]:
    """Streets of a town on a crooked grid, some missing; about so many blocks."""
    rng = np.random.default_rng(seed)
    side = max(2, round(math.sqrt(count / 2.0 / (1.0 - SHARE_MISSING))))
    x, y = np.cumsum(rng.uniform(60.0, 140.0, (2, side)), axis=1)
    crossings = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    crossings += rng.normal(0.0, 8.0, crossings.shape)
    streets = []
    for i, j in np.ndindex(side, side):
        for k, m in ((i + 1, j), (i, j + 1)):
            if k < side and m < side and rng.random() > SHARE_MISSING:
                line = shapely.LineString([crossings[i, j], crossings[k, m]])
                streets.append(Street(line, 8.0))
    return streets


def _networks() -> Iterator[tuple[list[Street], tuple[float, float]]]:
    county = read_county(Path(geofences.sample_county.__file__).with_name("county.gpkg"))
    dock = county.docks[0].position
    frame = LocalFrame(LonLat(dock.lon_deg, dock.lat_deg))
    yield [Street(frame.geometry_to_local(r.line), r.width_m) for r in county.roads], (0.0, 0.0)
    for number, count in enumerate(TOWNS):
        yield town(count, SEED + number), (0.0, 0.0)


BENCHMARK = Benchmark(
    "street-network", "tours of all streets against a bound and nearest street first", run
)
