"""Monthly figures, counted from the facts that are kept by days.

reported      events that first reached the API in the month
closed        events that are closed, and were last closed in the month
in_time       of the closed: their handling was limited and never overran
overtime      of the closed: some handling of theirs overran
without_limit of the closed: nothing limited their handling
repeat        of the reported: another event of the same matter had been closed within 30 days
before, at most 30 m away; events without a position are in none
median        of the closed that were handled: the hours of the wall clock from dispatch until
handling was reported done, pauses left out, all turns together
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from events_api.roles import EVERYWHERE, Scope, ScopeKind
from events_api.store.figure_days import Counted, Span, load
from events_api.store.figure_facts import SEPARATOR, Facts
from events_api.store.models import TOWN_DIGITS

Places = npt.NDArray[np.int64]


class GroupBy(StrEnum):
    """What figures are told apart by."""

    BODY = "body"
    MATTER = "matter"
    CELL = "cell"
    TOWN = "town"


@dataclass(slots=True)
class Figures:
    """The figures of one group; a key of none is for events that have none."""

    key: str | None
    reported: int = 0
    closed: int = 0
    in_time: int = 0
    overtime: int = 0
    without_limit: int = 0
    repeat: int = 0
    median_handling_hours: float | None = None


@dataclass(frozen=True, slots=True)
class MonthlyFigures:
    """The figures of all events, and of each group that has any, by key."""

    total: Figures
    groups: tuple[Figures, ...]


def monthly(
    session: Session, span: Span, by: GroupBy | None, scope: Scope = EVERYWHERE
) -> MonthlyFigures:
    """Count a month.

    Args:
        session: A reading session.
        span: Beginning and end of the month, the end not included.
        by: What to tell apart; nothing if none.
        scope: Whose events.
    """
    counted = _of_scope(load(session, span), scope)
    (total,) = _figures(counted, [None], lambda facts: np.zeros(len(facts), np.int64))
    if by is None:
        return MonthlyFigures(total, ())
    column, key_of = _GROUPS[by]
    keys: dict[str | None, int] = {None: 0}
    # Several words may stand for one key: each word's group, and then each fact's.
    groups: Places = np.array(
        [0, *(keys.setdefault(key_of(word), len(keys)) for word in counted.words[1:])]
    )
    found = _figures(counted, list(keys), lambda facts: groups[facts[column]])
    filled = [each for each in found if each.reported or each.closed]
    filled.sort(key=lambda each: (each.key is None, each.key or ""))
    return MonthlyFigures(total, tuple(filled))


_GROUPS: Mapping[GroupBy, tuple[str, Callable[[str], str]]] = {
    GroupBy.BODY: ("responsible", str),
    GroupBy.MATTER: ("matter", lambda word: word.replace(SEPARATOR, " ")),
    GroupBy.CELL: ("cell", str),
    GroupBy.TOWN: ("cell", lambda word: word[:TOWN_DIGITS]),
}


def _of_scope(counted: Counted, scope: Scope) -> Counted:
    """Keep what a scope holds, as `Scope.holds` says it."""
    if scope == EVERYWHERE:
        return counted
    is_body = scope.kind is ScopeKind.BODY
    column = "body" if is_body else "cell"
    words = counted.words[1:]
    held = (scope.holds(None, word) if is_body else scope.holds(word, None) for word in words)
    is_held = np.array([False, *held])  # what has no cell is nobody's, nor what has no body
    reported, closed = counted.reported, counted.closed
    return Counted(
        reported[is_held[reported[column]]], closed[is_held[closed[column]]], counted.words
    )


def _figures(
    counted: Counted, keys: Sequence[str | None], group_of: Callable[[Facts], Places]
) -> list[Figures]:
    """Count each group; a fact's group is a place in `keys`."""
    reported, closed = counted.reported, counted.closed
    of_reported, of_closed = group_of(reported), group_of(closed)

    def counts(groups: Places) -> list[int]:
        return [int(each) for each in np.bincount(groups, minlength=len(keys))]

    columns = zip(
        keys,
        counts(of_reported),
        counts(of_closed),
        counts(of_closed[closed["late"] == 0]),
        counts(of_closed[closed["late"] == 1]),
        counts(of_closed[closed["late"] == -1]),
        counts(of_reported[reported["repeat"]]),
        strict=True,
    )
    figures = [Figures(*row) for row in columns]
    handled = ~np.isnan(closed["handled_s"])
    for place, median_s in _medians(of_closed[handled], closed["handled_s"][handled]):
        figures[place].median_handling_hours = median_s / 3600
    return figures


def _medians(groups: Places, values: npt.NDArray[np.float64]) -> Sequence[tuple[int, float]]:
    """Return the median of the values of each group that has any: of an even number, the mean."""
    order = np.lexsort((values, groups))
    ordered = values[order]
    found, firsts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    low, high = ordered[firsts + (sizes - 1) // 2], ordered[firsts + sizes // 2]
    return list(zip(found.tolist(), ((low + high) / 2).tolist(), strict=True))
