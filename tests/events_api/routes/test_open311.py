"""Open311 GeoReport v2: the calls of the public specification, in JSON and XML."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from lxml import etree

from events_api.cell_features import collection_of
from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import JPEG, MARKET, away, make_cells, report_json

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
    assert found["updated_datetime"] == "2026-07-01T08:00:00Z"  # when it was closed


def test_the_same_problem_again_joins_the_same_event(
    api: RunningApi, anybody: httpx.Client
) -> None:
    """And the notice says why."""
    answers = [
        anybody.post(f"{V2}/requests.json", data={**CAR, **key(api)}).json()[0] for _ in range(2)
    ]
    assert len({each["service_request_id"] for each in answers}) == 1
    assert answers[1]["service_notice"]


def test_services_are_the_matters(anybody: httpx.Client) -> None:
    """Each is defined, asks for nothing further, and is known without a key."""
    services = anybody.get(f"{V2}/services.json").json()
    names = {each["service_code"]: each["service_name"] for each in services}
    assert names["09009"].startswith("机动车乱停放 ")
    assert {each["metadata"] for each in services} == {False}
    assert {each["type"] for each in services} == {"realtime"}
    defined = anybody.get(f"{V2}/services/09009.json").json()
    assert defined == {"service_code": "09009", "attributes": []}
    found = anybody.get(f"{V2}/discovery.json").json()
    assert found.keys() == {"changeset", "contact", "key_service", "endpoints"}
    (endpoint,) = found["endpoints"]
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert anybody.get(f"{endpoint['url']}/services.json").status_code == 200


def test_xml_says_the_same_as_json(api: RunningApi, anybody: httpx.Client) -> None:
    """With the element names of the specification."""
    sent = anybody.post(f"{V2}/requests.xml", data={**CAR, **key(api)})
    assert sent.headers["content-type"].startswith("text/xml")
    request_id = etree.fromstring(sent.content).findtext("request/service_request_id")
    for path, root, item in (
        ("requests", "service_requests", "request"),
        (f"requests/{request_id}", "service_requests", "request"),
        ("services", "services", "service"),
    ):
        as_json = anybody.get(f"{V2}/{path}.json", params=key(api)).json()
        document = etree.fromstring(anybody.get(f"{V2}/{path}.xml", params=key(api)).content)
        assert (document.tag, {each.tag for each in document}) == (root, {item})
        assert len(document) == len(as_json)
        first = {each.tag: each.text for each in document[0]}
        assert first == {name: in_xml(value) for name, value in as_json[0].items()}
    defined = etree.fromstring(anybody.get(f"{V2}/services/09009.xml", params=key(api)).content)
    assert defined.tag == "service_definition"
    assert defined.findtext("service_code") == "09009"
    assert len(defined.find("attributes")) == 0
    found = etree.fromstring(anybody.get(f"{V2}/discovery.xml", params=key(api)).content)
    assert [each.text for each in found.findall("endpoints/endpoint/formats/format")] == [
        "text/xml",
        "application/json",
    ]


def in_xml(value: object) -> str | None:
    """Return what a value of JSON is in XML."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


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
        ({"end_date": "2026-07-01T07:59:00Z"}, 2),
        ({"start_date": "2026-05-01T00:00:00Z", "end_date": "2026-07-30T00:00:00Z"}, 2),
        ({"start_date": "2026-07-01T07:59:00+00:00", "status": "open"}, 2),
        ({"service_code": "06010", "status": "closed"}, 0),
        ({"status": "", "service_code": "", "start_date": "", "service_request_id": ""}, 2),
        ({"jurisdiction_id": "county.example", "extensions": ""}, 2),
        ({"page_size": "1"}, 1),
        ({"page": "2", "page_size": "1"}, 1),
        ({"page": "3", "page_size": "1"}, 0),
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
    for span in (
        {"start_date": "2026-01-01T00:00:00Z"},
        {"end_date": "2026-04-01T00:00:00Z"},
        {"start_date": "2026-02-28T00:00:00Z", "end_date": "2026-03-02T00:00:00Z"},
    ):
        asked = anybody.get(f"{V2}/requests.json", params={**span, **key(api)})
        assert len(asked.json()) == 1, span


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-01T00:00:01Z"},
        {"start_date": "yesterday"},
        {"start_date": "2026-07-01"},
        {"status": "handling"},
        {"status": "open,handling"},
        {"page": "0"},
        {"page_size": "1001"},
        {"service_code": "a\0"},
    ],
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_cannot_be_asked_is_said_in_the_form_of_the_specification(
    api: RunningApi, anybody: httpx.Client, wrong: dict[str, str], form: str
) -> None:
    """More than 90 days, times without a zone, unknown states: 400 with a list of errors."""
    answer = anybody.get(f"{V2}/requests.{form}", params={**wrong, **key(api)})
    assert answer.status_code == 400, answer.text
    assert code_of(answer) == "400"


