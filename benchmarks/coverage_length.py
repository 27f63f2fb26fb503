"""How much longer the planner's paths are than the area over the spacing, the ideal."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import shape

from benchmarks.result import Benchmark, BenchmarkUnavailableError, Figure, Instances, Result
from benchmarks.shared_data import shared
from flight.planning.coverage import cover
from geofences.geodesy import LocalFrame, LonLat

FIELDS_REACH = 1.10
WORST_REACH = 1.20
LANES_SQUARED = 400.0
LEAST_COVERAGE = 0.999
SETS = ("fields2cover", "alenex24")


@dataclass(frozen=True)
class Measured:
    """One area covered.

    Attributes:
        ratio: path length over (area / spacing).
        coverage: share of the area within half a spacing of the path.
        outside: length of path outside the area or in a hole.
        points: of the path.
        time_s: of planning, on one core.
    """

    ratio: float
    coverage: float
    outside: float
    points: int
    time_s: float


def run() -> Result:
    """Cover all published instances at area / spacing^2 = 400; judge every path."""
    areas = [named for name in SETS for named in areas_of(shared(f"instances/{name}.geojson"))]
    return _result({name: _measured(area, None) for name, area in areas})


def run_on(instances: Instances) -> Result:
    """Cover other areas."""
    try:
        areas = list(areas_of(instances.file))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BenchmarkUnavailableError(
            f"{instances.file} is no GeoJSON of areas: {error}"
        ) from error
    if not areas:
        raise BenchmarkUnavailableError(f"{instances.file} holds no polygon.")
    return _result({name: _measured(area, instances.spacing_m) for name, area in areas})


def _measured(area: shapely.Geometry, spacing_m: float | None) -> Measured:
    spacing_m = spacing_m or (area.area / LANES_SQUARED) ** 0.5
    began_s = time.process_time()
    path = cover(area, spacing_m)
    time_s = time.process_time() - began_s
    lines = [shapely.LineString(run) if len(run) > 1 else shapely.Point(*run) for run in path.runs]
    seen = shapely.union_all([line.buffer(spacing_m / 2) for line in lines])
    allowed = area.buffer(1e-6 * spacing_m)
    return Measured(
        path.length_m / (area.area / spacing_m),
        shapely.intersection(seen, area).area / area.area,
        sum(line.difference(allowed).length for line in lines),
        sum(len(run) for run in path.runs),
        time_s,
    )


def _result(measured: dict[str, Measured]) -> Result:
    ratios = np.array([one.ratio for one in measured.values()])
    mean, worst = float(ratios.mean()), float(ratios.max())
    least = min(one.coverage for one in measured.values())
    outside = sum(one.outside for one in measured.values())
    unit = "path length / (area / spacing)"
    return Result(
        name=BENCHMARK.name,
        figures={
            "areas": Figure(len(measured), "polygons"),
            "mean": Figure(mean, unit),
            "median": Figure(float(np.median(ratios)), unit),
            "90 % are below": Figure(float(np.quantile(ratios, 0.9)), unit),
            "worst": Figure(worst, unit),
            "least coverage": Figure(least, "share of the area"),
            "outside": Figure(outside, "units outside an area or in a hole"),
            "mean points": Figure(float(np.mean([m.points for m in measured.values()])), "points"),
            "median time": Figure(float(np.median([m.time_s for m in measured.values()])), "s"),
            "longest time": Figure(max(m.time_s for m in measured.values()), "s"),
        },
        ratio=mean,
        against="area / spacing, which no path with full coverage undercuts",
        reach=(
            f"at most {FIELDS_REACH} on average and {WORST_REACH} for each, coverage at least "
            f"{LEAST_COVERAGE}, 0 outside"
        ),
        met=mean <= FIELDS_REACH
        and worst <= WORST_REACH
        and least >= LEAST_COVERAGE
        and outside == 0.0,
        each={name: one.ratio for name, one in measured.items()},
    )


def areas_of(file: Path) -> Iterator[tuple[str, shapely.Geometry]]:
    """Name and polygons, in metres, of every area of a file; degrees unless it says otherwise."""
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    for number, feature in enumerate(features, start=1):
        geometry = shape(feature["geometry"])
        properties = feature.get("properties") or {}
        if geometry.geom_type in {"Polygon", "MultiPolygon"}:
            metres = properties.get("units") == "m_local"
            name = properties.get("name") or f"area {number}"
            yield f"{file.stem}/{name}", geometry if metres else _in_metres(geometry)


def _in_metres(geometry: shapely.Geometry) -> shapely.Geometry:
    middle = geometry.centroid
    return LocalFrame(LonLat(middle.x, middle.y)).geometry_to_local(geometry)


BENCHMARK = Benchmark(
    "coverage-length", "planned paths against the area bound, coverage and time", run, run_on
)
