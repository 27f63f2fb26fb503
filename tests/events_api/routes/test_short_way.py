"""The short way of plain reports: the same answers as the long one, and the same refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from events_api.roles import Role
from events_api.store.access_models import TokenRow
from events_api.store.database import Database
from events_api.store.models import ObservationRow
from tests.events_api.conftest import NOW, RunningApi
from tests.events_api.factories import away, report_json

pytestmark = pytest.mark.both_databases


@pytest.fixture
def drone(api: RunningApi) -> Iterator[httpx.Client]:
    """A drone that has sent a report already, so that its next ones go the short way."""
    with api.client(Role.MACHINE) as client:
        assert client.post("/reports", json=report_json(1)).status_code == 201
        yield client


def change_token(api: RunningApi, **values: Any) -> None:
    """Change the drone's token in the database, as another process may."""
    database = Database(api.settings.database_url)
    with database.write() as session:
        is_meant = TokenRow.name == f"{Role.MACHINE}-1"
        session.execute(update(TokenRow).where(is_meant).values(values))
    database.close()


def count(api: RunningApi) -> int:
    """Return how many reports are kept."""
    database = Database(api.settings.database_url)
    with database.read() as session:
        found = session.query(ObservationRow).count()
    database.close()
    return found


def test_both_ways_answer_alike(api: RunningApi, drone: httpx.Client) -> None:
    """A query that means nothing takes the long way: the same receipt, status and headers."""
    short = drone.post("/reports", json=report_json(2, position=away(300.0)))
    again = drone.post("/reports?a=b", json=report_json(2, position=away(300.0)))
    once_more = drone.post("/reports", json=report_json(2, position=away(300.0)))
    assert [each.status_code for each in (short, again, once_more)] == [201, 200, 200]
    assert short.json() == again.json() == once_more.json()
    assert short.headers.keys() == again.headers.keys()
    assert "X-Request-ID" in short.headers
    batch = {"reports": [report_json(2, position=away(300.0)), report_json(3)]}
    quick, slow = (
        drone.post("/reports/batch", json=batch),
        drone.post("/reports/batch?a", json=batch),
    )
    receipts = [[each["receipt"] for each in answer.json()["results"]] for answer in (quick, slow)]
    assert receipts[0] == receipts[1]
    assert count(api) == 3


@pytest.mark.parametrize(
    ("values", "status"), [({"revoked_at": NOW}, 401), ({"role": Role.HANDLER}, 403)]
)
@pytest.mark.parametrize("path", ["/reports", "/reports/batch"])
def test_a_token_that_has_changed_is_known_at_once(
    api: RunningApi, drone: httpx.Client, path: str, values: dict[str, Any], status: int
) -> None:
    """Nothing more is taken in with it, one by one or in a batch."""
    change_token(api, **values)
    report = report_json(2, position=away(300.0))
    body = {"reports": [report]} if path.endswith("batch") else report
    answer = drone.post(path, json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert count(api) == 1


@pytest.mark.parametrize("path", ["/reports", "/reports/batch"])
def test_a_token_that_has_changed_takes_no_turn_among_writers(
    api: RunningApi, drone: httpx.Client, path: str
) -> None:
    """Once that is known: it is refused while somebody else writes."""
    change_token(api, revoked_at=NOW)
    report = report_json(2, position=away(300.0))
    body = {"reports": [report]} if path.endswith("batch") else report
    assert drone.post(path, json=body).status_code == 401
    database = Database(api.settings.database_url)
    with database.write():
        assert drone.post(path, json=body).status_code == 401
    database.close()


@pytest.mark.parametrize("path", ["/reports", "/reports/batch"])
@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"reports": [1]}'])
def test_a_wrong_body_is_refused_as_ever(
    api: RunningApi, drone: httpx.Client, path: str, body: bytes
) -> None:
    """With the words of the long way."""
    headers = {"Content-Type": "application/json"}
    short, long = (drone.post(path + end, content=body, headers=headers) for end in ("", "?a"))
    assert short.status_code == long.status_code >= 400
    assert short.json()["detail"] == long.json()["detail"]
    assert count(api) == 1
