"""How much longer the planner's lanes are than the area over the spacing, the ideal."""

import json
import time
from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry import shape

from benchmarks.result import Benchmark, Figure, Result
from benchmarks.shared_data import shared
from flight.planning.coverage import cover
from geofences.geodesy import LocalFrame, LonLat

FIELDS_REACH = 1.10
LANES_SQUARED = 400.0
LEAST_COVERAGE = 0.999
EVERY_NTH_ALENEX = 5


def run() -> Result:
    """Cover real fields and published instances at area / spacing^2 = 400; judge every path."""
    ratios, coverages, outside_m, times_s = [], [], [], []
    for area in _areas():
        spacing_m = (area.area / LANES_SQUARED) ** 0.5
        began_s = time.perf_counter()
        path = cover(area, spacing_m)
        times_s.append(time.perf_counter() - began_s)
        ratios.append(path.length_m / (area.area / spacing_m))
        lines = [shapely.LineString(run) for run in path.runs if len(run) > 1]
        seen = shapely.union_all([line.buffer(spacing_m / 2) for line in lines])
        coverages.append(shapely.intersection(seen, area).area / area.area)
        outside_m.append(
            sum(line.difference(area.buffer(1e-6 * spacing_m)).length for line in lines)
        )
    mean = float(np.mean(ratios))
    return Result(
        name=BENCHMARK.name,
        figures={
            "areas": Figure(len(ratios), "polygons"),
            "mean": Figure(mean, "path length / (area / spacing)"),
            "median": Figure(float(np.median(ratios)), "path length / (area / spacing)"),
            "worst": Figure(max(ratios), "path length / (area / spacing)"),
            "least coverage": Figure(min(coverages), "share of the area"),
            "outside": Figure(sum(outside_m), "units outside an area or in a hole"),
            "median time": Figure(float(np.median(times_s)), "s"),
            "longest time": Figure(max(times_s), "s"),
        },
        ratio=mean,
        against="area / spacing, which no path with full coverage undercuts",
        reach=f"at most {FIELDS_REACH} on average, coverage at least {LEAST_COVERAGE}, 0 outside",
        met=mean <= FIELDS_REACH and min(coverages) >= LEAST_COVERAGE and sum(outside_m) == 0.0,
    )


def _areas() -> Iterator[shapely.Polygon]:
    for name, step in (("fields2cover", 1), ("alenex24", EVERY_NTH_ALENEX)):
        text = shared(f"instances/{name}.geojson").read_text(encoding="utf-8")
        for feature in json.loads(text)["features"][::step]:
            geometry = shape(feature["geometry"])
            if feature["properties"]["units"] == "deg":
                geometry = _in_metres(geometry)
            yield geometry


def _in_metres(geometry: shapely.Geometry) -> shapely.Geometry:
    middle = geometry.centroid
    return LocalFrame(LonLat(middle.x, middle.y)).geometry_to_local(geometry)


BENCHMARK = Benchmark(
    "coverage-length", "planned lanes against the area bound, coverage and time", run
)
