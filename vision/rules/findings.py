"""What a rule concludes about the objects in view, before it becomes a sighting."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vision.objects import BoxPx, TrackedObject
from vision.rules.schema import Rule

_SAME_PLACE_BOXES = 0.7


@dataclass(frozen=True, eq=False)
class Finding:
    """A rule holds for an object.

    Attributes:
        rule: which.
        subject: the object; of a crowd or dense traffic the one in the middle.
        others: the objects it holds for together with the subject.
        time_s: when the rule was found to hold.
        since_s: since when what it found has lasted.
        score: how sure, 0 to 1.
        zone: number of the zone, None without.
        why: the reasons, in a sentence.
    """

    rule: Rule
    subject: TrackedObject
    others: tuple[TrackedObject, ...]
    time_s: float
    since_s: float
    score: float
    zone: int | None
    why: str


@dataclass(frozen=True, eq=False)
class _Reported:
    time_s: float
    box: BoxPx
    place_m: NDArray[np.float64] | None


class CoolDown:
    """Keeps a rule from reporting the same object, or the same place too soon, again."""

    def __init__(self) -> None:
        self._told: set[tuple[str, int]] = set()
        self._reported: dict[str, list[_Reported]] = {}

    def has_told(self, rule: Rule, track_id: int) -> bool:
        """Whether the rule has reported this object before."""
        return (rule.id, track_id) in self._told

    def allows(self, finding: Finding, *, anywhere: bool) -> bool:
        """Record a finding and say whether it may be reported.

        Args:
            finding: what was found.
            anywhere: whether the rule is silent for the whole view and not just for the place.
        """
        rule, look = finding.rule, finding.subject.last
        if self.has_told(rule, finding.subject.track_id):
            return False
        earlier = self._reported.setdefault(rule.id, [])
        earlier[:] = [each for each in earlier if finding.time_s - each.time_s < rule.cooldown_s]
        now = _Reported(finding.time_s, look.xyxy_px, _middle_m(finding.subject))
        if any(anywhere or _same_place(each, now, rule.same_place_m) for each in earlier):
            return False
        self._told.add((rule.id, finding.subject.track_id))
        earlier.append(now)
        return True


@dataclass(eq=False)
class JudgeMemory:
    """What judging remembers from step to step.

    Attributes:
        cooldown: what was reported.
        held: by rule, since when and until when a rule about many objects has held.
    """

    cooldown: CoolDown = field(default_factory=CoolDown)
    held: dict[str, tuple[float, float]] = field(default_factory=dict)


def _middle_m(subject: TrackedObject) -> NDArray[np.float64] | None:
    """Mean place of the present visit, which wavers less than the last look."""
    places = [look.place.xy_m for look in subject.visit_looks() if look.place is not None]
    return np.mean(places, axis=0) if places else None


def _same_place(first: _Reported, second: _Reported, same_place_m: float) -> bool:
    if first.place_m is not None and second.place_m is not None:
        return float(np.linalg.norm(first.place_m - second.place_m)) < same_place_m
    a, b = np.array(first.box), np.array(second.box)
    moved = np.hypot(*((b - a)[:2] + (b - a)[2:]) / 2)
    size = np.sqrt(max(1.0, float((b[2] - b[0]) * (b[3] - b[1]))))
    return bool(moved < _SAME_PLACE_BOXES * size)
