"""Between patrols: what is new, what is still there, what is gone, and where nobody looked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment

from geofences.geodesy import LocalFrame, LonLat, distance_m

# Two places of one thing lie within this many times their joint 90 % radius in 99 of 100 cases.
_R99_PER_R90 = math.sqrt(math.log(100.0) / math.log(10.0))
_LEAST_GATE_M = 2.0
_LOOKED_SHARE = 0.9
_FAR = 1e6
# As found in simulated flights over random villages: decision 280.
_ENOUGH_PX = 16.0
_AS_LARGE_SHARE = 0.8


@dataclass(frozen=True)
class SeenThing:
    """Something that a pass told.

    Attributes:
        sighting_id: of the sighting.
        matter: code of what it is reported as.
        class_name: what the detector calls it.
        position: where it is.
        ce90_m: radius that holds the true place with 90 %.
        cell: code of the cell it most probably lies in, empty without.
        needs_px_per_m: how many pixels the detector must be shown of a metre to tell of it; 0
            where nobody wrote that down.
    """

    sighting_id: str
    matter: str
    class_name: str
    position: LonLat
    ce90_m: float
    cell: str
    needs_px_per_m: float = 0.0


@dataclass(frozen=True, eq=False)
class PassRecord:
    """What one pass looked at and told.

    Attributes:
        name: of the pass.
        start_utc: of its first frame.
        end_utc: of its last frame.
        area: the ground looked at, in degrees.
        cells: the share seen of each cell that was seen at all.
        things: what was told, with a place.
        could_tell: codes of matters with the classes that they were looked for in; None for a
            pass of which that was not written down.
        grounds: the ground of which the detector was shown so many pixels a metre or more, in
            degrees; empty for a pass of which that was not written down.
        models: name and hash of each that detected, in the order of their first frames; empty for
            a pass of which that was not written down.
    """

    name: str
    start_utc: datetime
    end_utc: datetime
    area: shapely.Geometry
    cells: Mapping[str, float]
    things: tuple[SeenThing, ...]
    could_tell: Mapping[str, tuple[str, ...]] | None = None
    grounds: Mapping[float, shapely.Geometry] = field(default_factory=dict)
    models: tuple[str, ...] = ()

    def looked_for(self, thing: SeenThing) -> bool:
        """Whether its rules and its detector could have told of such a thing."""
        known = self.could_tell
        return known is None or thing.class_name in known.get(thing.matter, ())

    def looked_at(self, thing: SeenThing) -> bool:
        """Whether it would have told of a thing, had it been there."""
        return self.looked_for(thing) and was_looked_at(thing, self._ground_for(thing))

    def showed_too_small(self, thing: SeenThing) -> bool:
        """Whether its place was in view, and the detector was shown it too small to tell."""
        if not self.looked_for(thing) or self.looked_at(thing) or not self.grounds:
            return False
        return was_looked_at(thing, self.grounds[min(self.grounds)])

    def _ground_for(self, thing: SeenThing) -> shapely.Geometry:
        """The ground on which a thing was shown large enough."""
        if not self.grounds or not thing.needs_px_per_m:
            return self.area
        # The next level below: a pass that flew as the one that told of it is good enough.
        enough = [each for each in self.grounds if each <= thing.needs_px_per_m]
        level = max(enough, default=min(self.grounds))
        return self.grounds[level]


@dataclass(frozen=True)
class PassMemory:
    """What is known so far of a pass that goes on.

    Attributes:
        origin: of its metres.
        areas_wkb: the ground looked at at each level, in metres around the origin, as WKB.
        looked_s: when the ground was looked at last, stream time.
        span_s: times of its first and latest frame.
        things: what was told, with a place.
        latest_wkb: what each of the last pictures showed, as the ground is.
        models: which detected so far.
    """

    origin: LonLat
    areas_wkb: tuple[bytes, ...]
    looked_s: float
    span_s: tuple[float, float]
    things: tuple[SeenThing, ...]
    latest_wkb: tuple[tuple[bytes, ...], ...] = ()
    models: tuple[str, ...] = ()


class Fate(StrEnum):
    """What became of a thing between two passes."""

    NEW = "new"
    FIRST_LOOK = "first_look"
    STILL_THERE = "still_there"
    GONE = "gone"
    NOT_LOOKED_AT = "not_looked_at"


@dataclass(frozen=True)
class Change:
    """A thing and what became of it.

    Attributes:
        fate: what.
        before: as the earlier pass told it, None where it did not.
        after: as the later pass told it.
        apart_m: how far apart the two tell it.
    """

    fate: Fate
    before: SeenThing | None
    after: SeenThing | None
    apart_m: float | None = None


def compare_passes(earlier: PassRecord, later: PassRecord) -> tuple[Change, ...]:
    """Say of each thing of two passes what became of it.

    A thing of one matter is the same where the two places are as near as their errors allow. One
    that only the earlier pass told is gone if the later one looked there for such things, else
    nothing is known; one that only the later told is new if the earlier one had looked there so.
    """
    pairs = _pairs(earlier.things, later.things)
    changes = [
        Change(Fate.STILL_THERE, earlier.things[i], later.things[j], apart_m)
        for i, j, apart_m in pairs
    ]
    known, found = {i for i, _, _ in pairs}, {j for _, j, _ in pairs}
    for i, thing in enumerate(earlier.things):
        if i not in known:
            fate = Fate.GONE if later.looked_at(thing) else Fate.NOT_LOOKED_AT
            changes.append(Change(fate, thing, None))
    for j, thing in enumerate(later.things):
        if j not in found:
            fate = Fate.NEW if earlier.looked_at(thing) else Fate.FIRST_LOOK
            changes.append(Change(fate, None, thing))
    return tuple(changes)


def needed_px_per_m(shown_px: float, px_per_m: float) -> float:
    """How many pixels of a metre the detector must be shown to tell of a thing again.

    Args:
        shown_px: how large it was when it was told, the root of its box's area.
        px_per_m: how large a metre was there and then.
    """
    enough = _ENOUGH_PX / max(shown_px, 1e-9)
    return px_per_m * min(enough, _AS_LARGE_SHARE)


def was_looked_at(thing: SeenThing, area: shapely.Geometry) -> bool:
    """Whether a pass looked at nearly all of the ground on which a thing may stand.

    Args:
        thing: with its place and error.
        area: what the pass looked at, in degrees.
    """
    if area.is_empty:
        return False
    frame = LocalFrame(thing.position)
    disc = shapely.Point(0.0, 0.0).buffer(max(thing.ce90_m, 0.1))
    ground = frame.geometry_to_lonlat(disc)
    return bool(area.intersection(ground).area >= _LOOKED_SHARE * ground.area)


def _pairs(before: Sequence[SeenThing], after: Sequence[SeenThing]) -> list[tuple[int, int, float]]:
    """Indices of things that are the same, with their distance: as many pairs as can be."""
    if not before or not after:
        return []
    apart_m = np.array([[distance_m(a.position, b.position) for b in after] for a in before])
    gate_m = np.array(
        [
            [
                max(_LEAST_GATE_M, _R99_PER_R90 * math.hypot(a.ce90_m, b.ce90_m))
                if a.matter == b.matter
                else 0.0
                for b in after
            ]
            for a in before
        ]
    )
    possible = apart_m < gate_m
    # In units of the gate: a sure pair is worth more than two doubtful ones are near.
    cost = np.where(possible, apart_m / np.maximum(gate_m, 1e-9), _FAR)
    rows, columns = linear_sum_assignment(cost)
    return [
        (int(i), int(j), float(apart_m[i, j]))
        for i, j in zip(rows, columns, strict=True)
        if possible[i, j]
    ]
