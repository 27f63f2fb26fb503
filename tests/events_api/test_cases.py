"""The life of an event: one table, tried over all pairs of state and transition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from events_api.cases import (
    DECIDERS,
    IS_OPEN,
    MOVERS,
    OPEN_STATUSES,
    TABLE,
    Case,
    Given,
    Status,
    TransitionName,
    Wish,
    may,
    moved,
    moves,
)
from events_api.catalogue.grades import Grade
from events_api.errors import ForbiddenError, TransitionError, UnprocessableError
from events_api.roles import EVERYWHERE, Level, Principal, Role, Scope
from events_api.schemas import MatterKey
from tests.events_api.conftest import NOW

S, T = Status, TransitionName
LATER = NOW + timedelta(days=3)
LITTER = MatterKey(standard_ref="GB/T 47678.5-2026", code="06010")
ORIGINAL = UUID("6a2f0a1e-0000-4000-8000-000000000001")

WAYS: dict[tuple[Status, TransitionName], Status] = {
    (S.REPORTED, T.ACCEPT): S.ACCEPTED,
    (S.REPORTED, T.REJECT): S.REJECTED,
    (S.REPORTED, T.LINK_DUPLICATE): S.DUPLICATE,
    (S.ACCEPTED, T.LINK_DUPLICATE): S.DUPLICATE,
    (S.ACCEPTED, T.DISPATCH): S.DISPATCHED,
    (S.ACCEPTED, T.RETURN_TO_ACCEPTOR): S.REPORTED,
    (S.ACCEPTED, T.ESCALATE): S.ACCEPTED,
    (S.DISPATCHED, T.START): S.HANDLING,
    (S.DISPATCHED, T.RETURN_TO_DISPATCHER): S.ACCEPTED,
    (S.DISPATCHED, T.EXTEND): S.DISPATCHED,
    (S.DISPATCHED, T.ESCALATE): S.ACCEPTED,
    (S.HANDLING, T.RETURN_TO_DISPATCHER): S.ACCEPTED,
    (S.HANDLING, T.EXTEND): S.HANDLING,
    (S.HANDLING, T.SUSPEND): S.SUSPENDED,
    (S.HANDLING, T.FINISH): S.AWAITING_VERIFICATION,
    (S.HANDLING, T.ESCALATE): S.ACCEPTED,
    (S.SUSPENDED, T.RESUME): S.HANDLING,
    (S.AWAITING_VERIFICATION, T.CONFIRM_GONE): S.CLOSED,
    (S.AWAITING_VERIFICATION, T.FIND_STILL_THERE): S.HANDLING,
    (S.CLOSED, T.REOPEN): S.ACCEPTED,
    (S.REJECTED, T.REOPEN): S.ACCEPTED,
    (S.DUPLICATE, T.REOPEN): S.ACCEPTED,
    (S.REPORTED, T.CLASSIFY): S.REPORTED,
    (S.REPORTED, T.GRADE): S.REPORTED,
    (S.ACCEPTED, T.GRADE): S.ACCEPTED,
    (S.DISPATCHED, T.GRADE): S.DISPATCHED,
    (S.HANDLING, T.GRADE): S.HANDLING,
}
"""Every way there is, written a second time; what is not here must not be possible."""

GIVEN: dict[TransitionName, dict[str, Any]] = {
    T.DISPATCH: {"body": "sanitation"},
    T.EXTEND: {"until": LATER},
    T.SUSPEND: {"until": LATER},
    T.ESCALATE: {"level": Level.TOWN},
    T.LINK_DUPLICATE: {"duplicate_of": ORIGINAL},
    T.GRADE: {"grade": Grade.URGENT},
    T.CLASSIFY: {"matter": LITTER},
}


def by(role: Role, scope: Scope = EVERYWHERE) -> Principal:
    """Return somebody."""
    return Principal("somebody", role, scope)


def able(name: TransitionName) -> Principal:
    """Return somebody who may do this."""
    return by(TABLE[name].roles[0])


def wish(name: TransitionName, **changes: Any) -> Wish:
    """Return a wish with a reason and all that the transition needs."""
    return Wish(name, **{"reason": "because", **GIVEN.get(name, {}), **changes})


@pytest.mark.parametrize(("status", "name"), list(product(Status, TransitionName)))
def test_every_pair_of_state_and_transition(status: Status, name: TransitionName) -> None:
    """It leads where the table says, or raises with the ways there are and changes nothing."""
    case = Case(status, body="roads")
    before = replace(case)
    if (status, name) in WAYS:
        assert may(name, case, able(name))
        assert moved(case, wish(name), able(name), NOW).status == WAYS[status, name]
    else:
        assert not may(name, case, able(name))
        with pytest.raises(TransitionError, match=f"The event is {status}, and {name} leads from"):
            moved(case, wish(name), able(name), NOW)
    assert case == before


@pytest.mark.parametrize(("name", "role"), list(product(TransitionName, Role)))
def test_every_pair_of_transition_and_role(name: TransitionName, role: Role) -> None:
    """A role that the table does not name is told which it takes."""
    case = Case(TABLE[name].sources[0])
    allowed = role in TABLE[name].roles
    assert may(name, case, by(role)) == allowed
    if allowed:
        moved(case, wish(name), by(role), NOW)
        return
    with pytest.raises(ForbiddenError, match=f"has the role {role}, and {name} takes"):
        moved(case, wish(name), by(role), NOW)


def test_an_administrator_moves_nothing_and_a_machine_only_says_what_it_saw() -> None:
    """Keys and cases stay apart."""
    named = {role: {name for name, rule in TABLE.items() if role in rule.roles} for role in Role}
    assert named[Role.ADMINISTRATOR] == set()
    assert named[Role.MACHINE] == {T.CONFIRM_GONE, T.FIND_STILL_THERE}
    assert set(MOVERS) == set(Role) - {Role.ADMINISTRATOR, Role.MACHINE}
    assert named[Role.SUPERVISOR] == set(T)


@pytest.mark.parametrize("name", TransitionName)
@pytest.mark.parametrize("reason", ["", " \n "])
def test_a_reason_is_asked_for_where_somebody_will_ask_why(
    name: TransitionName, reason: str
) -> None:
    """Going forward explains itself; every other step does not."""
    case = Case(TABLE[name].sources[0])
    forward = {T.ACCEPT, T.DISPATCH, T.START, T.FINISH, T.CONFIRM_GONE, T.RESUME}
    assert TABLE[name].needs_reason == (name not in forward)
    if name in forward:
        moved(case, wish(name, reason=reason), able(name), NOW)
        return
    with pytest.raises(UnprocessableError, match=f"{name} takes a reason"):
        moved(case, wish(name, reason=reason), able(name), NOW)


@pytest.mark.parametrize(("name", "given"), list(product(TransitionName, Given)))
def test_a_field_is_given_exactly_where_it_is_needed(name: TransitionName, given: Given) -> None:
    """A missing one and one too many are both refused, by name."""
    case = Case(TABLE[name].sources[0])
    values = {
        Given.BODY: "roads",
        Given.UNTIL: LATER,
        Given.LEVEL: Level.TOWN,
        Given.DUPLICATE_OF: ORIGINAL,
        Given.GRADE: Grade.MAJOR,
        Given.MATTER: LITTER,
    }
    needed = given in TABLE[name].needs
    wrong = None if needed else values[given]
    says = f"{name} {'takes' if needed else 'does not take'} the field {given}"
    with pytest.raises(UnprocessableError, match=says):
        moved(case, wish(name, **{given: wrong}), able(name), NOW)


def test_what_is_given_becomes_part_of_the_case_and_ends_with_it() -> None:
    """A body is responsible from the dispatch until it gives the event back."""
    chief = by(Role.SUPERVISOR)
    case = Case(S.ACCEPTED)
    steps: list[tuple[TransitionName, dict[str, Any]]] = [
        (T.DISPATCH, {"body": "sanitation"}),
        (T.EXTEND, {"extended_until": LATER}),
        (T.START, {"body": "sanitation", "extended_until": LATER}),
        (T.SUSPEND, {"suspended_until": LATER}),
        (T.RESUME, {"suspended_until": None, "extended_until": LATER}),
        (T.GRADE, {"body": "sanitation", "grade": Grade.URGENT}),
        (T.FINISH, {"body": "sanitation", "grade": Grade.URGENT}),
        (T.FIND_STILL_THERE, {"body": "sanitation"}),
        (T.RETURN_TO_DISPATCHER, {"body": None, "extended_until": None}),
        (T.LINK_DUPLICATE, {"duplicate_of": str(ORIGINAL)}),
        (T.REOPEN, {"duplicate_of": None}),
    ]
    for name, expected in steps:
        case = moved(case, wish(name), chief, NOW)
        assert {key: getattr(case, key) for key in expected} == expected, name


@pytest.mark.parametrize("name", [T.EXTEND, T.SUSPEND])
@pytest.mark.parametrize("early", [timedelta(0), timedelta(seconds=1)])
def test_a_time_that_is_over_is_refused(name: TransitionName, early: timedelta) -> None:
    """Nothing is extended into the past."""
    with pytest.raises(UnprocessableError, match="is over already"):
        moved(Case(S.HANDLING), wish(name, until=NOW - early), able(name), NOW)


@pytest.mark.parametrize(("now", "asked"), list(product(Level, Level)))
def test_escalation_leads_upwards_only(now: Level, asked: Level) -> None:
    """Never back down, and not to where it is; no other transition changes the level."""
    case = Case(S.HANDLING, level=now, body="sanitation")
    asking = wish(T.ESCALATE, level=asked)
    if asked.rank > now.rank:
        after = moved(case, asking, by(Role.SUPERVISOR), NOW)
        assert (after.status, after.level, after.body) == (S.ACCEPTED, asked, None)
    else:
        with pytest.raises(TransitionError, match=f"at the level {now} already"):
            moved(case, asking, by(Role.SUPERVISOR), NOW)
    assert "level" not in {each for rule in TABLE.values() for each in rule.clears}


@pytest.mark.parametrize(
    ("scope", "level", "decides"),
    [
        ("village:341299001001", Level.VILLAGE, True),
        ("village:341299001001", Level.TOWN, False),
        ("town:341299001", Level.TOWN, True),
        ("town:341299001", Level.DISTRICT, False),
        ("district:341299", Level.DISTRICT, True),
        ("everywhere", Level.DISTRICT, True),
        ("body:sanitation", Level.DISTRICT, True),
    ],
)
def test_what_was_escalated_is_no_longer_decided_below(
    scope: str, level: Level, decides: bool
) -> None:
    """Deciders lose it; hands that work and eyes that look keep it."""
    for role in Role:
        case = Case(S.AWAITING_VERIFICATION, level=level)
        expected = role in TABLE[T.CONFIRM_GONE].roles and (decides or role not in DECIDERS)
        assert may(T.CONFIRM_GONE, case, by(role, Scope.parse(scope))) == expected


@pytest.mark.parametrize("scope", ["everywhere", "village:341299001001", "body:sanitation"])
@pytest.mark.parametrize(("role", "status"), list(product(Role, Status)))
def test_what_somebody_may_do_is_what_they_are_let_do(
    role: Role, status: Status, scope: str
) -> None:
    """At every level: what is listed goes well with what it needs, what is not is refused."""
    for level in Level:
        case = Case(status, level=level, body="sanitation")
        who = by(role, Scope.parse(scope))
        listed = moves(case, who)
        assert list(listed) == [name for name in TABLE if name in listed]
        for name in TransitionName:
            asked = wish(name, level=Level.DISTRICT if name is T.ESCALATE else None)
            if name in listed:
                moved(case, asked, who, NOW)
            elif role is not Role.MACHINE:
                with pytest.raises((ForbiddenError, TransitionError)):
                    moved(case, asked, who, NOW)


def test_a_machine_is_offered_nothing() -> None:
    """It says what it saw, and the route for that says what follows."""
    assert all(moves(Case(status), by(Role.MACHINE)) == () for status in Status)


def test_an_event_of_the_highest_level_is_escalated_no_further() -> None:
    """It is neither offered nor done, whatever else is missing."""
    case = Case(S.HANDLING, level=Level.DISTRICT)
    assert T.ESCALATE not in moves(case, by(Role.SUPERVISOR))
    with pytest.raises(TransitionError, match="at the level district already"):
        moved(case, Wish(T.ESCALATE), by(Role.SUPERVISOR), NOW)


def test_every_status_is_open_or_not() -> None:
    """None is forgotten in the table, and none is out of reach or without a way out."""
    assert set(IS_OPEN) == set(Status)
    assert {target for _, target in WAYS.items()} == set(Status)
    assert {status for status, _ in WAYS} == set(Status)


def test_only_a_finished_event_is_not_open() -> None:
    """Everything between report and verification still takes observations."""
    assert set(Status) - set(OPEN_STATUSES) == {S.CLOSED, S.REJECTED, S.DUPLICATE}
