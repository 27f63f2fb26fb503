"""Events in the feed: the same as everywhere else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from events_api.forming import EventDraft
from events_api.intake import receive
from events_api.intake_reading import Arrival
from events_api.roles import Principal, Role
from events_api.schemas import EventSummary
from events_api.store import events
from events_api.store.database import Database
from events_api.store.models import EventRow
from events_api.store.rulebook import read_rules
from events_api.store.telling import told
from geofences.cells import Grid
from tests.events_api.conftest import NOW
from tests.events_api.factories import make_cells, make_report

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"position": None, "ce50_m": None, "ce90_m": None, "place": "North gate", "cells": []},
        {"ce90_m": 1e-7, "ce50_m": 0.0, "why": '烟火 \u2028 "quoted"', "zone_id": "z"},
    ],
)
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=400)])
def test_the_feed_tells_what_lists_show(
    database: Database, change: dict[str, Any], later: timedelta
) -> None:
    """Value by value and in the same order, in time and overdue."""
    with database.write() as session:
        arrival = Arrival(
            Principal("falcon-1", Role.MACHINE),
            NOW,
            read_rules(session),
            lambda: Grid(make_cells()),
        )
        receive(session, make_report(1, **change), arrival)
    with database.read() as session:
        (event,) = session.query(EventRow).all()
        shown = events.summary(event, NOW + later).model_dump(mode="json")
        assert list(json.loads(told(event, NOW + later)).items()) == list(shown.items())


def test_an_event_without_a_clock_has_no_deadline() -> None:
    """As one has that is closed."""
    fields = dict.fromkeys(EventSummary.model_fields) | {"standard_ref": "x", "code": "1"}
    event = EventDraft(**{**fields, "lon_deg": None, "lat_deg": None}).as_row()
    assert json.loads(told(event, NOW))["deadline"] is None
