"""How long planning takes for outlines of many vertices and for areas of many holes."""

import time

import numpy as np
import shapely

from benchmarks.result import Benchmark, Figure, Result
from flight.planning.coverage import cover
from flight.planning.warm_up import warm_up

SPACING_M = 27.0
RADIUS_M = 300.0
HOLES = 15
BOUNDS_S = {"20 vertices": 0.3, "1,000 vertices": 2.0, "5,000 vertices": 5.0, "15 holes": 2.0}


def outline(vertices: int) -> shapely.Polygon:
    """A field with bays, 600 m across, whose outline was drawn in so many points."""
    rng = np.random.default_rng(1)
    angle = np.arange(vertices) * 2.0 * np.pi / vertices
    rough = 0.35 * rng.uniform(-1.0, 1.0, vertices)
    bays = 0.1 * np.sin(7.0 * angle) + 0.02 * rng.uniform(-1.0, 1.0, vertices)
    radius_m = RADIUS_M * (1.0 + (rough if vertices < 100 else bays))
    return shapely.Polygon(np.column_stack([radius_m * np.cos(angle), radius_m * np.sin(angle)]))


def with_holes(count: int) -> shapely.Geometry:
    """A square of 500 m with some boxes cut out."""
    rng = np.random.default_rng(3)
    area: shapely.Geometry = shapely.box(0.0, 0.0, 500.0, 500.0)
    for _ in range(count):
        x, y = rng.uniform(30.0, 440.0, 2)
        side_m = rng.uniform(15.0, 40.0)
        area = area.difference(shapely.box(x, y, x + side_m, y + 1.3 * side_m))
    return area


def run() -> Result:
    """Cover each area once; processor time is judged, as other programs do not lengthen it."""
    warm_up()
    areas = {
        "20 vertices": outline(20),
        "1,000 vertices": outline(1000),
        "5,000 vertices": outline(5000),
        "15 holes": with_holes(HOLES),
    }
    figures: dict[str, Figure] = {}
    shares: list[float] = []
    for name, area in areas.items():
        began_s, clock_s = time.process_time(), time.perf_counter()
        path = cover(area, SPACING_M)
        took_s = time.process_time() - began_s
        shares.append(took_s / BOUNDS_S[name])
        figures[name] = Figure(took_s, f"s of processor time (bound {BOUNDS_S[name]:g})")
        figures[f"{name}, clock"] = Figure(time.perf_counter() - clock_s, "s")
        figures[f"{name}, coverage"] = Figure(path.covered_fraction, "share of the area")
    least = min(f.value for name, f in figures.items() if name.endswith("coverage"))
    return Result(
        name=BENCHMARK.name,
        figures=figures,
        ratio=max(shares),
        against="the longest that each may take",
        reach="at most 1, coverage at least 0.999",
        met=max(shares) <= 1.0 and least >= 0.999,
    )


BENCHMARK = Benchmark(
    "planning-time", "planning outlines of 20 to 5,000 vertices and 15 holes", run
)
