"""When steps are due, paused, extended, sent back and begun anew."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.calendars import Unit, WorkingCalendar, YearPlan
from events_api.catalogue.grades import Grade
from events_api.catalogue.steps import Step
from events_api.deadlines import (
    Change,
    Clock,
    Pause,
    Rules,
    StepLimit,
    run_clocks,
)
from events_api.schemas import State

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = (((480, 720), (840, 1080)),) * 5 + ((), ())
CALENDAR = WorkingCalendar(
    SHANGHAI, (1320, 360), {2026: YearPlan(WEEK, frozenset({date(2026, 3, 4)}), {})}
)
LIMITS = {
    Step.ACCEPT: StepLimit(Fraction(1), Unit.WORKING_HOURS),
    Step.HANDLE: StepLimit(Fraction(8), Unit.WORKING_HOURS),
    Step.VERIFY: StepLimit(Fraction(24), Unit.NATURAL_HOURS),
}
OUTSIDE = Pause.AWAITING_OUTSIDE_BODY


def make_rules(pauses: frozenset[Pause] = frozenset(Pause)) -> Rules:
    """Return limits for all steps but dispatching, with a warning at the last quarter."""

    def limit(step: Step, by_night: bool, grade: Grade | None) -> StepLimit | None:
        if grade is Grade.URGENT and step is Step.HANDLE:
            return StepLimit(Fraction(2), Unit.NATURAL_HOURS)
        if by_night and step is Step.ACCEPT:
            return StepLimit(Fraction(10), Unit.NATURAL_HOURS)
        return LIMITS.get(step)

    return Rules(CALENDAR, limit, pauses, Fraction(1, 4))


RULES = make_rules()


def at(text: str) -> datetime:
    """Return a moment of March 2026 by the clock of Shanghai, `02T09:00` being a Monday."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=SHANGHAI)


def handling(*changes: Change) -> Clock:
    """Return the clock of a handling that began on Monday at nine."""
    return run_clocks([Change(at("02T09:00"), Step.HANDLE), *changes], RULES)[0]


def test_every_step_runs_a_clock_of_its_own() -> None:
    """From report to close, each with its limit; dispatching has none here."""
    history = [
        Change(at("02T09:00"), Step.ACCEPT),
        Change(at("02T09:30"), Step.DISPATCH),
        Change(at("02T11:00"), Step.HANDLE),
        Change(at("02T17:00"), Step.VERIFY),
        Change(at("05T09:00"), None),
    ]
    clocks = run_clocks(history, RULES)
    assert [(clock.step, clock.due_at) for clock in clocks] == [
        (Step.ACCEPT, at("02T10:00")),
        (Step.DISPATCH, None),
        (Step.HANDLE, at("03T11:00")),
        (Step.VERIFY, at("03T17:00")),
    ]
    assert [clock.state(at("31T00:00")) for clock in clocks] == [
        State.IN_TIME,
        State.UNLIMITED,
        State.IN_TIME,
        State.OVERDUE,
    ]
    assert [clock.overran for clock in clocks] == [False, False, False, True]
    assert clocks[2].ran == timedelta(hours=6)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("02T09:00", State.IN_TIME),
        ("02T16:59", State.IN_TIME),
        ("02T17:00", State.WARNING),  # six of eight hours have gone
        ("03T09:00", State.WARNING),
        ("03T09:01", State.OVERDUE),
    ],
)
def test_a_warning_comes_before_and_the_due_moment_is_in_time(now: str, state: State) -> None:
    """A quarter of the limit before, in the limit's own unit."""
    assert handling().state(at(now)) is state


def test_a_pause_gives_back_what_it_took() -> None:
    """Three hours had gone on Monday; five are left on Tuesday noon."""
    paused = Change(at("02T14:00"), Step.HANDLE, OUTSIDE)
    clock = handling(paused)
    assert (clock.due_at, clock.paused_at) == (None, at("02T14:00"))
    assert clock.state(at("30T00:00")) is State.PAUSED
    resumed = handling(paused, Change(at("03T14:00"), Step.HANDLE))
    assert resumed.due_at == at("05T09:00")  # the fourth is a holiday
    assert resumed.warn_at == at("03T17:00")
    assert resumed.state(at("03T14:00")) is State.IN_TIME


def test_a_pause_with_an_end_ends_by_itself() -> None:
    """Nobody needs to say so, and the due moment is known beforehand."""
    paused = Change(at("02T14:00"), Step.HANDLE, Pause.SUSPENDED, at("03T14:00"))
    clock = handling(paused)
    assert clock.due_at == at("05T09:00")
    assert clock.state(at("03T13:59")) is State.PAUSED
    assert clock.state(at("03T14:00")) is State.IN_TIME
    assert clock.state(at("05T09:01")) is State.OVERDUE
    late = handling(paused, Change(at("03T16:00"), Step.HANDLE))
    assert late.due_at == clock.due_at, "resuming late gives nothing more"
    early = handling(paused, Change(at("03T08:00"), Step.HANDLE))
    assert early.due_at == at("03T15:00")


