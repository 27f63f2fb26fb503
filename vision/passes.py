"""Between patrols: what is new, what is still there, what is gone, and where nobody looked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """

    sighting_id: str
    matter: str
    class_name: str
    position: LonLat
    ce90_m: float
    cell: str


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
    """

    name: str
    start_utc: datetime
    end_utc: datetime
    area: shapely.Geometry
    cells: Mapping[str, float]
    things: tuple[SeenThing, ...]
    could_tell: Mapping[str, tuple[str, ...]] | None = None

    def looked_for(self, thing: SeenThing) -> bool:
        """Whether its rules and its detector could have told of such a thing."""
        known = self.could_tell
        return known is None or thing.class_name in known.get(thing.matter, ())

    def looked_at(self, thing: SeenThing) -> bool:
        """Whether it would have told of a thing, had it been there."""
        return self.looked_for(thing) and was_looked_at(thing, self.area)


@dataclass(frozen=True)
class PassMemory:
    """What is known so far of a pass that goes on.

    Attributes:
        origin: of its metres.
        area_wkb: the ground looked at, in metres around the origin, as WKB.
        looked_s: when the ground was looked at last, stream time.
        span_s: times of its first and latest frame.
        things: what was told, with a place.
        latest_wkb: what the last pictures showed, as the ground is.
    """

    origin: LonLat
    area_wkb: bytes
    looked_s: float
    span_s: tuple[float, float]
    things: tuple[SeenThing, ...]
    latest_wkb: tuple[bytes, ...] = ()


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
