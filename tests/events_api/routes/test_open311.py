"""Open311 GeoReport v2: the calls of the public specification, in JSON and XML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lxml import etree

from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import MARKET, away, report_json

V2 = "/open311/v2"
WHERE = {"lat": str(MARKET.lat_deg), "long": str(MARKET.lon_deg)}
CAR = {"service_code": "09009", "description": "车停在人行道上", **WHERE}


@pytest.fixture
def anybody(api: RunningApi) -> Iterator[httpx.Client]:
    """A client without a header: GeoReport knows `api_key` only."""
    with api.client(None) as client:
        yield client


def key(api: RunningApi, role: Role = Role.COLLECTOR) -> dict[str, str]:
    """Return a role's token as GeoReport sends it."""
    return {"api_key": api.tokens[role]}


def test_a_problem_is_sent_and_followed(api: RunningApi, anybody: httpx.Client) -> None:
    """POST request, GET request, and its status as the case goes on."""
    sent = anybody.post(f"{V2}/requests.json", data={**CAR, **key(api)})
    assert sent.status_code == 200, sent.text
    (answer,) = sent.json()
    request_id = answer["service_request_id"]
    (found,) = anybody.get(f"{V2}/requests/{request_id}.json", params=key(api)).json()
    assert (found["status"], found["service_code"]) == ("open", "09009")
    assert (found["lat"], found["long"]) == (MARKET.lat_deg, MARKET.lon_deg)
    assert found["description"] == "车停在人行道上"
    assert found["requested_datetime"] == "2026-07-01T08:00:00Z"
    with api.client(Role.SUPERVISOR) as supervisor:
        tag = supervisor.get(f"/events/{request_id}").headers["etag"]
        wish = {"name": "reject", "reason": "a delivery"}
        supervisor.post(f"/events/{request_id}/transitions", json=wish, headers={"If-Match": tag})
    (found,) = anybody.get(f"{V2}/requests/{request_id}.json", params=key(api)).json()
    assert (found["status"], found["status_notes"]) == ("closed", "不予受理 rejected")


def test_the_same_problem_again_joins_the_same_event(
    api: RunningApi, anybody: httpx.Client
) -> None:
    """And the notice says why."""
    answers = [
        anybody.post(f"{V2}/requests.json", data={**CAR, **key(api)}).json()[0] for _ in range(2)
    ]
    assert len({each["service_request_id"] for each in answers}) == 1
    assert answers[1]["service_notice"]


def test_services_are_the_matters(api: RunningApi, anybody: httpx.Client) -> None:
    """Each is defined, and asks for nothing further."""
    services = anybody.get(f"{V2}/services.json", params=key(api)).json()
    names = {each["service_code"]: each["service_name"] for each in services}
    assert names["09009"].startswith("机动车乱停放 ")
    assert {each["metadata"] for each in services} == {"false"}
    assert {each["type"] for each in services} == {"realtime"}
    defined = anybody.get(f"{V2}/services/09009.json", params=key(api)).json()
    assert defined == {"service_code": "09009", "attributes": []}
    (endpoint,) = anybody.get(f"{V2}/discovery.json", params=key(api)).json()
    assert anybody.get(f"{endpoint['url']}/services.json", params=key(api)).status_code == 200


