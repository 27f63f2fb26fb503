"""Rows written many at once are the rows that SQLAlchemy would write."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import Table, bindparam, select
from sqlalchemy.exc import IntegrityError

from events_api.store.bulk import insert_into, update_by, write_all
from events_api.store.database import Database
from events_api.store.feed_models import FeedRow
from events_api.store.models import ObservationRow
from tests.events_api.conftest import NOW

pytestmark = pytest.mark.both_databases

FEED = cast("Table", FeedRow.__table__)
NEW = insert_into(FEED)
CHANGED = FEED.update().where(FEED.c.feed_id == bindparam("which")).values(at=bindparam("at"))


def test_values_come_back_as_they_went(database: Database) -> None:
    """Moments with their microseconds, and JSON whether it is given as such or as its text."""
    at = NOW + timedelta(microseconds=1)
    rows = [
        {"feed_id": 1, "kind": "a", "at": NOW, "payload": {"words": "烟 100%", "number": 1e-7}},
        {"feed_id": 2, "kind": "b", "at": NOW, "payload": '{"words":"烟 %s","none":null}'},
    ]
    with database.write() as session:
        write_all(session.connection(), [(NEW, rows), (CHANGED, [{"which": 2, "at": at}])])
        write_all(session.connection(), [(NEW, []), (CHANGED, [])])
    with database.read() as session:
        found = [
            (r.at, r.payload) for r in session.scalars(select(FeedRow).order_by(FEED.c.feed_id))
        ]
    assert found == [
        (NOW, {"words": "烟 100%", "number": 1e-7}),
        (at, {"words": "烟 %s", "none": None}),
    ]


def test_rows_are_changed_by_their_keys(database: Database) -> None:
    """Each by its own values, and in the columns that are named alone."""
    rows = [{"feed_id": n, "kind": "a", "at": NOW, "payload": {}} for n in range(1, 5)]
    later = NOW + timedelta(days=1)
    changes = [
        {"of_feed_id": 2, "at": later, "payload": {"words": "烟"}, "kind": "left as it is"},
        {"of_feed_id": 3, "at": NOW, "payload": '{"number":1e-7}'},
        {"of_feed_id": 9, "at": NOW, "payload": {}},
    ]
    with database.write() as session:
        write_all(session.connection(), [(NEW, rows)])
        write_all(session.connection(), [(update_by(FEED, "feed_id", ("at", "payload")), changes)])
    with database.read() as session:
        found = {r.feed_id: (r.kind, r.at, r.payload) for r in session.scalars(select(FeedRow))}
    assert found == {
        1: ("a", NOW, {}),
        2: ("a", later, {"words": "烟"}),
        3: ("a", NOW, {"number": 1e-7}),
        4: ("a", NOW, {}),
    }


def test_what_the_database_refuses_is_told_as_ever(database: Database) -> None:
    """By the same error on both, and nothing is written."""
    row = {"feed_id": 1, "kind": "a", "at": NOW, "payload": {}}
    with pytest.raises(IntegrityError), database.write() as session:
        write_all(session.connection(), [(NEW, [row]), (NEW, [row])])
    with database.read() as session:
        assert session.scalars(select(FeedRow)).all() == []


def test_numbers_may_be_left_to_the_database() -> None:
    """By leaving their column out."""
    statement = insert_into(cast("Table", ObservationRow.__table__), "number")
    assert "number" not in statement.compile().binds
