"""Reports that come again are known, also those that a former version received."""

from __future__ import annotations

import pytest

from events_api.errors import ConflictError
from events_api.fingerprints import former_fingerprint
from events_api.intake import receive
from events_api.intake_reading import Arrival
from events_api.roles import Principal, Role
from events_api.store.database import Database
from events_api.store.models import ObservationRow
from events_api.store.rulebook import read_rules
from geofences.cells import Grid
from tests.events_api.conftest import NOW
from tests.events_api.factories import make_cells, make_report

OF_THE_FIRST_REPORT = "f9167a01916cc17735d9afc5518da686c94fa7a998a6baf82555252d0728538a"


def test_the_former_fingerprint_is_as_it_was() -> None:
    """Databases are full of them."""
    assert former_fingerprint(make_report(1)) == OF_THE_FIRST_REPORT


def test_what_a_former_version_received_is_known(database: Database) -> None:
    """The same report again is the same, and another content is a conflict."""
    report = make_report(1)
    with database.write() as session:
        by, rules = Principal("falcon-1", Role.MACHINE), read_rules(session)
        arrival = Arrival(by, NOW, rules, lambda: Grid(make_cells()))
        first = receive(session, report, arrival)
        session.query(ObservationRow).update({"fingerprint": former_fingerprint(report)})
        again = receive(session, report, arrival)
        with pytest.raises(ConflictError):
            receive(session, make_report(1, score=0.9), arrival)
    assert (again.is_new, again.receipt) == (False, first.receipt)
