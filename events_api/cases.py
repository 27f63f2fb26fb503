"""The life of an event: its states, and the one table of how it moves between them.

What is not in the table raises and changes nothing. The table also says who may move an event and
what they must give; whether the event is theirs at all is asked before, where it is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from events_api.catalogue.grades import Grade
from events_api.errors import ForbiddenError, TransitionError, UnprocessableError
from events_api.roles import Level, Principal, Role

if TYPE_CHECKING:
    from events_api.schemas import MatterKey  # which knows the table by name


class Status(StrEnum):
    """Where an event stands in its life."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    AWAITING_VERIFICATION = "awaiting_verification"
    CLOSED = "closed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


IS_OPEN: dict[Status, bool] = {
    Status.REPORTED: True,
    Status.ACCEPTED: True,
    Status.DISPATCHED: True,
    Status.HANDLING: True,
    Status.SUSPENDED: True,
    Status.AWAITING_VERIFICATION: True,
    Status.CLOSED: False,
    Status.REJECTED: False,
    Status.DUPLICATE: False,
}
"""An open event takes further observations; another never does, so that the same thing seen again
later opens a new event."""

OPEN_STATUSES = tuple(status for status, is_open in IS_OPEN.items() if is_open)


class TransitionName(StrEnum):
    """What can be done with an event."""

    ACCEPT = "accept"
    REJECT = "reject"
    LINK_DUPLICATE = "link_duplicate"
    DISPATCH = "dispatch"
    RETURN_TO_ACCEPTOR = "return_to_acceptor"
    START = "start"
    RETURN_TO_DISPATCHER = "return_to_dispatcher"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    FINISH = "finish"
    CONFIRM_GONE = "confirm_gone"
    FIND_STILL_THERE = "find_still_there"
    REOPEN = "reopen"
    ESCALATE = "escalate"
    GRADE = "grade"
    CLASSIFY = "classify"


class Given(StrEnum):
    """What a transition may need beside its reason."""

    BODY = "body"
    UNTIL = "until"
    LEVEL = "level"
    DUPLICATE_OF = "duplicate_of"
    GRADE = "grade"
    MATTER = "matter"


@dataclass(frozen=True, slots=True)
class Case:
    """What the table looks at and changes.

    Attributes:
        status: Where the event stands.
        level: Who answers for it; it only ever rises.
        body: The organisation that handles it, from its dispatch on.
        duplicate_of: The event that this one repeats.
        extended_until: The time to which its handling was extended.
        suspended_until: The time to which it rests.
        grade: How grave it is, where somebody has said so; limits follow it.
    """

    status: Status
    level: Level = Level.VILLAGE
    body: str | None = None
    duplicate_of: str | None = None
    extended_until: datetime | None = None
    suspended_until: datetime | None = None
    grade: Grade | None = None


CASE_FIELDS = tuple(each.name for each in fields(Case))


