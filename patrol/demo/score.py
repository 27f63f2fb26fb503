"""What a patrol found against what was there to be found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from geofences.geodesy import LonLat, distance_m

# Further away than this, a finding is about something else: the stalls and cars of a street stand
# closer together than ten metres, so a larger gate would let a false alarm pass for a hit.
MATCH_GATE_M = 8.0
UNREACHABLE = 1e9


@dataclass(frozen=True)
class Expected:
    """One thing in the scene that a good patrol reports."""

    object_id: str
    class_name: str
    matter_code: str
    position: LonLat
    cell_code: str


@dataclass(frozen=True)
class Found:
    """One event that the API holds after the patrol."""

    event_id: str
    matter_code: str
    position: LonLat
    cell_code: str
    ce90_m: float


@dataclass(frozen=True)
class Match:
    """An expected thing and the event that tells of it."""

    expected: Expected
    found: Found
    error_m: float

    @property
    def cell_right(self) -> bool:
        """Whether the event is tied to the cell that the thing stands in."""
        return self.expected.cell_code == self.found.cell_code

    @property
    def within_ce90(self) -> bool:
        """Whether the true position lies within the stated 90 % circle."""
        return self.error_m <= self.found.ce90_m


@dataclass(frozen=True)
class Score:
    """The whole comparison: hits, misses and events that nothing in the scene explains."""

    matches: tuple[Match, ...]
    missed: tuple[Expected, ...]
    unexpected: tuple[Found, ...]

    @property
    def recall(self) -> float:
        """Share of the expected things that were found; 1 where nothing was expected."""
        expected = len(self.matches) + len(self.missed)
        return len(self.matches) / expected if expected else 1.0

    @property
    def precision(self) -> float:
        """Share of the events that the scene explains; 1 where there is no event."""
        found = len(self.matches) + len(self.unexpected)
        return len(self.matches) / found if found else 1.0

    def error_quantile_m(self, quantile: float) -> float:
        """Position error that `quantile` of the hits do not exceed; NaN without hits."""
        errors = [match.error_m for match in self.matches]
        return float(np.quantile(errors, quantile)) if errors else float("nan")


def compare(expected: Sequence[Expected], found: Sequence[Found]) -> Score:
    """Pair each expected thing with at most one event of its matter, nearest pairs first overall.

    The pairing is the one with the most pairs within `MATCH_GATE_M` and, among those, the least
    sum of distances. An event that is left over is unexpected, a thing that is left over missed.
    """
    matches: list[Match] = []
    for code in sorted({each.matter_code for each in expected}):
        things = [each for each in expected if each.matter_code == code]
        events = [each for each in found if each.matter_code == code]
        matches.extend(_pairs(things, events))
    hit_ids = {match.expected.object_id for match in matches}
    used_ids = {match.found.event_id for match in matches}
    return Score(
        tuple(matches),
        tuple(each for each in expected if each.object_id not in hit_ids),
        tuple(each for each in found if each.event_id not in used_ids),
    )


def _pairs(things: Sequence[Expected], events: Sequence[Found]) -> list[Match]:
    if not things or not events:
        return []
    apart_m = np.array([[distance_m(t.position, e.position) for e in events] for t in things])
    cost = np.where(apart_m <= MATCH_GATE_M, apart_m, UNREACHABLE)
    rows, columns = linear_sum_assignment(cost)
    return [
        Match(things[row], events[column], float(apart_m[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if apart_m[row, column] <= MATCH_GATE_M
    ]
