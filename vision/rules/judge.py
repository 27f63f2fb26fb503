"""Judge the objects in view by the rules: pure, stepped by the time of the frames."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from math import inf
from statistics import median

from vision.objects import Look, ObjectBook, TrackedObject, median_area_m2, median_score
from vision.rules.collision import abrupt_stop
from vision.rules.findings import Finding, JudgeMemory
from vision.rules.hours import is_within
from vision.rules.schema import (
    CollisionRule,
    CongestionRule,
    CrowdRule,
    DwellRule,
    PresenceRule,
    Rule,
    StationaryRule,
)
from vision.rules.setting import Setting
from vision.rules.together import (
    comes_into_quiet,
    densest,
    fills_too_much,
    flickers,
    frames_of,
    is_first_to_drive,
    stands_still,
    stirs,
)
from vision.rules.visits import Visits
from vision.stirring import STIRRING_SCORE_SHARE

_GRACE_S = 1.0
_IN_ZONE_SHARE = 0.5
# Long enough that somebody who walks past a wall does not make it billow.
_FLICKER_S = 10.0


class Judge:
    """Applies every rule at each step and keeps each from repeating itself."""

    def __init__(
        self, rules: Sequence[Rule], setting: Setting, memory: JudgeMemory | None = None
    ) -> None:
        self._rules = tuple(rules)
        self._setting = setting
        memory = memory or JudgeMemory()
        self._cooldown, self._held = memory.cooldown, memory.held
        self._zones = {rule.id: setting.zones.numbers_of(rule.zones) for rule in self._rules}
        self._in, self._visits = setting.zone_said, Visits()
        self._news = "comes into the quiet picture" if setting.stands else "moves over the ground"

    def step(self, book: ObjectBook, time_s: float) -> list[Finding]:
        """What the rules newly find at this time; times must not go back."""
        self._visits = Visits()
        in_view = [(self._name(each), each) for each in book.in_view(time_s)]
        found: list[Finding] = []
        moment = self._setting.start_utc + timedelta(seconds=time_s)
        for rule in self._rules:
            if not is_within(rule.hours, rule.time_zone, moment):
                continue
            objects = [each for name, each in in_view if name in rule.classes]
            found += self._apply(rule, objects, book, time_s)
        return found

    def _apply(
        self, rule: Rule, objects: list[TrackedObject], book: ObjectBook, time_s: float
    ) -> Iterator[Finding]:
        if isinstance(rule, CrowdRule):
            yield from self._scene(rule, self._crowd(rule, objects), time_s)
        elif isinstance(rule, CongestionRule):
            yield from self._scene(rule, self._dense(rule, objects), time_s)
        elif isinstance(rule, CollisionRule):
            yield from self._collisions(rule, objects, time_s)
        elif isinstance(rule, PresenceRule) and rule.once_per_view and not self._setting.passing:
            yield from self._view_presence(rule, objects, book, time_s)
        else:
            for subject in objects:
                if self._cooldown.has_told(rule, subject.track_id):
                    continue
                finding = self._single(rule, subject, book, time_s)
                if finding and self._cooldown.allows(finding, anywhere=False):
                    yield finding

    def _single(
        self, rule: Rule, subject: TrackedObject, book: ObjectBook, time_s: float
    ) -> Finding | None:
        if isinstance(rule, PresenceRule):
            return self._present(rule, subject, book, time_s)
        if isinstance(rule, DwellRule):
            return self._dwelling(rule, subject, time_s)
        if isinstance(rule, StationaryRule):
            return self._standing(rule, subject, time_s)
        return None

    def _present(
        self, rule: PresenceRule, subject: TrackedObject, book: ObjectBook, time_s: float
    ) -> Finding | None:
        visits, zone = self._telling_visits(rule, subject, book)
        looks = visits[0] if len(visits) == 1 else [look for visit in visits for look in visit]
        if len(looks) < rule.min_looks:
            return None
        lasted_s = sum(visit[-1].time_s - visit[0].time_s for visit in visits)
        if not subject.remembers_visit:
            whole_s = subject.last.time_s - subject.visit_s
            lasted_s = max(lasted_s, whole_s if zone is None else subject.stay_s(zone))
        frames = sum(frames_of(visit, book) for visit in visits)
        share = len(looks) / max(frames, 1)
        if lasted_s < self._least_seconds(rule, subject) or share < rule.min_share:
            return None
        score = self._visits.score(subject, looks)
        if score < self._least_score(rule, subject):
            return None
        area_m2 = median_area_m2(looks) if rule.min_area_m2 else None
        if (area_m2 is not None and area_m2 < rule.min_area_m2) or fills_too_much(rule, looks):
            return None
        whole = self._takes_whole_picture(rule)
        if whole and not self._is_news(rule, subject, book):
            return None
        where = f" {self._news} (no zone is declared)" if whole else self._in(zone)
        why = (
            f"{self._name(subject)}{where}: seen in {len(looks)} of {frames} frames over "
            f"{lasted_s:.1f} s, median score {score:.2f}"
        )
        if len(visits) > 1:
            why += f", on {len(visits)} passes over it"
        if area_m2 is not None:
            why += f", about {area_m2:.1f} m² (at least {rule.min_area_m2:g} m²)"
        return Finding(rule, subject, (), time_s, looks[0].time_s, score, zone, why)

    def _least_seconds(self, rule: PresenceRule, subject: TrackedObject) -> float:
        """How long an object has to be seen; longer where it keeps its place in the picture."""
        if rule.unmoved_seconds <= rule.min_seconds or self._setting.passing:
            return rule.min_seconds
        if self._visits.moves_in_picture(subject):
            return rule.min_seconds
        return rule.unmoved_seconds

    def _is_news(self, rule: PresenceRule, subject: TrackedObject, book: ObjectBook) -> bool:
        """Whether it is the first for a while that moves in the whole picture."""
        if self._setting.stands:
            moving = partial(self._drives_by, rule.min_looks)
            return comes_into_quiet(subject, book, rule.quiet_s, moving)
        told = partial(self._cooldown.has_told, rule)
        return is_first_to_drive(subject, book, rule.quiet_s, told)

    def _drives_by(self, least_looks: int, subject: TrackedObject) -> bool:
        """Whether an object moves, seen as often as one that would be told: else it is chance."""
        return len(subject.looks) >= least_looks and self._visits.moves_in_picture(subject)

    def _least_lively_score(
        self, rule: PresenceRule, subject: TrackedObject, book: ObjectBook, time_s: float
    ) -> float:
        """The score that is enough of what changes as flames and plumes do; else more than any."""
        least, since_s = self._least_score(rule, subject), time_s - _FLICKER_S
        pieces = [each for each in book.seen_since(since_s) if self._name(each) in rule.classes]
        stirring = stirs(pieces, since_s, rule.min_stir) if rule.min_stir else None
        if stirring is not None:
            return STIRRING_SCORE_SHARE * least if stirring else inf
        if rule.min_flicker and not flickers(pieces, since_s, rule.min_flicker):
            return inf
        return least

    def _piece_to_tell(
        self, rule: PresenceRule, objects: list[TrackedObject], time_s: float
    ) -> TrackedObject:
        """The piece that was seen most, of those that stir where that is known.

        Beside smoke a wall may be taken for some, and for longer.
        """
        since_s = time_s - _FLICKER_S
        asked = objects if rule.min_stir and len(objects) > 1 else []
        stirring = [each for each in asked if stirs([each], since_s, rule.min_stir)]
        return max(stirring or objects, key=lambda each: (len(each.looks), -each.track_id))

    def _view_presence(
        self, rule: PresenceRule, objects: list[TrackedObject], book: ObjectBook, time_s: float
    ) -> Iterator[Finding]:
        """Flames and plumes break into pieces: judge by the frames in which any piece shows."""
        if not objects:
            return
        window_s = max(rule.min_seconds, 1e-3)
        best: dict[int, Look] = {}
        pieces = book.seen_since(time_s - window_s)
        for subject in [piece for piece in pieces if self._name(piece) in rule.classes]:
            for look in self._looks_in_zone(rule, subject)[0]:
                if look.time_s >= time_s - window_s:
                    best[look.frame_index] = max(
                        best.get(look.frame_index, look), look, key=lambda each: each.score
                    )
        subject = self._piece_to_tell(rule, objects, time_s)
        frames = book.frames_between(time_s - window_s, time_s)
        score = median_score(best.values())
        long_enough = book.frames_between(0.0, time_s - window_s) > 0
        if (
            not long_enough
            or len(best) < min(rule.min_looks, frames)
            or len(best) < rule.min_share * frames
            or score < self._least_lively_score(rule, subject, book, time_s)
        ):
            return
        why = (
            f"{self._name(subject)} in {len(best)} of {frames} frames of the last "
            f"{window_s:.1f} s, median of the best scores {score:.2f}"
        )
        by_flicker = sum(look.by_flicker for look in best.values())
        if by_flicker:
            why += f"; in {by_flicker} told by its flicker, as sure as the smoke beside it"
        others = tuple(each for each in objects if each is not subject)
        finding = Finding(rule, subject, others, time_s, time_s - window_s, score, None, why)
        if self._cooldown.allows(finding, anywhere=True):
            yield finding

    def _dwelling(self, rule: DwellRule, subject: TrackedObject, time_s: float) -> Finding | None:
        zone, stay_s = self._longest_stay(rule, subject)
        if self._takes_whole_picture(rule):
            zone, stay_s = None, subject.last.time_s - subject.visit_s
        elif zone is None:
            return None
        if stay_s < rule.min_seconds:
            return None
        looks = [look for look in subject.looks if look.time_s >= time_s - stay_s]
        score = median_score(looks)
        if len(looks) < rule.min_looks or score < self._least_score(rule, subject):
            return None
        where = self._in(zone) if zone is not None else " in the picture (no zone is declared)"
        why = f"{self._name(subject)} stays{where} for {stay_s:.1f} s, median score {score:.2f}"
        return Finding(rule, subject, (), time_s, time_s - stay_s, score, zone, why)

    def _standing(
        self, rule: StationaryRule, subject: TrackedObject, time_s: float
    ) -> Finding | None:
        # Parked for an hour, a thing has more looks than are kept.
        visit = self._visits.looks(subject) if subject.remembers_visit else subject.long_looks()
        looks, zone = self._in_best_zone(rule, visit)
        if len(looks) < rule.min_looks:
            return None
        passing = self._setting.passing or self._setting.carried
        lasted_s = looks[-1].time_s - looks[0].time_s
        if lasted_s < (rule.passing_seconds if passing else rule.min_seconds):
            return None
        score = self._visits.score(subject, looks)
        if score < self._least_score(rule, subject):
            return None
        how = stands_still(rule, looks, over_ground=not self._setting.stands)
        if not how:
            return None
        why = f"{self._name(subject)} stands{self._in(zone)}: {how} over {lasted_s:.1f} s"
        why += f", {len(looks)} looks, median score {score:.2f}"
        if passing:
            why += "; the camera passed by, so standing is known for this time only"
        return Finding(rule, subject, (), time_s, looks[0].time_s, score, zone, why)

    def _collisions(
        self, rule: CollisionRule, objects: list[TrackedObject], time_s: float
    ) -> Iterator[Finding]:
        counted = [each for each in objects if self._counts(rule, each)]
        for subject in counted:
            if self._cooldown.has_told(rule, subject.track_id):
                continue
            stop = abrupt_stop(rule, subject, counted, time_s)
            # From a drone that passes, what stays in the picture does not stand.
            if stop is None or (self._setting.passing and not stop.on_ground):
                continue
            looks, zone = self._looks_in_zone(rule, subject)
            score, since_s = self._visits.score(subject, looks), time_s - rule.min_seconds
            why = f"{self._name(subject)}{self._in(zone)} {stop.said(rule)}, median {score:.2f}"
            finding = Finding(rule, subject, (stop.beside,), time_s, since_s, score, zone, why)
            if self._cooldown.allows(finding, anywhere=False):
                yield finding

    def _scene(
        self, rule: Rule, found: tuple[list[TrackedObject], str] | None, time_s: float
    ) -> Iterator[Finding]:
        """A rule about many objects holds only after it has held for its time, short gaps aside."""
        start_s, end_s = self._held.get(rule.id, (time_s, time_s))
        if time_s - end_s > _GRACE_S:
            start_s = time_s
        if found is None:
            return
        self._held[rule.id] = (start_s, time_s)
        objects, what = found
        min_seconds = rule.min_seconds if isinstance(rule, CrowdRule | CongestionRule) else 0.0
        if time_s - start_s < min_seconds:
            return
        subject, *others = objects
        score = median([self._visits.score(each) for each in objects])
        why = f"{what} for {time_s - start_s:.1f} s, median score {score:.2f}"
        zone = self._longest_stay(rule, subject)[0]
        finding = Finding(rule, subject, tuple(others), time_s, start_s, score, zone, why)
        if self._cooldown.allows(finding, anywhere=True):
            yield finding

    def _crowd(
        self, rule: CrowdRule, objects: list[TrackedObject]
    ) -> tuple[list[TrackedObject], str] | None:
        objects = [each for each in objects if self._counts(rule, each)]
        if len(objects) < rule.min_count:
            return None
        members, reach = densest(objects, rule.radius_m, rule.radius_boxes)
        if len(members) < rule.min_count:
            return None
        return members, f"{len(members)} of {'/'.join(rule.classes)} within {reach}"

    def _dense(
        self, rule: CongestionRule, objects: list[TrackedObject]
    ) -> tuple[list[TrackedObject], str] | None:
        objects = [each for each in objects if self._counts(rule, each)]
        if len(objects) < rule.min_count:
            return None
        moving = sum(self._visits.moves(each) for each in objects)
        if not rule.zones and moving < rule.moving_share * len(objects):
            return None
        what = f"{len(objects)} of {'/'.join(rule.classes)} in view, {moving} of them moving"
        return sorted(objects, key=lambda each: each.track_id), what

    def _counts(self, rule: Rule, subject: TrackedObject) -> bool:
        looks, _ = self._looks_in_zone(rule, subject)
        least = self._least_score(rule, subject)
        return len(looks) >= rule.min_looks and self._visits.score(subject, looks) >= least

    def _telling_visits(
        self, rule: PresenceRule, subject: TrackedObject, book: ObjectBook
    ) -> tuple[list[list[Look]], int | None]:
        """The present visit, and earlier ones of a passing drone that told as steadily.

        From each lane a drone sees a thing for a few seconds only, and a thing that is there on
        lane after lane persists. A former visit counts with half of the rule's looks or more, so
        that stray detections of many lanes do not add up to a thing.
        """
        looks, zone = self._looks_in_zone(rule, subject)
        if not looks or not self._setting.passing:
            return ([looks] if looks else []), zone
        visits = [self._in_best_zone(rule, visit)[0] for visit in subject.visits()[:-1]]
        telling = [
            visit
            for visit in visits
            if visit
            and 2 * len(visit) >= rule.min_looks
            and len(visit) >= rule.min_share * frames_of(visit, book)
        ]
        return [*telling, looks], zone

    def _looks_in_zone(self, rule: Rule, subject: TrackedObject) -> tuple[list[Look], int | None]:
        """Looks of the visit in the zone it was most in; none if it was mostly outside."""
        return self._in_best_zone(rule, self._visits.looks(subject))

    def _in_best_zone(self, rule: Rule, looks: list[Look]) -> tuple[list[Look], int | None]:
        if not rule.zones or self._takes_whole_picture(rule):
            return looks, None
        best: list[Look] = []
        zone: int | None = None
        for number in sorted(self._zones[rule.id]):
            inside = [look for look in looks if number in look.zones]
            if len(inside) > len(best):
                best, zone = inside, number
        if self._setting.passing and len(best) < _IN_ZONE_SHARE * len(looks):
            return [], None
        return best, zone

    def _longest_stay(self, rule: Rule, subject: TrackedObject) -> tuple[int | None, float]:
        stays = {zone: subject.stay_s(zone) for zone in subject.last.zones & self._zones[rule.id]}
        if not stays:
            return None, 0.0
        zone = max(stays, key=lambda each: (stays[each], -each))
        return zone, stays[zone]

    def _takes_whole_picture(self, rule: Rule) -> bool:
        """Whether a camera has no zone for a rule that then takes all that is seen."""
        whole = isinstance(rule, DwellRule | PresenceRule) and rule.whole_picture
        return whole and not self._setting.passing and not self._zones[rule.id]

    def _least_score(self, rule: Rule, subject: TrackedObject) -> float:
        return (
            self._setting.thresholds[subject.class_id] if rule.min_score is None else rule.min_score
        )

    def _name(self, subject: TrackedObject) -> str:
        return self._setting.class_names[subject.class_id]
