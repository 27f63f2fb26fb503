"""What must hold at the end of a day, each against the truth."""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from flight.states import PatrolState
from patrol.fleet import SortieEnd
from patrol.scenarios.building import earth_of
from patrol.scenarios.flying import FLIGHTS_FOLDER, TRUTH_FOLDER, FlownDay
from patrol.scenarios.schema import FAILED, Craft
from patrol.scenarios.tracks import Track, read_records, read_track

#: Home moves by what the receivers wander between arming and landing.
_AT_HOME_M = 5.0
#: A landing ends at LAND_SPEED, half a metre a second; a fall does not.
_GENTLE_MPS = 1.5
_STANDS_M = 0.1
_LOOK_BACK_S = 0.2
_BREACH_TOLD = re.compile("outside the fence|breach")


@dataclass(frozen=True)
class Check:
    """One thing that must hold.

    Attributes:
        aircraft: Whose.
        what: Which thing.
        holds: Whether it does.
        found: What was found, in words.
    """

    aircraft: str
    what: str
    holds: bool
    found: str


def judge(flown: FlownDay) -> tuple[Check, ...]:
    """Return all checks of a day, those of one aircraft together.

    Raises:
        FlightError: A record cannot be read at all.
    """
    checks: list[Check] = []
    tracks: dict[str, Track] = {}
    earth = earth_of(flown.day)
    for craft in flown.day.aircraft:
        path = flown.folder / TRUTH_FOLDER / f"{craft.name}.truth.jsonl"
        tracks[craft.name] = track = read_track(path, earth)
        ends = [end for end in flown.ends if end.sortie.mission.vehicle_name == craft.name]
        checks.append(_outcomes(craft, ends))
        checks.append(_lands(craft, track))
        checks.append(_breach(craft, track, _texts(flown, craft)))
        checks += _recorded(craft, track, flown)
        checks += _told(craft, [*_texts(flown, craft), *_errors(ends)])
        if craft.expect.states:
            checks.append(_states(craft, flown))
    if flown.day.apart_m is not None:
        checks.append(_apart(tracks, flown.day.apart_m))
    return tuple(checks)


def _texts(flown: FlownDay, craft: Craft) -> list[str]:
    return [news.text for _, news in flown.news if news.vehicle_name == craft.name]


def _errors(ends: Sequence[SortieEnd]) -> list[str]:
    return [str(end.error) for end in ends if end.error is not None]


def _outcomes(craft: Craft, ends: Sequence[SortieEnd]) -> Check:
    ended = [str(end.result.outcome) if end.result else FAILED for end in ends]
    text = ", ".join(ended) or "the day did not end in time"
    why = "; ".join(_errors(ends))
    holds = ended == list(craft.expect.outcomes)
    wanted = ", ".join(craft.expect.outcomes)
    return Check(craft.name, f"ends: {wanted}", holds, text + (f" ({why})" if why else ""))


def _lands(craft: Craft, track: Track) -> Check:
    what = f"lands: {craft.expect.lands.replace('_', ' ')}"
    ever = bool(track.airborne.any())
    if not ever:
        return Check(craft.name, what, craft.expect.lands == "never_flew", "never flew")
    end = track.places_m[-1]
    away_m = math.dist(end[:2], craft.stands_m)
    speed_mps = _touch_down_mps(track)
    found = f"{away_m:.1f} m from home, touched down at {speed_mps:.1f} m/s"
    if end[2] > _STANDS_M:
        return Check(craft.name, what, False, f"in the air, {end[2]:.0f} m up, {away_m:.0f} m away")
    gently = speed_mps <= _GENTLE_MPS
    kind = ("home" if away_m <= _AT_HOME_M else "away") if gently else "falls"
    return Check(craft.name, what, kind == craft.expect.lands, found)


def _touch_down_mps(track: Track) -> float:
    """How fast it came down through the last metre, whatever had rebooted before."""
    last = list(track.flights())[-1]
    before = int(np.searchsorted(last.times_s, last.times_s[-1] - _LOOK_BACK_S))
    took_s = float(last.times_s[-1] - last.times_s[before])
    sunk_m = float(last.places_m[before, 2] - last.places_m[-1, 2])
    return sunk_m / took_s if took_s > 0 else 0.0


