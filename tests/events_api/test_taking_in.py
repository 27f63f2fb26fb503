"""A transaction of reports holds to the rules and tokens that are in force when it begins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from events_api.access import issue_token, token_hash
from events_api.errors import UnprocessableError
from events_api.feed import LiveFeed
from events_api.intake import Intake
from events_api.roles import Principal, Role
from events_api.senders import ChangedSenderError, Sender
from events_api.store import tokens
from events_api.store.cells import CellBook
from events_api.store.database import Database
from events_api.store.rulebook import RuleBook, put_catalogue
from events_api.taking_in import IntakeDesk
from tests.events_api.conftest import NOW
from tests.events_api.factories import away, make_catalogue, make_report

pytestmark = pytest.mark.both_databases

NOBODY = Sender(Principal("falcon-1", Role.MACHINE))


@pytest.fixture
def desk(database: Database) -> Iterator[IntakeDesk]:
    """A desk over a fresh database, which has read the shipped rules."""
    loop = asyncio.new_event_loop()
    rules, cells = RuleBook(), CellBook(database)
    found = IntakeDesk(database, rules, cells, lambda: datetime.now(UTC), LiveFeed(loop))
    (first,) = found.take_in([(make_report(1), NOBODY)])
    assert isinstance(first, Intake)
    assert rules.known is not None
    yield found
    loop.close()


def test_rules_that_another_process_has_replaced_hold_at_once(desk: IntakeDesk) -> None:
    """Although what is in memory says otherwise."""
    known = make_report(1).matter.code
    with desk.database.write() as session:
        put_catalogue(session, make_catalogue("0" if known != "0" else "1"), "a.yaml", "us", NOW)
    (outcome,) = desk.take_in([(make_report(2, position=away(300.0)), NOBODY)])
    assert isinstance(outcome, UnprocessableError)
    assert known in str(outcome)


def test_of_several_senders_those_in_force_are_served(desk: IntakeDesk) -> None:
    """A revoked token takes nothing from the others, whose reports are kept."""
    secrets = {
        name: issue_token(desk.database, name, Role.MACHINE, NOW) for name in ("hawk", "kite")
    }
    with desk.database.write() as session:
        tokens.revoke(session, "kite", NOW)
    hawk, kite = (
        Sender(Principal(name, Role.MACHINE), token_hash(secret))
        for name, secret in secrets.items()
    )
    reports = [make_report(n, position=away(300.0 * n)) for n in (2, 3, 4)]
    outcomes = desk.take_in(list(zip(reports, (hawk, kite, hawk), strict=True)))
    assert [type(each) for each in outcomes] == [Intake, ChangedSenderError, Intake]


def test_none_are_taken_in_by_no_words_to_the_database(desk: IntakeDesk) -> None:
    """An empty batch, every report of which made no sense."""
    assert desk.take_in([]) == []
