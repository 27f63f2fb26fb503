"""What the choice of an index asks of a database."""

from __future__ import annotations

import pytest
from sqlalchemy.event import listen

from events_api.roles import Scope
from events_api.store import event_choice, events
from events_api.store.database import Database
from events_api.store.events import EventFilter

pytestmark = pytest.mark.both_databases


def test_a_connection_is_asked_once_for_the_order_of_its_texts(database: Database) -> None:
    """It never changes, however many villages are listed."""
    asked: list[str] = []

    def note(*told: str) -> None:
        if "'B' < 'a'" in told[2]:
            asked.append(told[2])

    listen(database.engine, "before_cursor_execute", note)
    question = events.question_of(Scope.parse("village:341299001001"), EventFilter())
    found = []
    for _ in range(3):
        with database.read() as session:
            found.append(event_choice.best(session, question))
    assert len(asked) == 1
    assert found == [found[0]] * 3
