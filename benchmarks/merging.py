"""How often merging is right: one object seen by five passes, and two stalls fifteen metres apart.

The noise is that of published field tests of consumer drones over known ground (a single look has a
CEP50 of 7.7 m), as circular normal errors, and what each look states is its true error. What the
noise of one pass has in common for all that it sees, half of the variance, is drawn once a pass.
Stalls are seen by each pass as two tracks. Nothing of merging was chosen by these trials.
"""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.result import Benchmark, Figure, Result
from events_api.merging import Look, MergeRule, OpenEvent, decide
from geofences.geodesy import LonLat, destination

TRIALS, PASSES, SEED = 10_000, 5, 11
CEP50_M = 7.7
SIGMA_M = CEP50_M / math.sqrt(2 * math.log(2))
CE90_M = SIGMA_M * math.sqrt(-2 * math.log(0.1))
SHARED = 0.5
APART_M = 15.0
ONE_REACH, TWO_REACH = 0.98, 0.95
STALL = MergeRule(extent_m=3.0, same_within=timedelta(days=30))
BEGAN = datetime(2026, 7, 1, 8, tzinfo=UTC)
PLACE = LonLat(115.62, 33.16)


def run() -> Result:
    """Count in how many of ten thousand trials of each kind as many events are open as things."""
    rng = np.random.default_rng(SEED)
    one = sum(_events(rng, (0.0,)) == 1 for _ in range(TRIALS)) / TRIALS
    two = sum(_events(rng, (0.0, APART_M)) == 2 for _ in range(TRIALS)) / TRIALS
    return Result(
        name=BENCHMARK.name,
        figures={
            "trials": Figure(TRIALS, "trials of each kind"),
            "passes": Figure(PASSES, "passes"),
            "error of a look": Figure(CE90_M, "m (CE90)"),
            "one object, one event": Figure(100 * one, "%"),
            "bound": Figure(100 * ONE_REACH, "%"),
            "two stalls, two events": Figure(100 * two, "%"),
            "bound for two": Figure(100 * TWO_REACH, "%"),
        },
        ratio=min(one / ONE_REACH, two / TWO_REACH),
        against="98 % of trials with one event for one object, 95 % with two for two stalls",
        reach="at least 1",
        met=one >= ONE_REACH and two >= TWO_REACH,
        each={"one object": one / ONE_REACH, "two stalls": two / TWO_REACH},
    )


def _events(rng: np.random.Generator, things_m: tuple[float, ...]) -> int:
    events: list[OpenEvent] = []
    for number in range(PASSES):
        at = BEGAN + timedelta(days=number)
        shared = rng.normal(0.0, SIGMA_M * math.sqrt(SHARED), 2)
        events = [replace(event, tracks=frozenset()) for event in events]
        for track, east_m in enumerate(things_m):
            own = rng.normal(0.0, SIGMA_M * math.sqrt(1 - SHARED), 2)
            error = shared + own
            place = _moved(east_m + error[0], error[1])
            look = Look(place, CE90_M, at, "uav-1", f"pass-{number}", track)
            _take(events, look)
    return len(events)


def _take(events: list[OpenEvent], look: Look) -> None:
    """Do with a look what intake does: none is better placed than the first, so places stay."""
    joined = decide(look, events, STALL).event_number
    if joined is None:
        tracks = frozenset({look.track_id})
        made = OpenEvent(
            len(events), look.position, look.ce90_m, look.observed_at, look.observed_at, tracks
        )
        events.append(made)
        return
    event = events[joined]
    events[joined] = replace(
        event, last_observed_at=look.observed_at, tracks=event.tracks | {look.track_id}
    )


def _moved(east_m: float, north_m: float) -> LonLat:
    bearing_deg = math.degrees(math.atan2(east_m, north_m)) % 360.0
    return destination(PLACE, bearing_deg, math.hypot(east_m, north_m))


BENCHMARK = Benchmark("merging", "how often merging is right, under the noise of field tests", run)
