"""One event in full over the wire: what was seen of it, and what its reader may do with it."""

from __future__ import annotations

from uuid import UUID

from events_api.cases import Given, TransitionName
from events_api.schemas import (
    CellShare,
    ClockRecord,
    EventSummary,
    EvidenceShown,
    Observation,
    Wire,
)


class Move(Wire):
    """A transition that whoever reads the event may ask for, and what it takes.

    `needs` names the fields that must be given beside the reason; others must not.
    """

    name: TransitionName
    needs_reason: bool
    needs: tuple[Given, ...]


class EventDetail(EventSummary):
    """One event with everything seen of it.

    `moves` lists what whoever asks may do with it in this version, by their role and scope.
    """

    cells: tuple[CellShare, ...]
    observations: tuple[Observation, ...]
    duplicates: tuple[UUID, ...]
    clocks: tuple[ClockRecord, ...]
    evidence: tuple[EvidenceShown, ...] = ()
    moves: tuple[Move, ...] = ()
