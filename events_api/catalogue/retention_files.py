"""Reads from a YAML file how long a county keeps what."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from events_api.cases import IS_OPEN, Status
from events_api.catalogue.limits import Id
from events_api.catalogue.matters import Code, Source
from events_api.catalogue.rule_files import line_of, read_form, refuse
from events_api.schemas import Wire

SHIPPED_RETENTION = Path(__file__).with_name("retention.yaml")
FOR_EVER: Literal["forever"] = "forever"

Days = Annotated[int, Field(ge=1, le=36_500)] | Literal["forever"]
Ended = Literal["closed", "rejected", "duplicate"]


class Kept(StrEnum):
    """What is kept for a while."""

    CLIPS = "clips"
    PICTURES = "pictures"
    ORIGINALS = "originals"
    CONTACTS = "contacts"
    FORWARDS = "forwards"


STANDS_IN = {Kept.FORWARDS: Kept.PICTURES}
"""Where a file says nothing of the one, what it says of the other holds.

What a foreign server was told of an event is what everybody saw of it, as its pictures are.
"""


class KeepRow(Wire):
    """How long the things of some events are kept.

    Attributes:
        matters: Beginnings of the matters' codes; all when empty.
        statuses: How the events ended; all ways when empty.
        source: A key of the file's sources.
    """

    matters: tuple[Code, ...] = ()
    statuses: tuple[Ended, ...] = ()
    clips_days: Days | None = None
    pictures_days: Days | None = None
    originals_days: Days | None = None
    contacts_days: Days | None = None
    forwards_days: Days | None = None
    source: Id
    remark: str | None = None

    def fits(self, code: str, status: Status) -> bool:
        """Whether it says something of events of this matter that ended so."""
        of_matter = not self.matters or code.startswith(self.matters)
        return of_matter and (not self.statuses or str(status) in self.statuses)

    def days(self, kept: Kept) -> Days | None:
        """Return what it says of a kind of thing; none when it says nothing."""
        found: Days | None = getattr(self, f"{kept}_days")
        return found


class Retention(Wire):
    """How long everything is kept."""

    version: Literal[1]
    sources: dict[Id, Source]
    unattached_days: Days
    keep: tuple[KeepRow, ...]

    def lasts(self, kept: Kept, code: str, status: Status) -> timedelta | None:
        """Return how long a thing is kept after its event ended; none for ever.

        What belongs to an open event has no end yet.
        """
        if IS_OPEN[status]:
            return None
        fitting = [row for row in self.keep if row.fits(code, status)]
        kinds = [kept, STANDS_IN[kept]] if kept in STANDS_IN else [kept]
        said = (row.days(kind) for kind in kinds for row in fitting)
        return _span(next((days for days in said if days is not None), FOR_EVER))

    @property
    def unattached_lasts(self) -> timedelta | None:
        """How long evidence of no event is kept after it was stored; none for ever."""
        return _span(self.unattached_days)


def parse_retention(text: str, name: str) -> Retention:
    """Read the rules from the text of a YAML file called `name`.

    Raises:
        CatalogueError: The text breaks the form, or cites a source that it lacks; file, line and
            key are named for every problem.
    """
    rules = read_form(text, name, Retention)
    problems = [
        f"{line_of(text, path)}: {'.'.join(map(str, path))}: {row.source!r} is not among the "
        "sources of the file."
        for index, row in enumerate(rules.keep)
        if row.source not in rules.sources
        for path in [("keep", index, "source")]
    ]
    refuse(name, problems)
    return rules


def _span(days: Days) -> timedelta | None:
    return None if days == FOR_EVER else timedelta(days=days)
