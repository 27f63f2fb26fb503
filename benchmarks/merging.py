"""How often merging is right: one object seen by five passes, and two stalls fifteen metres apart.

The noise is that of published field tests of consumer drones over known ground (a single look has a
CEP50 of 7.7 m), as circular normal errors, and what each look states is its true error. What the
noise of one pass has in common for all that it sees, half of the variance, is drawn once a pass.
Stalls are seen by each pass as two tracks, and their reports come one by one. Nothing of merging
was chosen by these trials.

Beside the two figures stands how often every look is at its own stall, too, and not only the number
of events is right.
"""

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.result import Benchmark, Figure, Result
from events_api.merging import Look, MergeRule, OpenEvent, decide
from events_api.pairing import pair_up
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
    ones = [fly(rng, (0.0,)) for _ in range(TRIALS)]
    twos = [fly(rng, (0.0, APART_M)) for _ in range(TRIALS)]
    one = sum(len(found.events) == 1 for found in ones) / TRIALS
    two = sum(len(found.events) == 2 for found in twos) / TRIALS
    own = sum(len(found.events) == 2 and found.is_pure for found in twos) / TRIALS
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
            "and every look in its own": Figure(100 * own, "%"),
        },
        ratio=min(one / ONE_REACH, two / TWO_REACH),
        against="98 % of trials with one event for one object, 95 % with two for two stalls",
        reach="at least 1",
        met=one >= ONE_REACH and two >= TWO_REACH,
        each={"one object": one / ONE_REACH, "two stalls": two / TWO_REACH},
    )


@dataclass(slots=True)
class Trial:
    """What passes have made of some things.

    Attributes:
        events: Those open, each at its number.
        seen: For each event the things whose looks are in it.
        claims: For each event the look that the present pass has put into it.
    """

    events: list[OpenEvent] = field(default_factory=list)
    seen: list[set[int]] = field(default_factory=list)
    claims: dict[int, Look] = field(default_factory=dict)

    @property
    def is_pure(self) -> bool:
        """Whether no event has looks at two things."""
        return all(len(things) == 1 for things in self.seen)

    def begin_pass(self) -> None:
        """Forget what the former pass told apart."""
        self.claims = {}
        self.events = [replace(event, tracks=frozenset()) for event in self.events]

    def take(self, look: Look, thing: int) -> None:
        """Do with a look what intake does: none is better placed than the first: places stay."""
        verdict = decide(look, self.events, STALL)
        if verdict.rival is not None:
            claim = self.claims[verdict.rival]
            verdict = pair_up(look, verdict, claim, self.events, STALL)
        number, tracks = verdict.event_number, frozenset({look.track_id})
        if number is None:
            number, at = len(self.events), look.observed_at
            made = OpenEvent(number, look.position, look.ce90_m, at, at, tracks)
            self.events.append(made)
            self.seen.append({thing})
        else:
            event = self.events[number]
            tracks |= event.tracks
            event = replace(event, last_observed_at=look.observed_at, tracks=tracks)
            self.events[number] = event
            self.seen[number].add(thing)
        self.claims[number] = look


def fly(rng: np.random.Generator, things_m: tuple[float, ...]) -> Trial:
    """Let passes look at things that stand so far east of a place."""
    trial = Trial()
    for number in range(PASSES):
        at = BEGAN + timedelta(days=number)
        shared = rng.normal(0.0, SIGMA_M * math.sqrt(SHARED), 2)
        trial.begin_pass()
        for track, east_m in enumerate(things_m):
            own = rng.normal(0.0, SIGMA_M * math.sqrt(1 - SHARED), 2)
            error = shared + own
            place = _moved(east_m + error[0], error[1])
            trial.take(Look(place, CE90_M, at, "uav-1", f"pass-{number}", track), track)
    return trial


def _moved(east_m: float, north_m: float) -> LonLat:
    bearing_deg = math.degrees(math.atan2(east_m, north_m)) % 360.0
    return destination(PLACE, bearing_deg, math.hypot(east_m, north_m))


BENCHMARK = Benchmark("merging", "how often merging is right, under the noise of field tests", run)
