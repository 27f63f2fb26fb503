"""How quickly a way round many no-fly zones is found, against the plain visibility graph."""

import math
import time

import numpy as np
import shapely

from benchmarks.result import Benchmark, Figure, Result
from benchmarks.zone_fields import SIZE_M, Point, plain_way_m, zone_field
from flight.planning.links import Passage

ZONES = 60
FIELDS = 5
LONGEST_S = 0.3
START: Point = (5.0, 5.0)
END: Point = (SIZE_M - 5.0, SIZE_M - 5.0)


def run() -> Result:
    """Cross fields of 60 zones from corner to corner, from scratch each time; compare lengths."""
    times_s, plain_s, differences_m, vertices = [], [], [], []
    for seed in range(1, FIELDS + 1):
        room = zone_field(ZONES, seed)
        vertices.append(shapely.get_num_coordinates(room))
        began_s = time.perf_counter()
        way = Passage(room).way(START, END)
        times_s.append(time.perf_counter() - began_s)
        began_s = time.perf_counter()
        plain_m = plain_way_m(room, START, END)
        plain_s.append(time.perf_counter() - began_s)
        length_m = shapely.LineString(way).length if way else math.inf
        differences_m.append(abs(length_m - plain_m))
    return Result(
        name=BENCHMARK.name,
        figures={
            "zones": Figure(ZONES, f"in each of {FIELDS} fields"),
            "vertices": Figure(float(np.mean(vertices)), "in a field"),
            "longest time": Figure(max(times_s), "s, building included"),
            "median time": Figure(float(np.median(times_s)), "s"),
            "median time of the plain graph": Figure(float(np.median(plain_s)), "s"),
            "largest difference": Figure(max(differences_m), "m between the two lengths"),
        },
        ratio=max(times_s) / LONGEST_S,
        against=f"the bound of {LONGEST_S} s; the plain visibility graph in the same run",
        reach="at most 1, with the same lengths within 1 mm",
        met=max(times_s) <= LONGEST_S and max(differences_m) < 1e-3,
    )


BENCHMARK = Benchmark("transit-zones", "a way round 60 no-fly zones, from scratch", run)
