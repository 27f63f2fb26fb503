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
from events_api.intake import Desk, Intake
from events_api.intake_reading import Arrival
from events_api.schemas import Report
from events_api.senders import ChangedSenderError, Sender
from events_api.store import rulebook, tokens
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
        if not reports:
            return []
        now, hashes = self.clock(), _hashes(reports)
        desk = self._opened(session, reports, hashes, now)
        of_tokens = tokens.holders_of(desk.beside[1])
        holders = principals.complete(session, of_tokens, hashes, now)
        outcomes = [
            desk.take(sent)
            if sender.sha256 is None or holders.get(sender.sha256) == sender.by
            else ChangedSenderError()
            for sent, (_, sender) in zip(desk.sent, reports, strict=True)
        ]
        desk.write()
        return outcomes

    def _opened(
        self, session: Session, reports: Arriving, hashes: frozenset[str], now: datetime
    ) -> Desk:
        """Return a desk under the rules in force, which has also asked for the senders."""
        grid = cache(lambda: self.cells.now().grid)  # asked once for all
        connection = session.connection()
        beside = (rulebook.ask_revision(connection), tokens.ask_holders(connection, hashes))
        rules = self.rules.known or self.rules.now(session)
        while True:
            arrived = [(report, Arrival(by.by, now, rules, grid)) for report, by in reports]
            desk = Desk(session, arrived, beside)
            # What is in memory nearly always still holds: that is asked on the same way.
            ((revision,),) = desk.beside[0]
            if (revision or 0) == rules.revision:
                return desk
            rules = self.rules.now(session)


def _hashes(reports: Arriving) -> frozenset[str]:
    return frozenset(sender.sha256 for _, sender in reports if sender.sha256 is not None)