def _breach(craft: Craft, track: Track, texts: Sequence[str]) -> Check:
    fence = craft.fence
    places = track.places_m[track.airborne]
    free = shapely.Polygon(fence.inside_m).difference(
        shapely.union_all([shapely.Polygon(ring) for ring in fence.outside_m])
    )
    inside = shapely.contains_xy(free, places[:, 0], places[:, 1])
    outside = int(np.count_nonzero(~(inside & (places[:, 2] <= fence.ceiling_m))))
    told = any(_BREACH_TOLD.search(text) for text in texts)
    holds = told if craft.expect.breach == "told" else not told and outside == 0
    found = f"{outside / 25:.1f} s outside in truth, {'' if told else 'not '}told"
    return Check(craft.name, f"fence: breach {craft.expect.breach}", holds, found)


def _recorded(craft: Craft, track: Track, flown: FlownDay) -> Iterator[Check]:
    """All that was flown is in the flight log, where it truly was, and in the tlog."""
    expect, earth = craft.expect, earth_of(flown.day)
    records = read_records(flown.folder / FLIGHTS_FOLDER, craft.name, earth)
    gap_s, error_m = 0.0, 0.0
    for flight in track.flights():
        during = [record.track.during(flight) for record in records]
        # A reboot sets the clock back: the record of this flight is the one that holds most of it.
        record = max(during, key=lambda part: len(part.times_s), default=None)
        if record is None or not len(record.times_s):
            gap_s = float(flight.times_s[-1] - flight.times_s[0])
            continue
        edges = [flight.times_s[0], *record.times_s, flight.times_s[-1]]
        gap_s = max(gap_s, float(np.diff(edges).max()))
        error_m = max(error_m, record.farthest_m(flight))
    poses = sum(len(record.track.times_s) for record in records)
    what = f"record: gaps of {expect.gap_s:g} s at most"
    found = f"longest gap {gap_s:.2f} s in {poses} poses"
    yield Check(craft.name, what, gap_s <= expect.gap_s, found)
    what = f"record: within {expect.error_m:g} m of the truth"
    yield Check(craft.name, what, error_m <= expect.error_m, f"at most {error_m:.1f} m off")
    missing = sum(record.poses_not_in_tlog for record in records)
    yield Check(craft.name, "record: tlog holds every pose", missing == 0, f"{missing} missing")


def _told(craft: Craft, texts: Sequence[str]) -> Iterator[Check]:
    for pattern in craft.expect.told:
        found = next((text for text in texts if re.search(pattern, text)), None)
        yield Check(craft.name, f"told: {pattern}", found is not None, found or "was never told")
    for pattern in craft.expect.never_told:
        found = next((text for text in texts if re.search(pattern, text)), None)
        yield Check(craft.name, f"never told: {pattern}", found is None, found or "was never told")


def _states(craft: Craft, flown: FlownDay) -> Check:
    passed = [news.state for _, news in flown.news if news.vehicle_name == craft.name]
    went = [state for state, _ in itertools.groupby(passed)]
    left: Iterator[PatrolState] = iter(went)
    holds = all(wanted in left for wanted in craft.expect.states)
    wanted = ", ".join(craft.expect.states)
    return Check(craft.name, f"goes through: {wanted}", holds, ", ".join(went))


def _apart(tracks: dict[str, Track], least_m: float) -> Check:
    """How near two aircraft in the air came; all were switched on at the same time."""
    nearest_m, who = math.inf, "nobody"
    for (name, one), (other_name, other) in itertools.combinations(tracks.items(), 2):
        times, mine, theirs = np.intersect1d(one.times_s, other.times_s, return_indices=True)
        both = one.airborne[mine] & other.airborne[theirs]
        if len(times) == 0 or not both.any():
            continue
        apart = np.linalg.norm(one.places_m[mine][both] - other.places_m[theirs][both], axis=1)
        if float(apart.min()) < nearest_m:
            nearest_m, who = float(apart.min()), f"{name} and {other_name}"
    found = "never two in the air" if math.isinf(nearest_m) else f"{nearest_m:.0f} m ({who})"
    return Check("all", f"apart: {least_m:g} m at least", nearest_m >= least_m, found)