def test_xml_says_the_same_as_json(api: RunningApi, anybody: httpx.Client) -> None:
    """With the element names of the specification."""
    sent = anybody.post(f"{V2}/requests.xml", data={**CAR, **key(api)})
    assert sent.headers["content-type"].startswith("text/xml")
    request_id = etree.fromstring(sent.content).findtext("request/service_request_id")
    for path, root, item in (
        ("requests", "service_requests", "request"),
        (f"requests/{request_id}", "service_requests", "request"),
        ("services", "services", "service"),
        ("discovery", "discovery", "endpoint"),
    ):
        as_json = anybody.get(f"{V2}/{path}.json", params=key(api)).json()
        document = etree.fromstring(anybody.get(f"{V2}/{path}.xml", params=key(api)).content)
        assert (document.tag, {each.tag for each in document}) == (root, {item})
        assert len(document) == len(as_json)
        first = {each.tag: each.text for each in document[0]}
        assert first == {
            name: None if value is None else str(value) for name, value in as_json[0].items()
        }
    defined = etree.fromstring(anybody.get(f"{V2}/services/09009.xml", params=key(api)).content)
    assert defined.findtext("service_definition/service_code") == "09009"


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 2),
        ({"status": "open"}, 2),
        ({"status": "closed"}, 0),
        ({"status": "open,closed"}, 2),
        ({"service_code": "06010"}, 1),
        ({"service_code": "06010,09009"}, 2),
        ({"service_code": "nothing"}, 0),
        ({"start_date": "2026-07-01T07:59:00Z"}, 2),
        ({"start_date": "2026-07-01T07:59:01Z"}, 0),
        ({"end_date": "2026-07-01T07:00:00Z"}, 0),
    ],
)
def test_requests_are_filtered(
    api: RunningApi, anybody: httpx.Client, filters: dict[str, str], count: int
) -> None:
    """By state, services and times."""
    with api.client(Role.MACHINE) as drone:
        litter = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
        drone.post("/reports", json=report_json(1))
        drone.post("/reports", json=report_json(2, matter=litter, position=away(90)))
    answer = anybody.get(f"{V2}/requests.json", params={**filters, **key(api)})
    assert len(answer.json()) == count, answer.text
    ids = ",".join(each["service_request_id"] for each in answer.json())
    if ids:
        by_id = {"service_request_id": ids, **key(api)}
        assert len(anybody.get(f"{V2}/requests.json", params=by_id).json()) == count


def test_without_dates_those_of_ninety_days_are_listed(
    api: RunningApi, anybody: httpx.Client
) -> None:
    """An older one is found when it is asked for."""
    with api.client(Role.MACHINE) as drone:
        drone.post("/reports", json=report_json(1, observed_at="2026-03-01T00:00:00Z"))
    assert anybody.get(f"{V2}/requests.json", params=key(api)).json() == []
    since = {"start_date": "2026-01-01T00:00:00Z", **key(api)}
    assert len(anybody.get(f"{V2}/requests.json", params=since).json()) == 1


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "wrong"}, 403),
        ({"service_code": ""}, 400),
        ({"service_code": "nothing"}, 400),
        ({"lat": "", "long": ""}, 400),
        ({"lat": "91"}, 400),
        ({"lat": "north"}, 400),
    ],
)
def test_a_failure_has_the_form_of_the_specification(
    api: RunningApi, anybody: httpx.Client, form: str, change: dict[str, str], status: int
) -> None:
    """A code and a description, in the format that was asked for; nothing is stored."""
    answer = anybody.post(f"{V2}/requests.{form}", data={**CAR, **key(api), **change})
    assert answer.status_code == status, answer.text
    if form == "json":
        (error,) = answer.json()
        assert (error["code"], bool(error["description"])) == (status, True)
    else:
        assert etree.fromstring(answer.content).findtext("error/code") == str(status)
    assert anybody.get(f"{V2}/requests.json", params=key(api)).json() == []


def test_who_somebody_is_is_not_stored(api: RunningApi, anybody: httpx.Client) -> None:
    """Names, telephone and e-mail that GeoReport may send; what is linked is only told."""
    person: dict[str, Any] = {
        "first_name": "Wei",
        "email": "wei@example.com",
        "phone": "13800000000",
        "media_url": "https://example.com/p.jpg",
    }
    (sent,) = anybody.post(f"{V2}/requests.json", data={**CAR, **person, **key(api)}).json()
    with api.client(Role.SUPERVISOR) as supervisor:
        told = supervisor.get(f"/events/{sent['service_request_id']}").text
    assert "p.jpg" in told
    assert not any(word in told for word in ("Wei", "wei@", "138000"))


def test_what_is_not_there_is_not_found(api: RunningApi, anybody: httpx.Client) -> None:
    """Requests and services; another format is a bad request."""
    for path, status in (
        ("requests/00000000-0000-0000-0000-000000000000.json", 404),
        ("requests/1.json", 404),
        ("services/nothing.json", 404),
        ("services.html", 400),
    ):
        assert anybody.get(f"{V2}/{path}", params=key(api)).status_code == status, path
