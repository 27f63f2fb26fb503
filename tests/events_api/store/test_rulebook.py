"""The rules in force: the newest of each, whole, and the shipped ones where there are none."""

from __future__ import annotations

import pytest

from events_api.catalogue.calendar_files import SHIPPED_CALENDAR
from events_api.errors import CatalogueError
from events_api.store.database import Database
from events_api.store.rulebook import RuleBook, put_calendar, put_catalogue, read_rules
from tests.events_api.conftest import NOW
from tests.events_api.factories import make_catalogue

pytestmark = pytest.mark.both_databases

EXAMPLE = SHIPPED_CALENDAR.read_text(encoding="utf-8")
NEXT_YEAR = EXAMPLE.replace("2026-", "2027-").replace("year: 2026", "year: 2027")


def test_without_any_file_the_shipped_rules_hold(database: Database) -> None:
    """With the example calendar, which says that it is one."""
    with database.read() as session:
        rules = read_rules(session)
    assert (rules.revision, rules.catalogue_file.put_by) == (0, None)
    assert len(rules.catalogue.matters) > 100
    assert [calendar.is_example for calendar in rules.calendars] == [True]


def test_the_newest_file_of_each_kind_and_year_holds(database: Database) -> None:
    """Older ones stay stored; a first calendar takes the place of the example."""
    with database.write() as session:
        put_catalogue(session, make_catalogue("06001"), "a.yaml", "us", NOW)
        put_catalogue(session, make_catalogue("06002"), "b.yaml", "them", NOW)
        put_calendar(session, NEXT_YEAR, "2027.yaml", "us", NOW)
        put_calendar(session, NEXT_YEAR, "again.yaml", "us", NOW)
    with database.read() as session:
        rules = read_rules(session)
    assert [matter.code for matter in rules.catalogue.matters] == ["06002"]
    assert rules.catalogue_file.put_by == "them"
    assert rules.catalogue_file.text == make_catalogue("06002")
    assert [calendar.year for calendar in rules.calendars] == [2027]
    assert rules.revision == 4


@pytest.mark.parametrize(
    "text",
    ["version: 2", NEXT_YEAR.replace("Asia/Shanghai", "Asia/Tokyo"), "night: 1"],
)
def test_a_wrong_file_changes_nothing(database: Database, text: str) -> None:
    """Not even in the transaction it came in."""
    with database.write() as session:
        put_calendar(session, EXAMPLE, "2026.yaml", "us", NOW)
    with database.write() as session:
        for put in (put_catalogue, put_calendar):
            with pytest.raises(CatalogueError):
                put(session, text, "ours.yaml", "us", NOW)
    with database.read() as session:
        assert read_rules(session).revision == 1


def test_a_book_reads_again_only_when_something_changed(database: Database) -> None:
    """Also when another process changed it."""
    book = RuleBook()
    with database.read() as session:
        first = book.now(session)
        assert book.now(session) is first
    with database.write() as session:
        put_catalogue(session, make_catalogue("06001"), "a.yaml", "us", NOW)
    with database.read() as session:
        second = book.now(session)
        assert book.now(session) is second
    assert len(second.catalogue.matters) == 1


def test_a_transaction_that_failed_leaves_no_rules_behind(database: Database) -> None:
    """What a book saw inside it does not hold outside."""
    book = RuleBook()

    def fail() -> None:
        with database.write() as session:
            put_catalogue(session, make_catalogue("06001"), "a.yaml", "us", NOW)
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="middle"):
        fail()
    with database.read() as session:
        assert book.now(session).revision == 0