def test_what_was_overdue_before_the_pause_stays_overdue() -> None:
    """Suspending does not make good."""
    clock = handling(Change(at("03T10:00"), Step.HANDLE, Pause.SUSPENDED))
    assert clock.due_at == at("03T09:00")
    assert clock.state(at("03T11:00")) is State.OVERDUE


def test_only_what_the_rules_name_stops_a_clock() -> None:
    """A county may let it run while an outside body is awaited."""
    rules = make_rules(frozenset({Pause.SUSPENDED}))
    history = [Change(at("02T09:00"), Step.HANDLE), Change(at("02T14:00"), Step.HANDLE, OUTSIDE)]
    (clock,) = run_clocks(history, rules)
    assert (clock.due_at, clock.paused_at) == (at("03T09:00"), None)


def test_an_extension_moves_the_end_and_never_back() -> None:
    """The warning then comes a quarter of the new time before; an earlier end is no extension."""
    clock = handling(Change(at("02T15:00"), Step.HANDLE, extended_to=at("06T15:00")))
    assert (clock.due_at, clock.warn_at) == (at("06T15:00"), at("05T15:00"))
    same = handling(Change(at("02T15:00"), Step.HANDLE, extended_to=at("03T08:30")))
    assert same.due_at == handling().due_at
    assert not clock.overran
    late = handling(Change(at("05T15:00"), Step.HANDLE, extended_to=at("06T15:00")))
    assert late.overran, "it was late when it was extended"
    assert late.state(at("05T15:00")) is State.IN_TIME


def test_a_pause_after_an_extension_moves_the_new_end() -> None:
    """By as long as it lasts."""
    clock = handling(
        Change(at("02T15:00"), Step.HANDLE, extended_to=at("06T15:00")),
        Change(at("03T09:00"), Step.HANDLE, Pause.SUSPENDED),
        Change(at("03T12:00"), Step.HANDLE),
    )
    assert clock.due_at == at("06T18:00")


def test_an_extension_gives_an_end_where_there_was_none() -> None:
    """Somebody named a day, and so it is due then."""
    history = [
        Change(at("02T09:00"), Step.DISPATCH),
        Change(at("02T10:00"), Step.DISPATCH, extended_to=at("03T10:00")),
    ]
    assert run_clocks(history, RULES)[0].due_at == at("03T10:00")


def test_handling_that_is_sent_back_goes_on_with_the_time_it_had_used() -> None:
    """Calling it done after seven hours leaves one; the looking did not count."""
    clocks = run_clocks(
        [
            Change(at("02T09:00"), Step.HANDLE),
            Change(at("02T18:00"), Step.VERIFY),
            Change(at("05T09:00"), Step.HANDLE),
        ],
        RULES,
    )
    assert [clock.step for clock in clocks] == [Step.HANDLE, Step.VERIFY]
    assert clocks[0].due_at == at("05T10:00")
    assert clocks[0].ended_at is None
    assert clocks[1].ended_at == at("05T09:00")


def test_a_second_verification_has_a_clock_of_its_own() -> None:
    """Handling has one for both turns."""
    turns = (Step.HANDLE, Step.VERIFY, Step.HANDLE, Step.VERIFY, None)
    history = [
        Change(at("02T09:00") + n * timedelta(hours=1), step) for n, step in enumerate(turns)
    ]
    clocks = run_clocks(history, RULES)
    assert [clock.step for clock in clocks] == [Step.HANDLE, Step.VERIFY, Step.VERIFY]
    assert clocks[0].ran == timedelta(hours=2)


def test_another_dispatch_and_a_reopening_begin_anew() -> None:
    """Another body has not used the time of the first, nor a new turn that of the old one."""
    anew = [Change(at("02T09:00"), Step.HANDLE), Change(at("02T17:00"), Step.DISPATCH)]
    again = Change(at("03T08:00"), Step.HANDLE)
    assert run_clocks([*anew, again], RULES)[-1].due_at == at("03T18:00")
    closed = [Change(at("02T09:00"), Step.HANDLE), Change(at("02T10:00"), Step.VERIFY)]
    reopened = [Change(at("02T11:00"), None), again]
    clocks = run_clocks([*closed, *reopened], RULES)
    assert [clock.step for clock in clocks] == [Step.HANDLE, Step.VERIFY, Step.HANDLE]
    assert clocks[-1].due_at == at("03T18:00")


def test_leaving_while_paused_is_never_late() -> None:
    """Nobody can say when it would have been due."""
    clock = handling(
        Change(at("02T14:00"), Step.HANDLE, OUTSIDE), Change(at("30T14:00"), Step.DISPATCH)
    )
    assert (clock.due_at, clock.overran, clock.ran) == (None, False, timedelta(hours=5))


