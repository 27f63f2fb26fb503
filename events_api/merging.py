"""Whether a report is one more look at an event that is already open.

Two positions of one object differ by both position errors and by which part of the object was
pointed at. With circular normal errors the squared distance over the summed variances then follows
a chi-square law with two degrees of freedom, whose upper tail is exp(-x / 2): that tail is the
probability that the same object would give positions at least this far apart. A report joins the
nearest open event for which it is not below `LEAST_PROBABILITY`.

Two rules stand above distance. What one pass told apart by track is never merged, however near;
and what one pass followed as one track is one event, however the positions scatter.

A report that would open an event only because its own pass was there already is looked at again,
together with what that pass has seen: see `pairing`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from geofences.geodesy import LonLat, distance_m
from geofences.normal import SIGMAS_PER_CE90

LEAST_PROBABILITY = 0.005
"""Of the distances between two looks at one object, 99.5 % are accepted.

An object that five passes see is joined four times, and shall be one event in 98 % of cases: each
joining may fail in 1 - 0.98 ** (1 / 4), which is 0.5 %.
"""

GATE_SIGMAS = math.sqrt(-2 * math.log(LEAST_PROBABILITY))
"""Largest accepted distance, in sigmas of the difference."""

ASSUMED_CE90_M = 20.0
"""For a position that came without its error: a telephone's in a street."""

VAGUE_CE90_M = 100.0
"""A position with a larger error cannot tell an event from the next street's: it never merges."""

SIGMAS_PER_EXTENT = 4.0
"""Where on an object of this extent a position points: within half of it, as two sigmas."""


@dataclass(frozen=True, slots=True)
class MergeRule:
    """What a matter says about sameness.

    Attributes:
        extent_m: Typical size of the thing on the ground.
        same_within: How long after its last sighting an unhandled thing is still the same one.
    """

    extent_m: float
    same_within: timedelta


