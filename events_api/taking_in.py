"""Takes reports in by a transaction of their own, and tells whoever follows what happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from events_api import principals
from events_api.errors import ProblemError
from events_api.feed import LiveFeed
from events_api.intake import Arrival, Intake, receive_all
from events_api.schemas import Report
from events_api.senders import ChangedSenderError, Sender
from events_api.store.cells import CellBook
from events_api.store.database import Database
from events_api.store.rulebook import RuleBook

Arriving = Sequence[tuple[Report, Sender]]
Outcome = Intake | ProblemError


@dataclass(frozen=True)
class IntakeDesk:
    """Where reports are taken in; may be used from any thread."""

    database: Database
    rules: RuleBook
    cells: CellBook
    clock: Callable[[], datetime]
    live: LiveFeed

    def take_in(self, reports: Arriving) -> list[Outcome]:
        """Take reports in by one transaction, and return after its commit.

        What comes from a sender whose token has changed is not taken in.
        """
        with self.database.write() as session:
            outcomes = self._taken(session, reports)
        if any(isinstance(each, Intake) and each.is_new for each in outcomes):
            self.live.wake()
        return outcomes

    def _taken(self, session: Session, reports: Arriving) -> list[Outcome]:
        now, rules = self.clock(), self.rules.now(session)
        grid = cache(lambda: self.cells.now().grid)  # asked once for all
        asked = frozenset(sender.sha256 for _, sender in reports if sender.sha256 is not None)
        holders = principals.find_all(session, asked, now) if asked else {}
        is_known = [
            sender.sha256 is None or holders.get(sender.sha256) == sender.by
            for _, sender in reports
        ]
        taken = iter(
            receive_all(
                session,
                [
                    (report, Arrival(sender.by, now, rules, grid))
                    for (report, sender), known in zip(reports, is_known, strict=True)
                    if known
                ],
            )
        )
        return [next(taken) if known else ChangedSenderError() for known in is_known]
