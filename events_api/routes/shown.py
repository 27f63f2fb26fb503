"""Events as they are shown to whoever asks: with links by which they may open the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from events_api.cases import TABLE, moves
from events_api.detail_schemas import EventDetail, Move
from events_api.handling import case_of
from events_api.links import EvidenceLinks
from events_api.roles import Principal
from events_api.runtime import Runtime
from events_api.schemas import EventSummary, EvidenceShown
from events_api.store import event_records, events
from events_api.store.event_records import Record
from events_api.store.models import EventRow


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is shown events, and when.

    Attributes:
        by: Whom links are made for, and who may do what their role and scope allow.
        now: The moment of the answer.
        links: Makes them.
    """

    by: Principal
    now: datetime
    links: EvidenceLinks

    @classmethod
    def asking(cls, runtime: Runtime, by: Principal) -> Reader:
        """Return whoever asks just now."""
        return cls(by, runtime.settings.clock(), runtime.links)

    def link(self, sha256: str) -> str:
        """Return a link to a picture or clip."""
        return self.links.url(sha256, self.by.name, self.now)

    def records(self, found: Sequence[Record]) -> Sequence[Record]:
        """Let the records of events have their links."""
        return event_records.linked(found, self.link)

    def summary(self, row: EventRow) -> EventSummary:
        """Write an event as lists show it."""
        return self._linked(events.summary(row, self.now))

    def _linked(self, event: EventSummary) -> EventSummary:
        if event.snapshot is None:
            return event
        return event.model_copy(update={"snapshot_url": self.link(event.snapshot)})

    def detail(self, session: Session, row: EventRow) -> EventDetail:
        """Write an event with everything seen of it, and what its reader may do with it.

        Sealed evidence is named and not linked.
        """
        evidence = tuple(
            EvidenceShown(
                sha256=each.sha256,
                media_type=each.media_type,
                size_bytes=each.size_bytes,
                sealed=each.sealed,
                url=None if each.sealed else self.link(each.sha256),
            )
            for each in events.evidence_of(session, row.number)
        )
        summary = self.summary(row)
        more = {
            "evidence": evidence,
            "snapshot_url": summary.snapshot_url,
            "moves": self._moves(row),
        }
        return events.detail(session, row, self.now).model_copy(update=more)

    def _moves(self, row: EventRow) -> tuple[Move, ...]:
        """Say what the reader may do with an event as it stands, and what each step takes."""
        return tuple(
            Move(name=name, needs_reason=TABLE[name].needs_reason, needs=tuple(TABLE[name].needs))
            for name in moves(case_of(row), self.by)
        )
