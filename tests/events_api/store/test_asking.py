"""Questions asked together are answered as if each were asked alone."""

from __future__ import annotations

from typing import cast

import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import DBAPIError

from events_api.store.asking import Among, Question, ask_all, by_keys, question, questions
from events_api.store.bulk import insert_into, write_all
from events_api.store.database import Database
from events_api.store.feed_models import FeedRow
from tests.events_api.conftest import NOW

pytestmark = pytest.mark.both_databases

FEED = cast("Table", FeedRow.__table__)
KINDS = ("a", "b\"'\\{},\n\\n", "烟")
BY_NUMBER = select(FEED.c.feed_id, FEED.c.at).where(Among(FEED.c.feed_id, "numbers"))
BY_KIND = select(FEED.c.feed_id).where(Among(FEED.c.kind, "kinds"))
SUMS = """WITH asked (kind, number, part) AS ({asked})
SELECT asked.kind, asked.number + asked.part FROM asked"""


@pytest.fixture
def filled(database: Database) -> Database:
    """Return a database that has a message of each kind."""
    rows = [
        {"feed_id": number, "kind": kind, "at": NOW, "payload": {}}
        for number, kind in enumerate(KINDS, start=1)
    ]
    with database.write() as session:
        write_all(session.connection(), [(insert_into(FEED), rows)])
    return database


def test_several_are_answered_in_their_order(filled: Database) -> None:
    """Lists of numbers and of texts, an empty one, and moments as they were written."""
    with filled.write() as session:
        connection = session.connection()
        answers = ask_all(
            connection,
            [
                *by_keys(connection),
                question(connection, BY_NUMBER, numbers=[3, 1, 3, 9]),
                question(connection, BY_KIND, kinds=list(KINDS[1:])),
                question(connection, BY_KIND, kinds=[]),
            ],
        )
    assert [sorted(rows) for rows in answers[-3:]] == [[(1, NOW), (3, NOW)], [(2,), (3,)], []]


@pytest.mark.parametrize("count", [0, 1, 3, 64, 150])
def test_many_things_are_asked_about(filled: Database, count: int) -> None:
    """Each of them, by however many statements; none where there are none."""
    asked = [(f'kind {number} \\ \n"', number, 0.1) for number in range(count)]
    with filled.read() as session:
        connection = session.connection()
        answers = ask_all(connection, questions(connection, SUMS, asked))
    found = {row for rows in answers for row in rows}
    assert found == {(kind, number + part) for kind, number, part in asked}


def test_what_the_database_refuses_is_told_as_ever(filled: Database) -> None:
    """By the errors of SQLAlchemy, which the routes know."""
    with pytest.raises(DBAPIError), filled.read() as session:
        ask_all(session.connection(), [Question("SELECT nothing FROM nowhere")])