@dataclass(frozen=True, slots=True)
class Look:
    """What merging needs to know of the new report."""

    position: LonLat | None
    ce90_m: float | None
    observed_at: datetime
    source: str
    pass_id: str
    track_id: int | None


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """What merging needs to know of an open event of the same matter.

    Attributes:
        number: The event's number.
        position: Its best position.
        ce90_m: That position's error.
        first_observed_at: Its earliest observation.
        last_observed_at: Its latest observation.
        tracks: The tracks that the report's own pass has already put into this event.
    """

    number: int
    position: LonLat | None
    ce90_m: float | None
    first_observed_at: datetime
    last_observed_at: datetime
    tracks: frozenset[int | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The event a report joins (none: it opens its own) and why.

    Attributes:
        event_number: The event.
        why: In a sentence.
        rival: Where it opens its own because its pass has put another object into each event that
            it fits, the nearest of these.
    """

    event_number: int | None
    why: str
    rival: int | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """An event that a look fits.

    Attributes:
        away_m: How far it lies from the look.
        probability: That the same object would be measured at least so far apart.
        event: It.
    """

    away_m: float
    probability: float
    event: OpenEvent


def decide(look: Look, events: Iterable[OpenEvent], rule: MergeRule) -> Verdict:
    """Say which of the open `events` of the same matter the report is one more look at."""
    events = tuple(events)
    # One track is one object, wherever its positions lie: this comes before any distance.
    followed = next((event for event in events if _same_track(look, event)), None)
    if followed is not None:
        why = f"pass {look.pass_id} of {look.source} followed it as track {look.track_id}"
        return Verdict(followed.number, f"Joined: {why}.")
    if look.position is None:
        return Verdict(None, "New event: the report has no position to compare.")
    if _ce90_m(look.ce90_m) > VAGUE_CE90_M:
        why = f"its position error of {look.ce90_m:.0f} m is too large to compare"
        return Verdict(None, f"New event: {why}.")
    return _nearest(look, events, rule)


def reach_m(ce90_m: float | None, rule: MergeRule) -> float:
    """Return the farthest an event of the matter can lie and still be joined, in metres."""
    return GATE_SIGMAS * _sigma_m(_ce90_m(ce90_m), VAGUE_CE90_M, rule)


def variance_m2(ce90_m: float | None, rule: MergeRule) -> float:
    """Return what a report and the thing's extent have in the squared sigma of a difference."""
    return _sigma_m(_ce90_m(ce90_m), 0.0, rule) ** 2


def gate_m2(variance: float, ce90_m: float | None) -> float:
    """Return the largest accepted squared distance to an event with a position error.

    Args:
        variance: The report's, as `variance_m2` gives it.
        ce90_m: The event's error; none where it came without.
    """
    return GATE_SIGMAS**2 * (variance + (_ce90_m(ce90_m) / SIGMAS_PER_CE90) ** 2)


def fits(look: Look, events: Iterable[OpenEvent], rule: MergeRule) -> list[Fit]:
    """Return the events that a look fits by place and time, the nearest first."""
    position = look.position
    if position is None or _ce90_m(look.ce90_m) > VAGUE_CE90_M:
        return []
    measured = sorted(
        (distance_m(position, event.position), event.number, event)
        for event in events
        if event.position is not None and _ce90_m(event.ce90_m) <= VAGUE_CE90_M
    )
    found = []
    for away_m, _, event in measured:
        sigma_m = _sigma_m(_ce90_m(look.ce90_m), _ce90_m(event.ce90_m), rule)
        # The upper tail of chi-square with two degrees of freedom at (away / sigma) squared.
        probability = math.exp(-0.5 * (away_m / sigma_m) ** 2) if sigma_m else float(away_m == 0)
        if probability >= LEAST_PROBABILITY and _same_time(look, event, rule):
            found.append(Fit(away_m, probability, event))
    return found


def is_told_apart(look: Look, event: OpenEvent) -> bool:
    """Whether the look's own pass has put another object into an event."""
    return is_known_track(look.track_id) and any(
        is_known_track(track) and track != look.track_id for track in event.tracks
    )


def _nearest(look: Look, events: tuple[OpenEvent, ...], rule: MergeRule) -> Verdict:
    near = fits(look, events, rule)
    for fit in near:
        # Another object is passed over: a farther event may still be the one.
        if not is_told_apart(look, fit.event):
            return Verdict(fit.event.number, _why_joined(look, fit))
    if near:
        why = f"the same pass saw the one {near[0].away_m:.1f} m away as another object"
        return Verdict(None, f"New event: {why}.", near[0].event.number)
    return Verdict(None, "New event: no open one of this matter lies within the position errors.")


def _why_joined(look: Look, fit: Fit) -> str:
    return (
        f"Joined: {fit.away_m:.1f} m from an open event of the same matter; with 90 % errors of "
        f"{_ce90_m(look.ce90_m):.1f} m and {_ce90_m(fit.event.ce90_m):.1f} m the same object would "
        f"be measured at least this far apart in {fit.probability:.0%} of cases."
    )


def _ce90_m(ce90_m: float | None) -> float:
    return ASSUMED_CE90_M if ce90_m is None else ce90_m


def _sigma_m(first_ce90_m: float, second_ce90_m: float, rule: MergeRule) -> float:
    """One-axis standard deviation of the difference of two looks, in metres."""
    return math.hypot(
        first_ce90_m / SIGMAS_PER_CE90,
        second_ce90_m / SIGMAS_PER_CE90,
        rule.extent_m / SIGMAS_PER_EXTENT,
    )


def is_known_track(track_id: int | None) -> bool:
    """Whether it tells the objects of a pass apart: trackers give -1 to what they do not follow."""
    return track_id is not None and track_id >= 0


def _same_track(look: Look, event: OpenEvent) -> bool:
    return is_known_track(look.track_id) and look.track_id in event.tracks


def _same_time(look: Look, event: OpenEvent, rule: MergeRule) -> bool:
    # Reports may arrive late and out of order, so the window opens to both sides.
    earliest = event.first_observed_at - rule.same_within
    latest = event.last_observed_at + rule.same_within
    return earliest <= look.observed_at <= latest
