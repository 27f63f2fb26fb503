"""When each step of an event is due, from what happened to it and the rules that hold for it.

A clock runs in each of the steps accept, dispatch, handle and verify. Entering a step starts a
clock anew, with one exception: handling that verification sends back goes on with the time it had
used, so that calling a thing done wins no time. A clock stands still while the event is held up by
something the rules name. Everything here is a pure function of its arguments: computed again from
the same history it gives the same clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from events_api.calendars import MICROSECOND, Unit, WorkingCalendar
from events_api.catalogue.grades import Grade
from events_api.catalogue.steps import Step
from events_api.schemas import State

HOUR = timedelta(hours=1)


class Pause(StrEnum):
    """What may hold an event up."""

    SUSPENDED = "suspended"
    AWAITING_OUTSIDE_BODY = "awaiting_outside_body"


@dataclass(frozen=True, slots=True)
class Change:
    """What holds for an event from a moment on.

    Attributes:
        at: The moment.
        step: The step it is in; none once it is closed or rejected.
        pause: What holds it up.
        pause_ends_at: When that ends by itself; none where somebody has to say so.
        extended_to: The moment to which the present step is given time; never takes time away.
        grade: How grave the event is found to be from now on; none where nobody says so.
    """

    at: datetime
    step: Step | None
    pause: Pause | None = None
    pause_ends_at: datetime | None = None
    extended_to: datetime | None = None
    grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class StepLimit:
    """How long a step may take, which starts at a certain place and hour."""

    amount: Fraction
    unit: Unit


@dataclass(frozen=True, slots=True)
class Rules:
    """What the clocks of one event follow.

    Attributes:
        calendar: When working units pass.
        limit: Gives the limit of a step by whether it begins at night, and by the event's grade;
            none where there is none.
        pauses: What makes a clock stand still; anything else that holds an event up does not.
        warn_share: The share of a limit that is left when a warning is given; once extended, of
            the time from the granting to the new end.
    """

    calendar: WorkingCalendar
    limit: Callable[[Step, bool, Grade | None], StepLimit | None]
    pauses: frozenset[Pause]
    warn_share: Fraction


@dataclass(frozen=True, slots=True)
class Clock:
    """One run of a step's clock.

    Attributes:
        step: The step.
        started_at: When it began.
        ended_at: When the event left the step; none while it is in it.
        limit: How long it may take, extensions left out; none where nothing says so.
        due_at: The last moment in time. None without a limit, and while nobody can say: when the
            clock stands still, with time left, for as long as nobody says otherwise.
        warn_at: From when on a warning is given.
        paused_at: Since when it stands still.
        paused_until: Until when it does, where that is known.
        ran: How long it ran by the wall clock, pauses left out, once it has ended.
        was_late: Whether it was overdue when it was given more time.
    """

    step: Step
    started_at: datetime
    ended_at: datetime | None
    limit: StepLimit | None
    due_at: datetime | None
    warn_at: datetime | None
    paused_at: datetime | None
    paused_until: datetime | None
    ran: timedelta | None
    was_late: bool = False

    @property
    def overran(self) -> bool:
        """Whether the step ended after it was due, or was late before it was given more time."""
        ended_late = self.ended_at and self.due_at and self.ended_at > self.due_at
        return self.was_late or bool(ended_late)

    def state(self, now: datetime) -> State:
        """Return how the clock stands, or stood when the event left the step."""
        return state_at(self, self.ended_at or now)


class Moments(Protocol):
    """The moments that say how a clock stands."""

    @property
    def due_at(self) -> datetime | None:
        """The last moment in time."""

    @property
    def warn_at(self) -> datetime | None:
        """From when on a warning is given."""

    @property
    def paused_at(self) -> datetime | None:
        """Since when it stands still."""

    @property
    def paused_until(self) -> datetime | None:
        """Until when it does, where that is known."""


def state_at(clock: Moments, now: datetime) -> State:
    """Return how a clock stands; at the due moment itself it is in time yet."""
    if clock.due_at is not None and now > clock.due_at:
        return State.OVERDUE
    if clock.paused_at is not None and (clock.paused_until is None or now < clock.paused_until):
        return State.PAUSED
    if clock.due_at is None:
        return State.UNLIMITED
    return State.WARNING if clock.warn_at is not None and now >= clock.warn_at else State.IN_TIME


def run_clocks(history: Sequence[Change], rules: Rules) -> tuple[Clock, ...]:
    """Return every clock of an event, in the order in which they started.

    Args:
        history: What happened to the event, in order of time.
        rules: What its clocks follow.
    """
    runs: list[_Run] = []
    grade: Grade | None = None
    for change in history:
        grade = change.grade or grade  # until somebody says another
        _take(runs, replace(change, grade=grade), rules)
    return tuple(run.clock(rules) for run in runs)


@dataclass(slots=True)
class _Run:
    """A clock while its history is read: what it was allotted, and the stretches it ran since."""

    step: Step
    started_at: datetime
    grade: Grade | None
    limit: StepLimit | None
    allotted: StepLimit | None
    stretches: list[tuple[datetime, datetime]] = field(default_factory=list)
    running_since: datetime | None = None  # lies ahead while it is paused to a known moment
    ended_at: datetime | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    ran: timedelta = timedelta()
    was_late: bool = False
    is_extended: bool = False

    def run(self, at: datetime) -> None:
        """Let the clock run from a moment on."""
        self.stop(at)
        self.paused_at = self.paused_until = None
        self.running_since = at

    def stop(self, at: datetime) -> None:
        """Let the clock stand still."""
        if self.running_since is not None and self.running_since < at:
            self.stretches.append((self.running_since, at))
            self.ran += at - self.running_since
        self.running_since = None

    def pause(self, at: datetime, until: datetime | None) -> None:
        """Let the clock stand still for a reason that may end by itself."""
        self.stop(at)
        self.paused_at, self.paused_until = at, until
        self.running_since = until

    def end(self, at: datetime) -> None:
        """Note that the event has left the step."""
        # What is due is foretold as if the clock had gone on, so the last stretch stays open.
        if self.running_since is not None:
            self.ran += max(timedelta(), at - self.running_since)
        self.ended_at = at

    def resume(self, at: datetime) -> None:
        """Note that the event is back in the step."""
        since, left = self.running_since, self.ended_at
        if since is not None and left is not None and since < left:
            self.stretches.append((since, left))
        self.ended_at = self.running_since = None
        self.run(at)

    def extend(self, at: datetime, until: datetime, rules: Rules) -> None:
        """Give the step time to a moment; from the granting on, nothing else counts."""
        due_at = self._used_up(self.allotted, rules.calendar)
        if due_at is not None and until <= due_at:
            return
        # What was promised was not kept; more time is for what is still to do.
        self.was_late = self.was_late or (due_at is not None and at > due_at)
        self.run(at)
        self.stretches.clear()
        more = Fraction((until - at) // MICROSECOND, HOUR // MICROSECOND)
        self.allotted, self.is_extended = StepLimit(more, Unit.NATURAL_HOURS), True

    def regrade(self, at: datetime, grade: Grade | None, rules: Rules) -> None:
        """Let the limit of a grade hold from the step's beginning; an extension goes on holding."""
        due_at = self._used_up(self.allotted, rules.calendar)
        # Nobody grades away that it was late.
        self.was_late = self.was_late or (due_at is not None and at > due_at)
        self.grade = grade
        self.limit = rules.limit(self.step, rules.calendar.is_night(self.started_at), grade)
        if not self.is_extended:
            self.allotted = self.limit

    def clock(self, rules: Rules) -> Clock:
        """Return what the history has made of it."""
        warned = None
        if self.allotted is not None:
            used = self.allotted.amount * (1 - rules.warn_share)
            warned = StepLimit(used, self.allotted.unit)
        has_ended = self.ended_at is not None
        return Clock(
            step=self.step,
            started_at=self.started_at,
            ended_at=self.ended_at,
            limit=self.limit,
            due_at=self._used_up(self.allotted, rules.calendar),
            warn_at=self._used_up(warned, rules.calendar),
            paused_at=None if has_ended else self.paused_at,
            paused_until=None if has_ended else self.paused_until,
            ran=self.ran if has_ended else None,
            was_late=self.was_late,
        )

    def _used_up(self, allotted: StepLimit | None, calendar: WorkingCalendar) -> datetime | None:
        """Return when an allotment has run out, foretold if it has not yet."""
        if allotted is None:
            return None
        left = allotted.amount
        for begins, ends in self.stretches:
            used = calendar.between(begins, ends, allotted.unit)
            if used >= left:
                return calendar.add(begins, left, allotted.unit)
            left -= used
        if self.running_since is None:
            return None
        return calendar.add(self.running_since, left, allotted.unit)