def test_the_night_has_a_limit_of_its_own() -> None:
    """By when the step begins."""
    by_night, by_day = (
        run_clocks([Change(at(text), Step.ACCEPT)], RULES)[0] for text in ("02T23:00", "02T12:00")
    )
    assert by_night.due_at == at("03T09:00")
    assert by_day.due_at == at("02T15:00")


STEPS = (Step.ACCEPT, Step.DISPATCH, Step.HANDLE, Step.VERIFY, None)
histories = st.lists(
    st.tuples(
        st.integers(1, 5000),
        st.sampled_from(STEPS),
        st.sampled_from([None, None, *Pause]),
        st.none() | st.integers(1, 9000),
        st.none() | st.integers(1, 9000),
    ),
    min_size=1,
    max_size=8,
)


def read(
    drawn: list[tuple[int, Step | None, Pause | None, int | None, int | None]],
) -> list[Change]:
    """Make a history of drawn minutes, always forwards."""
    now, history = datetime(2026, 3, 2, 1, tzinfo=UTC), []
    for minutes, step, pause, pause_min, more_min in drawn:
        ends = None if pause_min is None else now + timedelta(minutes=pause_min)
        more = None if more_min is None else now + timedelta(minutes=more_min)
        history.append(Change(now, step, pause, ends, more))
        now += timedelta(minutes=minutes)
    return history


@given(histories.map(read))
def test_any_history_makes_clocks_that_make_sense(history: list[Change]) -> None:
    """One runs at most, none ends before it began or warns after it is due, and all repeat."""
    clocks = run_clocks(history, RULES)
    assert clocks == run_clocks(history, RULES)
    assert sum(clock.ended_at is None for clock in clocks) == (history[-1].step is not None)
    for clock in clocks:
        assert clock.ended_at is None or clock.ended_at >= clock.started_at
        assert clock.ran is None or clock.ended_at is not None
        if clock.ran is not None and clock.ended_at is not None:
            assert timedelta() <= clock.ran <= clock.ended_at - clock.started_at
        if clock.due_at is not None and clock.warn_at is not None:
            assert clock.started_at <= clock.warn_at <= clock.due_at


@given(histories.map(read), st.integers(1, 5000))
def test_a_look_in_between_changes_nothing(history: list[Change], minutes: int) -> None:
    """Saying once more what holds anyway leaves every clock as it was."""
    last = history[-1]
    again = Change(last.at + timedelta(minutes=minutes), last.step, last.pause, last.pause_ends_at)
    before, after = run_clocks(history, RULES), run_clocks([*history, again], RULES)
    assert [clock.step for clock in before] == [clock.step for clock in after]
    if last.pause is None:
        assert before == after


def test_a_grade_brings_its_limit_from_the_beginning_of_the_step() -> None:
    """Another grade another limit; what is extended stays so."""
    urgent = Change(at("02T10:00"), Step.HANDLE, grade=Grade.URGENT)
    assert handling(urgent).due_at == at("02T11:00")
    general = Change(at("02T10:30"), Step.HANDLE, grade=Grade.GENERAL)
    assert handling(urgent, general).due_at == handling().due_at
    extended = Change(at("02T09:30"), Step.HANDLE, extended_to=at("06T09:00"))
    assert handling(extended, urgent).due_at == at("06T09:00")
    paused = Change(at("02T10:00"), Step.HANDLE, Pause.SUSPENDED, at("02T12:00"))
    back = Change(at("02T12:00"), Step.HANDLE)
    late = Change(at("02T12:30"), Step.HANDLE, grade=Grade.URGENT)
    assert handling(paused, back, late).due_at == at("02T13:00")


def test_a_grade_holds_for_the_steps_that_follow() -> None:
    """It is said once."""
    history = [
        Change(at("02T09:00"), Step.ACCEPT),
        Change(at("02T09:10"), Step.ACCEPT, grade=Grade.URGENT),
        Change(at("02T09:20"), Step.DISPATCH),
        Change(at("02T09:30"), Step.HANDLE),
        Change(at("02T10:00"), Step.VERIFY),
        Change(at("02T12:00"), Step.HANDLE),
    ]
    clocks = run_clocks(history, RULES)
    assert [clock.due_at for clock in clocks if clock.step is Step.HANDLE] == [at("02T13:30")]


def test_nobody_grades_away_that_it_was_late() -> None:
    """A longer limit is for what is still to do."""
    urgent = Change(at("02T09:00"), Step.HANDLE, grade=Grade.URGENT)
    general = Change(at("02T12:00"), Step.HANDLE, grade=Grade.GENERAL)
    clock = handling(urgent, general)
    assert (clock.state(at("02T13:00")), clock.overran) == (State.IN_TIME, True)
