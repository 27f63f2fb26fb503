"""Filters that are misspelt or given twice."""

from __future__ import annotations

import pytest

from tests.events_api.conftest import RunningApi

FILTERED = [
    "/events",
    "/events.geojson",
    "/events.csv",
    "/events.xlsx",
    "/deadlines",
    "/figures",
    "/cells",
]


@pytest.mark.parametrize("path", FILTERED)
def test_a_filter_that_is_not_known_is_refused(shared_api: RunningApi, path: str) -> None:
    """Left unread it would let everything pass; the answer names those that are known."""
    with shared_api.client() as client:
        answer = client.get(path, params={"staus": "closed"})
    assert answer.status_code == 422
    assert "The parameter staus is not known here; known are b" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/events", "/events.csv"])
def test_a_filter_that_is_given_twice_is_refused(shared_api: RunningApi, path: str) -> None:
    """Only the last of two would count."""
    with shared_api.client() as client:
        answer = client.get(f"{path}?status=closed&status=rejected")
    assert answer.status_code == 422
    assert "status is given 2 times" in answer.json()["detail"]


def test_routes_without_filters_take_none(shared_api: RunningApi) -> None:
    """One event is the same event, whatever is asked beside it."""
    with shared_api.client() as client:
        answer = client.get("/events/6f1c2a60-0000-4000-8000-000000000000?status=closed")
    assert answer.status_code == 422
    assert "known are none" in answer.json()["detail"]