def _take(runs: list[_Run], change: Change, rules: Rules) -> None:
    run = next((run for run in runs if run.ended_at is None), None)
    if run is None or run.step is not change.step:
        left = run
        if left is not None:
            left.end(change.at)
        if change.step is None:
            return
        run = _entered(runs, left, change.step, change, rules)
    if change.grade is not run.grade:
        run.regrade(change.at, change.grade, rules)
    if change.extended_to is not None:
        run.extend(change.at, change.extended_to, rules)
    if change.pause in rules.pauses:
        run.pause(change.at, change.pause_ends_at)
    elif run.paused_at is not None or run.running_since is None:
        run.run(change.at)


def _entered(runs: list[_Run], left: _Run | None, step: Step, change: Change, rules: Rules) -> _Run:
    """Return the run of a step just entered: a new one, or handling that is taken up again."""
    # An event that is reopened comes from no step, so its handling begins anew.
    if step is Step.HANDLE and left is not None and left.step is Step.VERIFY:
        handled = next((run for run in reversed(runs) if run.step is Step.HANDLE), None)
        if handled is not None:
            handled.resume(change.at)
            return handled
    limit = rules.limit(step, rules.calendar.is_night(change.at), change.grade)
    run = _Run(step, change.at, change.grade, limit, limit)
    runs.append(run)
    return run
