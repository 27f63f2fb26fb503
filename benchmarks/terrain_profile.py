"""How fast the ground's height is told, and how few points a flight over it takes."""

import time
from collections.abc import Callable

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray

from benchmarks.result import Benchmark, Figure, Result
from flight.planning.route_ground import GroundBelow, ground_under
from flight.planning.terrain_following import HeightRule, follow_terrain
from geofences.geodesy import LocalFrame
from geofences.sample_county.generator import ORIGIN
from geofences.sample_county.location import sample_terrain_path
from geofences.sample_county.relief import HILL_RADIUS_M, HILL_TOP_M
from geofences.terrain import Terrain

FloatArray = NDArray[np.float64]

POINTS = 1_000_000
PEER_POINTS = 20_000
REACH_PER_S = 1_000_000.0
LANE_SPACING_M = 60.0
HALF_COUNTY_M = 20_000.0


def run() -> Result:
    """Ask random places of the sample county, and lay lanes over its hill."""
    terrain, frame = Terrain.from_files(sample_terrain_path()), LocalFrame(ORIGIN)
    rng = np.random.default_rng(1)
    east_m, north_m = rng.uniform(-HALF_COUNTY_M, HALF_COUNTY_M, (2, POINTS))
    places = frame.to_lonlat(east_m, north_m)
    terrain.alt_amsl_m(*places)  # so that both read from memory
    per_s = POINTS / _seconds(lambda: terrain.alt_amsl_m(*places))
    peer_per_s = _peer_per_s(places)
    route_m, rule = _lanes_over_the_hill(), HeightRule(60.0, 8.0)
    below = GroundBelow(terrain, frame, 31.0)
    put_in = len(follow_terrain(route_m, below, rule).points_m) - len(route_m)
    thinned = _thinned_points(route_m, below, rule) - len(route_m)
    return Result(
        name=BENCHMARK.name,
        figures={
            "heights": Figure(per_s, "points/s"),
            "heights by rasterio": Figure(peer_per_s, "points/s"),
            "time to follow": Figure(_seconds(lambda: follow_terrain(route_m, below, rule)), "s"),
            "length followed": Figure(float(shapely.length(shapely.linestrings(route_m))), "m"),
            "points put in": Figure(put_in, "points"),
            "points put in by thinning the ground": Figure(thinned, "points"),
        },
        ratio=per_s / peer_per_s,
        against="rasterio's own sampling, nearest pixel, one thread",
        reach="at least 1 million points/s, in fewer points than a thinned ground takes",
        met=per_s >= REACH_PER_S and put_in < thinned,
    )


def _lanes_over_the_hill() -> FloatArray:
    """Lanes to and fro over the whole hill."""
    rows = np.arange(-HILL_RADIUS_M, HILL_RADIUS_M, LANE_SPACING_M)
    ends = [(-HILL_RADIUS_M, HILL_RADIUS_M)[:: 1 if n % 2 else -1] for n in range(len(rows))]
    lanes = [[(x, y) for x in pair] for pair, y in zip(ends, rows, strict=True)]
    return np.array(lanes).reshape(-1, 2) + HILL_TOP_M


def _thinned_points(route_m: FloatArray, below: GroundBelow, rule: HeightRule) -> int:
    """How many points the usual way takes: the ground itself, thinned to the tolerance."""
    return len(ground_under(route_m, below, rule.ceiling_m).thinned(rule.tolerance_m).distance_m)


def _peer_per_s(places: tuple[FloatArray, FloatArray]) -> float:
    lon_deg, lat_deg = (each[:PEER_POINTS] for each in places)
    with rasterio.open(sample_terrain_path()) as file:
        pairs = list(zip(lon_deg.tolist(), lat_deg.tolist(), strict=True))
        return PEER_POINTS / _seconds(lambda: list(file.sample(pairs)))


def _seconds(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


BENCHMARK = Benchmark("terrain-profile", "heights of the ground, and points to follow it", run)
