"""What the live fence check of twenty aircraft at ten hertz takes of one core."""

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from benchmarks.result import Benchmark, Figure, Result
from benchmarks.zone_fields import SIZE_M, zone_field
from flight.breach import Bound, BreachWatch, Velocity
from geofences.geodesy import LocalFrame, LonLat

CHECKS_PER_S = 20 * 10
ZONES = 60
CHECKS = 3000
PLAIN_CHECKS = 400
SHARE_REACH = 0.05
CEILING_M = 120.0
_LOOK_AHEAD_S = 600.0


@dataclass(frozen=True)
class Snapshot:
    """What telemetry says once."""

    position: LonLat
    velocity: Velocity
    height_home_m: float


def run() -> Result:
    """Check snapshots over a field of 60 zones, and do the same with plain shapely calls."""
    frame, bounds = LocalFrame(LonLat(115.6, 33.1)), scene()
    shots = snapshots(frame, CHECKS)
    watch = BreachWatch(bounds, CEILING_M)
    began_s = time.process_time()
    answers = [_check(watch, frame, shot) for shot in shots]
    ours_s = (time.process_time() - began_s) / CHECKS
    began_s = time.process_time()
    plain = [plain_check(bounds, frame, shot) for shot in shots[:PLAIN_CHECKS]]
    plain_s = (time.process_time() - began_s) / PLAIN_CHECKS
    differing = sum(
        ours[0] != theirs[0] or not _same(ours[1], theirs[1]) or not _same(ours[2], theirs[2])
        for ours, theirs in zip(answers, plain, strict=False)
    )
    share = ours_s * CHECKS_PER_S
    return Result(
        name=BENCHMARK.name,
        figures={
            "edges": Figure(sum(len(b.polygon.exterior.coords) - 1 for b in bounds), "in all"),
            "one check": Figure(ours_s * 1e6, "us, degrees to metres included"),
            "share of a core": Figure(100.0 * share, f"% at {CHECKS_PER_S} checks/s"),
            "plain shapely": Figure(100.0 * plain_s * CHECKS_PER_S, "% likewise"),
            "differing answers": Figure(differing, f"of {PLAIN_CHECKS}"),
        },
        ratio=share / SHARE_REACH,
        against="the bound of 5 % of one core; plain shapely calls in the same run",
        reach="at most 1, with the same answers as shapely",
        met=share <= SHARE_REACH and differing == 0,
    )


def scene() -> tuple[Bound, ...]:
    """A field to stay in and sixty zones to stay out of."""
    field = zone_field(ZONES, 1)
    outer = shapely.Polygon(field.exterior)
    holes = [shapely.Polygon(ring) for ring in field.interiors]
    zones = [Bound(f"zone {i}", hole, stay_in=False) for i, hole in enumerate(holes, start=1)]
    return (Bound("fence", outer, stay_in=True), *zones)


def snapshots(frame: LocalFrame, count: int) -> list[Snapshot]:
    """Places all over the field, and a little outside it, at patrol speeds."""
    rng = random.Random(3)
    shots = []
    for _ in range(count):
        lon_deg, lat_deg = frame.to_lonlat(*(rng.uniform(-0.02, 1.02) * SIZE_M for _ in range(2)))
        heading, speed = rng.uniform(0.0, 2.0 * math.pi), rng.uniform(2.0, 15.0)
        velocity = (speed * math.cos(heading), speed * math.sin(heading), 0.0)
        shots.append(Snapshot(LonLat(lon_deg, lat_deg), velocity, rng.uniform(20.0, 100.0)))
    return shots


def _check(watch: BreachWatch, frame: LocalFrame, shot: Snapshot) -> tuple[bool, float, float]:
    place = frame.to_local(shot.position.lon_deg, shot.position.lat_deg)
    status = watch.check(place, shot.velocity, shot.height_home_m)
    return status.inside, status.distance_m, status.breach_in_s


def plain_check(
    bounds: Sequence[Bound], frame: LocalFrame, shot: Snapshot
) -> tuple[bool, float, float]:
    """The same answers by shapely alone: inside, distance to an edge, time to a breach.

    Args:
        bounds: What to stay in and out of.
        frame: Between degrees and metres.
        shot: What telemetry says.

    Returns:
        Whether all is well, metres, and seconds (infinite beyond ten minutes).
    """
    x, y = frame.to_local(shot.position.lon_deg, shot.position.lat_deg)
    east, north, _ = shot.velocity
    point = shapely.Point(x, y)
    ahead = shapely.LineString([(x, y), (x + _LOOK_AHEAD_S * east, y + _LOOK_AHEAD_S * north)])
    inside, distance_m, way_m = True, math.inf, math.inf
    for bound in bounds:
        inside &= shapely.covers(bound.polygon, point) == bound.stay_in
        distance_m = min(distance_m, shapely.distance(bound.polygon.boundary, point))
        met = shapely.intersection(bound.polygon.boundary, ahead)
        if not met.is_empty:
            way_m = min(way_m, shapely.distance(met, point))
    return inside, distance_m, way_m / math.hypot(east, north) if inside else 0.0


def _same(ours: float, theirs: float) -> bool:
    """Alike to a millimetre or a millisecond; what the peer does not look for counts as never."""
    return math.isclose(ours, theirs, abs_tol=1e-3) or (ours > _LOOK_AHEAD_S and math.isinf(theirs))


BENCHMARK = Benchmark(
    "fence-check", "live fence check and time to breach of 20 aircraft at 10 Hz", run
)
