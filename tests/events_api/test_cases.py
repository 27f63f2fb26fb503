"""The states of an event."""

from __future__ import annotations

from events_api.cases import IS_OPEN, OPEN_STATUSES, Status


def test_every_status_is_open_or_not() -> None:
    """None is forgotten in the table."""
    assert set(IS_OPEN) == set(Status)


def test_only_a_finished_event_is_not_open() -> None:
    """Everything between report and verification still takes observations."""
    assert set(Status) - set(OPEN_STATUSES) == {Status.CLOSED, Status.REJECTED}