@dataclass(frozen=True, slots=True)
class Wish:
    """A transition as somebody asks for it."""

    name: TransitionName
    reason: str = ""
    body: str | None = None
    until: datetime | None = None
    level: Level | None = None
    duplicate_of: UUID | None = None
    grade: Grade | None = None
    matter: MatterKey | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Attributes:
        sources: The states it leads from.
        target: The state it leads to; none when it stays where it is.
        roles: Who may do it.
        needs_reason: Whether it must be said why.
        needs: What else must be given, and which part of the case it becomes; none where it becomes
            a part of the event beside its case.
        clears: The parts of the case that do not outlive it.
    """

    sources: tuple[Status, ...]
    target: Status | None
    roles: tuple[Role, ...]
    needs_reason: bool = False
    needs: Mapping[Given, str | None] = field(default_factory=dict)
    clears: tuple[str, ...] = ()


_NEW, _TAKEN, _SENT = Status.REPORTED, Status.ACCEPTED, Status.DISPATCHED
_WORK, _REST, _LOOK = Status.HANDLING, Status.SUSPENDED, Status.AWAITING_VERIFICATION
_DESK = (Role.ACCEPTOR, Role.SUPERVISOR)
_SENDING = (Role.DISPATCHER, Role.SUPERVISOR)
_HANDS = (Role.HANDLER, Role.SUPERVISOR)
_EYES = (Role.COLLECTOR, Role.ACCEPTOR, Role.SUPERVISOR, Role.MACHINE)
_CHIEF = (Role.SUPERVISOR,)
_WORK_ENDS = ("body", "extended_until")

TABLE: Mapping[TransitionName, Rule] = {
    TransitionName.ACCEPT: Rule((_NEW,), _TAKEN, _DESK),
    TransitionName.REJECT: Rule((_NEW,), Status.REJECTED, _DESK, needs_reason=True),
    TransitionName.LINK_DUPLICATE: Rule(
        (_NEW, _TAKEN),
        Status.DUPLICATE,
        _DESK,
        needs_reason=True,
        needs={Given.DUPLICATE_OF: "duplicate_of"},
    ),
    TransitionName.DISPATCH: Rule((_TAKEN,), _SENT, _SENDING, needs={Given.BODY: "body"}),
    TransitionName.RETURN_TO_ACCEPTOR: Rule((_TAKEN,), _NEW, _SENDING, needs_reason=True),
    TransitionName.START: Rule((_SENT,), _WORK, _HANDS),
    TransitionName.RETURN_TO_DISPATCHER: Rule(
        (_SENT, _WORK), _TAKEN, _HANDS, needs_reason=True, clears=_WORK_ENDS
    ),
    TransitionName.EXTEND: Rule(
        (_SENT, _WORK), None, _CHIEF, needs_reason=True, needs={Given.UNTIL: "extended_until"}
    ),
    TransitionName.SUSPEND: Rule(
        (_WORK,), _REST, _CHIEF, needs_reason=True, needs={Given.UNTIL: "suspended_until"}
    ),
    TransitionName.RESUME: Rule((_REST,), _WORK, _CHIEF, clears=("suspended_until",)),
    TransitionName.FINISH: Rule((_WORK,), _LOOK, _HANDS),
    TransitionName.CONFIRM_GONE: Rule((_LOOK,), Status.CLOSED, _EYES),
    TransitionName.FIND_STILL_THERE: Rule((_LOOK,), _WORK, _EYES, needs_reason=True),
    TransitionName.REOPEN: Rule(
        (Status.CLOSED, Status.REJECTED, Status.DUPLICATE),
        _TAKEN,
        _CHIEF,
        needs_reason=True,
        clears=(*_WORK_ENDS, "duplicate_of"),
    ),
    TransitionName.ESCALATE: Rule(
        (_TAKEN, _SENT, _WORK),
        _TAKEN,
        (Role.DISPATCHER, Role.HANDLER, Role.SUPERVISOR),
        needs_reason=True,
        needs={Given.LEVEL: "level"},
        clears=_WORK_ENDS,
    ),
    TransitionName.GRADE: Rule(
        (_NEW, _TAKEN, _SENT, _WORK), None, _DESK, needs_reason=True, needs={Given.GRADE: "grade"}
    ),
    TransitionName.CLASSIFY: Rule(
        (_NEW,), None, _DESK, needs_reason=True, needs={Given.MATTER: None}
    ),
}
"""The whole life of an event."""

DECIDERS = frozenset({Role.ACCEPTOR, Role.DISPATCHER, Role.SUPERVISOR})
"""Those whose word ends at their level; hands and eyes work for every level."""

MOVERS = tuple(
    role
    for role in Role
    if role is not Role.MACHINE and any(role in r.roles for r in TABLE.values())
)
"""People who may move an event in any way; a machine only says what it saw."""


def moved(case: Case, wish: Wish, by: Principal, now: datetime) -> Case:
    """Return the case after a transition.

    Raises:
        ForbiddenError: The role may not do this, or not at the event's level.
        TransitionError: The table has no such transition from the case's state.
        UnprocessableError: It lacks what it needs, or brings what it does not take.
    """
    rule = TABLE[wish.name]
    _check_way(wish.name, case, by)
    given = _checked_given(wish, rule, now)
    if wish.level is not None and wish.level.rank <= case.level.rank:
        raise _too_high(case)
    cleared: dict[str, Any] = dict.fromkeys(rule.clears)
    return replace(case, **{**cleared, **given, "status": rule.target or case.status})


def may(name: TransitionName, case: Case, by: Principal) -> bool:
    """Whether somebody may do this to the case as it stands, given what it needs."""
    try:
        _check_way(name, case, by)
    except (ForbiddenError, TransitionError):
        return False
    return True


def moves(case: Case, by: Principal) -> tuple[TransitionName, ...]:
    """Return what somebody may do now to a case in their scope, in the order of the table."""
    if by.role not in MOVERS:
        return ()
    return tuple(name for name in TABLE if may(name, case, by))


def _check_way(name: TransitionName, case: Case, by: Principal) -> None:
    rule = TABLE[name]
    _check_right(name, case, by)
    if case.status not in rule.sources:
        raise TransitionError(_why_not(case, name))
    if Given.LEVEL in rule.needs and case.level.rank == len(Level) - 1:
        raise _too_high(case)


def _too_high(case: Case) -> TransitionError:
    return TransitionError(
        f"The event is at the level {case.level} already; it can be escalated to a higher one only."
    )


def _check_right(name: TransitionName, case: Case, by: Principal) -> None:
    roles = TABLE[name].roles
    if by.role not in roles:
        raise ForbiddenError(
            f"{by.name} has the role {by.role}, and {name} takes {' or '.join(roles)}."
        )
    if by.role in DECIDERS and not by.scope.reaches(case.level):
        raise ForbiddenError(
            f"The event was escalated to the level {case.level}; the scope {by.scope} no longer "
            "decides on it."
        )


def _why_not(case: Case, name: TransitionName) -> str:
    possible = [other for other, rule in TABLE.items() if case.status in rule.sources]
    return (
        f"The event is {case.status}, and {name} leads from {' or '.join(TABLE[name].sources)}; "
        f"from {case.status} there is {', '.join(possible)}."
    )


def _checked_given(wish: Wish, rule: Rule, now: datetime) -> dict[str, Any]:
    if rule.needs_reason and not wish.reason.strip():
        raise UnprocessableError(f"{wish.name} takes a reason: say why, for those who come after.")
    given: dict[str, Any] = {}
    for name in Given:
        value = getattr(wish, name)
        if (value is None) == (name in rule.needs):
            takes = "takes" if name in rule.needs else "does not take"
            raise UnprocessableError(f"{wish.name} {takes} the field {name}.")
        part = rule.needs.get(name)
        if part is not None:
            given[part] = str(value) if isinstance(value, UUID) else value
    if wish.until is not None and wish.until <= now:
        raise UnprocessableError(
            f"{wish.name} until {wish.until.isoformat()} is over already; give a time to come."
        )
    return given