def test_several_requests_are_asked_for_by_their_ids_whatever_else_is_said(
    api: RunningApi, anybody: httpx.Client
) -> None:
    """With commas between, in JSON and XML; the ids override dates and states."""
    with api.client(Role.MACHINE) as drone:
        ids = [
            drone.post("/reports", json=report_json(number, position=away(90.0 * number))).json()[
                "event_id"
            ]
            for number in (1, 2, 3)
        ]
    several = {
        "service_request_id": f"{ids[0]}, {ids[2]}",
        "status": "closed",
        "start_date": "2020-01-01T00:00:00Z",
        "end_date": "2026-01-01T00:00:00Z",
        **key(api),
    }
    found = anybody.get(f"{V2}/requests.json", params=several).json()
    assert {each["service_request_id"] for each in found} == {ids[0], ids[2]}
    document = etree.fromstring(anybody.get(f"{V2}/requests.xml", params=several).content)
    told = {each.findtext("service_request_id") for each in document.findall("request")}
    assert (document.tag, told) == ("service_requests", {ids[0], ids[2]})


def test_a_token_is_the_id_of_a_request(api: RunningApi, anybody: httpx.Client) -> None:
    """Every service is `realtime`, so that no client needs a token; one that asks is answered."""
    (sent,) = anybody.post(f"{V2}/requests.json", data={**CAR, **key(api)}).json()
    assert "token" not in sent
    name = sent["service_request_id"]
    (found,) = anybody.get(f"{V2}/tokens/{name}.json", params=key(api)).json()
    assert found == {"service_request_id": name, "token": name}
    document = etree.fromstring(anybody.get(f"{V2}/tokens/{name}.xml", params=key(api)).content)
    assert document.findtext("request/service_request_id") == name
    unknown = anybody.get(f"{V2}/tokens/12345.xml", params=key(api))
    assert (unknown.status_code, code_of(unknown)) == (404, "404")


def test_more_is_told_to_clients_that_ask_for_extensions(
    api: RunningApi, anybody: httpx.Client
) -> None:
    """The position error and the history; without the word the answer is as specified."""
    with api.client(Role.MACHINE) as drone:
        event_id = drone.post("/reports", json=report_json(1)).json()["event_id"]
    with api.client(Role.ACCEPTOR) as acceptor:
        wish = {"name": "accept", "reason": "seen"}
        seen = {"If-Match": acceptor.get(f"/events/{event_id}").headers["etag"]}
        acceptor.post(f"/events/{event_id}/transitions", json=wish, headers=seen).raise_for_status()
    for path in ("requests", f"requests/{event_id}"):
        (plain,) = anybody.get(f"{V2}/{path}.json", params=key(api)).json()
        more = {"extensions": "true", **key(api)}
        (told,) = anybody.get(f"{V2}/{path}.json", params=more).json()
        assert told.keys() - plain.keys() == {"extended_attributes", "notes"}
        assert told["extended_attributes"]["ce90_m"] == 3.6
        (note,) = told["notes"]
        assert (note["type"], note["description"]) == ("accept", "seen")
        document = etree.fromstring(anybody.get(f"{V2}/{path}.xml", params=more).content)
        assert document.findtext("request/extended_attributes/ce90_m") == "3.6"
        assert document.findtext("request/notes/note/type") == "accept"


def test_the_picture_of_a_request_is_opened_by_its_address(
    api: RunningApi, anybody: httpx.Client
) -> None:
    """For some minutes, without a key."""
    sha256 = hashlib.sha256(JPEG).hexdigest()
    with api.client(Role.MACHINE) as drone:
        headers = {"Content-Type": "image/jpeg"}
        drone.put(f"/evidence/{sha256}", content=JPEG, headers=headers).raise_for_status()
        drone.post("/reports", json=report_json(1, evidence=[sha256])).raise_for_status()
    (found,) = anybody.get(f"{V2}/requests.json", params=key(api)).json()
    assert anybody.get(found["media_url"]).content == JPEG


def test_a_place_may_be_named_by_its_cell(api: RunningApi, anybody: httpx.Client) -> None:
    """The address of a place may be a cell's code, and what lies elsewhere is refused."""
    with api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells())).raise_for_status()
    there = {"service_code": "09009", "address_id": "341299001001002", **key(api)}
    (sent,) = anybody.post(f"{V2}/requests.json", data=there).json()
    (found,) = anybody.get(
        f"{V2}/requests/{sent['service_request_id']}.json", params=key(api)
    ).json()
    assert found["address_id"] == "341299001001002"
    elsewhere = anybody.post(f"{V2}/requests.json", data={**there, "address_id": "999999"})
    assert (elsewhere.status_code, code_of(elsewhere)) == (400, "400")


def code_of(answer: httpx.Response) -> str:
    """Return the code of the only error of a failure, in whichever format."""
    if answer.headers["content-type"] == "application/json; charset=utf-8":
        (error,) = answer.json()
        return str(error["code"])
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    document = etree.fromstring(answer.content)
    assert document.tag == "errors"
    return str(document.findtext("error/code"))


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "wrong"}, 403),
        ({"service_code": ""}, 400),
        ({"service_code": "nothing"}, 404),
        ({"lat": "", "long": ""}, 400),
        ({"lat": "91"}, 400),
        ({"lat": "north"}, 400),
        ({"lat": "nan"}, 400),
        ({"description": "x" * 4001}, 400),
        ({"description": "a\0b"}, 400),
    ],
)
def test_a_failure_has_the_form_of_the_specification(
    api: RunningApi, anybody: httpx.Client, form: str, change: dict[str, str], status: int
) -> None:
    """A code and a description, in the format that was asked for; nothing is stored."""
    answer = anybody.post(f"{V2}/requests.{form}", data={**CAR, **key(api), **change})
    assert answer.status_code == status, answer.text
    assert code_of(answer) == str(status)
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
