"""How much sooner areas with holes are flown with lanes at their own angles than at one angle."""

import time
from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from shapely import affinity

from benchmarks.coverage_length import areas_of
from benchmarks.result import Benchmark, BenchmarkUnavailableError, Figure, Result
from benchmarks.shared_data import shared
from flight.planning.aircraft import Aircraft
from flight.planning.coverage import CoveragePath, FloatArray, cover
from flight.planning.straight import StraightLanes
from flight.planning.warm_up import warm_up

REACH = 0.97
LEAST_COVERAGE = 0.999
SPACING_M = 27.0
SPEED_MPS = 8.0
LANES_SQUARED = 400.0
LEAST_HOLES = 5
EVERY_ANGLE = 24
HOLES = (5, 5, 6, 7, 8, 9, 10, 12, 15, 15)
"""Of the generated areas."""

_TURN_COST_M = 15.0  # of each of the two turns between neighbouring lanes at that speed
_GOAL = 0.9992
_GAP = 0.04  # between holes, and from them to the edge, where the area is 2 across


def holed(seed: int, holes: int) -> shapely.Geometry:
    """A field of four to eight corners, some 20 lanes across, with convex holes of any shape."""
    rng = np.random.default_rng(seed)
    corners = int(rng.integers(4, 9))
    angle = (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * 2.0 * np.pi / corners
    radius = rng.uniform(0.75, 1.25, corners)
    outline = shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    cut: list[shapely.Geometry] = []
    while len(cut) < holes:
        count = int(rng.integers(3, 7))
        angle = rng.uniform(0.0, 2.0 * np.pi, count)
        radius = rng.uniform(0.05, 0.16) * rng.uniform(0.6, 1.0, count)
        spokes = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        hole = shapely.convex_hull(shapely.multipoints(rng.uniform(-1.0, 1.0, 2) + spokes))
        apart = all(shapely.distance(hole, other) > _GAP for other in cut)
        if hole.area > _GAP / 10.0 and apart and outline.contains(hole.buffer(_GAP)):
            cut.append(hole)
    return _scaled(shapely.difference(outline, shapely.union_all(cut)))


def run() -> Result:
    """Fly each area both ways; the one angle is the best of all, each of them tried in earnest."""
    warm_up()
    return compared(_areas(), EVERY_ANGLE)


def compared(areas: Iterable[tuple[str, shapely.Geometry]], angles: int) -> Result:
    """Fly some areas both ways.

    Args:
        areas: Names and polygons in metres.
        angles: How many the one angle is chosen from.
    """
    craft = Aircraft("drone-1", "dock-1")

    def time_s(run: FloatArray) -> float:
        return float(craft.leg_times_s(run, SPEED_MPS).sum())

    styles = {
        "one angle": StraightLanes(time_s, one_angle=True, tries=angles),
        "own angles": StraightLanes(time_s),
    }
    ratios: dict[str, float] = {}
    took_s: dict[str, list[float]] = {name: [] for name in styles}
    flown_s: dict[str, list[float]] = {name: [] for name in styles}
    least, outside_m = 1.0, 0.0
    for area_name, area in areas:
        for name, style in styles.items():
            began_s = time.process_time()
            path = cover(
                area,
                SPACING_M,
                turn_cost_m=_TURN_COST_M,
                coverage_goal=_GOAL,
                straight=style,
            )
            took_s[name].append(time.process_time() - began_s)
            flown_s[name].append(sum(time_s(run) for run in path.runs))
            least = min(least, _seen(path, area))
            outside_m += _outside_m(path, area)
        ratios[area_name] = flown_s["own angles"][-1] / flown_s["one angle"][-1]
    mean = float(np.mean(list(ratios.values())))
    figures = {
        "areas": Figure(len(ratios), f"polygons of {LEAST_HOLES} holes or more"),
        "less flight time": Figure(100.0 * (1.0 - mean), "% on average"),
        "least gain": Figure(100.0 * (1.0 - max(ratios.values())), "%"),
        "coverage": Figure(least, "share of the area, the least of both"),
        "outside": Figure(outside_m, "m outside an area or in a hole, of both"),
    }
    for name in styles:
        figures[f"{name}, flight"] = Figure(float(np.mean(flown_s[name])), "s on average")
        figures[f"{name}, planning"] = Figure(float(np.mean(took_s[name])), "s of processor time")
    return Result(
        name=BENCHMARK.name,
        figures=figures,
        ratio=mean,
        against="the flight time at the best of all single angles",
        reach=f"at most {REACH}, coverage at least {LEAST_COVERAGE}, 0 outside",
        met=mean <= REACH and least >= LEAST_COVERAGE and outside_m == 0.0,
        each=ratios,
    )


def _areas() -> Iterator[tuple[str, shapely.Geometry]]:
    """Generated areas, and published ones where they are on this machine."""
    for seed, holes in enumerate(HOLES):
        yield f"generated {seed}, {holes} holes", holed(seed, holes)
    try:
        file = shared("instances/alenex24.geojson")
    except BenchmarkUnavailableError:
        return
    for name, area in areas_of(file):
        if sum(len(part.interiors) for part in shapely.get_parts(area)) >= LEAST_HOLES:
            yield name, _scaled(area)


def _scaled(area: shapely.Geometry) -> shapely.Geometry:
    """The same shape, so large that area / spacing^2 is 400."""
    factor = SPACING_M * (LANES_SQUARED / area.area) ** 0.5
    return affinity.scale(area, factor, factor, origin=(0.0, 0.0))


def _seen(path: CoveragePath, area: shapely.Geometry) -> float:
    lines = [shapely.LineString(run) if len(run) > 1 else shapely.Point(*run) for run in path.runs]
    seen = shapely.union_all([line.buffer(SPACING_M / 2.0) for line in lines])
    return float(shapely.intersection(seen, area).area / area.area)


def _outside_m(path: CoveragePath, area: shapely.Geometry) -> float:
    allowed = area.buffer(1e-6 * SPACING_M)
    lines = [shapely.LineString(run) for run in path.runs if len(run) > 1]
    return float(sum(line.difference(allowed).length for line in lines))


BENCHMARK = Benchmark(
    "cell-angles", "lanes at angles of their own against the best single angle", run
)
