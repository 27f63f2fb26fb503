"""Which events a client asks for, as typed values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from events_api.cases import Status
from events_api.catalogue.grades import Grade
from events_api.schemas import State


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Filters of events; what is none does not matter.

    Attributes:
        cell: A cell's code, or its first digits.
        town: The first nine digits of a town's cells.
        matter: A matter's code.
        status: Where the event stands.
        observed_from: Observed at this time or later; with a time zone.
        observed_to: Observed at this time or earlier; with a time zone.
        box: West, south, east and north in degrees; the event's position lies in it.
        deadline: How its deadline stands now.
        body: The body it was dispatched to.
        responsible: The body it was dispatched to, else the one of the catalogue.
        source: Who or what made the observation that its place is from.
        is_open: Whether it still asks for something, or no longer does.
        grade: How grave somebody has found it.
    """

    cell: str | None = None
    town: str | None = None
    matter: str | None = None
    status: Status | None = None
    observed_from: datetime | None = None
    observed_to: datetime | None = None
    box: tuple[float, float, float, float] | None = None
    deadline: State | None = None
    body: str | None = None
    responsible: str | None = None
    source: str | None = None
    is_open: bool | None = None
    grade: Grade | None = None

    def parameters(self) -> dict[str, str]:
        """Write the filters as GET /events takes them."""
        box = None if self.box is None else ",".join(str(each_deg) for each_deg in self.box)
        given = {
            "cell": self.cell,
            "town": self.town,
            "matter": self.matter,
            "status": self.status,
            "from": self.observed_from and self.observed_from.isoformat(),
            "to": self.observed_to and self.observed_to.isoformat(),
            "bbox": box,
            "deadline": self.deadline,
            "body": self.body,
            "responsible": self.responsible,
            "source": self.source,
            "grade": self.grade,
            "open": None if self.is_open is None else str(self.is_open).lower(),
        }
        return {name: str(value) for name, value in given.items() if value is not None}
