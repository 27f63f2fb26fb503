"""What monthly figures need to know of an event, as arrays that are counted at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from events_api.store.models import DeadlineRow, EventRow

FACT = np.dtype(
    [
        ("number", "<i8"),
        ("at_us", "<i8"),
        ("cell", "<i4"),
        ("matter", "<i4"),
        ("responsible", "<i4"),
        ("body", "<i4"),
        ("handled_s", "<f8"),
        ("lon_deg", "<f8"),
        ("lat_deg", "<f8"),
        ("late", "i1"),
        ("repeat", "?"),
    ]
)
"""One event, as it was reported or as it was closed.

`at_us` is when, in microseconds since 1970; cell, matter and bodies are places in a list of words;
what is none is no number there, and -1 in `late`.
"""

Facts = npt.NDArray[np.void]
NO_FACTS: Facts = np.empty(0, FACT)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NOWHERE = float("nan")
SEPARATOR = "\x1f"
"""Between a matter's standard and its code."""

AT_ONCE = 1000


class Standing(NamedTuple):
    """An event as the tables have it now."""

    number: int
    reported_at: datetime
    closed_at: datetime | None
    handled_s: float | None
    is_late: bool | None
    standard_ref: str
    code: str
    lon_deg: float | None
    lat_deg: float | None
    cell_code: str | None
    responsible: str | None
    body: str | None

    @property
    def matter(self) -> str:
        """The word of its matter."""
        return f"{self.standard_ref}{SEPARATOR}{self.code}"


_COLUMNS = (
    DeadlineRow.event_number,
    DeadlineRow.reported_at,
    DeadlineRow.closed_at,
    DeadlineRow.handled_s,
    DeadlineRow.is_late,
    EventRow.standard_ref,
    EventRow.code,
    EventRow.lon_deg,
    EventRow.lat_deg,
    EventRow.cell_code,
    DeadlineRow.responsible,
    EventRow.body,
)


class Words:
    """Codes and their places in a list that only ever grows; place 0 stands for none.

    Args:
        known: The list, from place 1 on.
    """

    def __init__(self, known: Sequence[str]) -> None:
        self._texts = ["", *known]
        self._places = {text: place for place, text in enumerate(known, start=1)}

    @property
    def texts(self) -> Sequence[str]:
        """The text of each place; that of 0 means nothing."""
        return self._texts

    @property
    def known(self) -> list[str]:
        """The list, from place 1 on."""
        return self._texts[1:]

    def place(self, text: str | None) -> int:
        """Return a text's place, a new one at the end if it has none yet."""
        if text is None:
            return 0
        found = self._places.setdefault(text, len(self._texts))
        if found == len(self._texts):
            self._texts.append(text)
        return found


def microseconds(moment: datetime) -> int:
    """Return a moment in microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def standing(session: Session, *tests: ColumnElement[bool]) -> list[Standing]:
    """Return the events that fulfil these conditions, as they are now."""
    query = select(*_COLUMNS).join(EventRow, EventRow.number == DeadlineRow.event_number)
    return [Standing._make(row) for row in session.execute(query.where(*tests))]


def standing_of(session: Session, numbers: Iterable[int]) -> list[Standing]:
    """Return the events of these numbers, as they are now; some may be gone."""
    wanted = sorted(numbers)
    return [
        each
        for first in range(0, len(wanted), AT_ONCE)
        for each in standing(session, DeadlineRow.event_number.in_(wanted[first : first + AT_ONCE]))
    ]


def as_reported(events: Iterable[Standing], words: Words, repeats: set[int]) -> Facts:
    """Write events as they were reported, those of these numbers as repeats."""
    return _written(
        [_fact(each, each.reported_at, words, each.number in repeats) for each in events]
    )


def as_closed(events: Iterable[Standing], words: Words) -> Facts:
    """Write those of the events that are closed as they were closed."""
    return _written(
        [
            _fact(each, each.closed_at, words, is_repeat=False)
            for each in events
            if each.closed_at is not None
        ]
    )


def _fact(event: Standing, at: datetime, words: Words, is_repeat: bool) -> tuple[Any, ...]:
    return (
        event.number,
        microseconds(at),
        words.place(event.cell_code),
        words.place(event.matter),
        words.place(event.responsible),
        words.place(event.body),
        NOWHERE if event.handled_s is None else event.handled_s,
        NOWHERE if event.lon_deg is None else event.lon_deg,
        NOWHERE if event.lat_deg is None else event.lat_deg,
        -1 if event.is_late is None else event.is_late,
        is_repeat,
    )


def _written(facts: list[tuple[Any, ...]]) -> Facts:
    return np.array(facts, FACT) if facts else NO_FACTS
