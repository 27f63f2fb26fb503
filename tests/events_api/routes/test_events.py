"""GET /events, /events/{id} and /events.geojson."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.events_api.conftest import RunningApi
from tests.events_api.factories import MARKET, away, make_cells, report_json

LITTER = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}


@pytest.fixture
def client(api: RunningApi) -> Iterator[httpx.Client]:
    """An administrator, who may do everything."""
    with api.client() as client:
        yield client


def post(client: httpx.Client, number: int, **changes: Any) -> str:
    """Send the n-th report, 50 m from the one before, and return its event's id."""
    changes = {"position": away(50.0 * number), **changes}
    answer = client.post("/reports", json=report_json(number, **changes))
    assert answer.status_code == 201, answer.text
    event_id: str = answer.json()["event_id"]
    return event_id


def listed(client: httpx.Client, **parameters: Any) -> list[str]:
    """Return the ids of the events listed."""
    answer = client.get("/events", params=parameters)
    assert answer.status_code == 200, answer.text
    return [event["event_id"] for event in answer.json()["events"]]


def test_no_events_is_an_empty_page(client: httpx.Client) -> None:
    """A fresh API lists nothing, and there is no next page."""
    assert client.get("/events").json() == {"events": [], "next_cursor": None}


def test_the_newest_event_comes_first(client: httpx.Client) -> None:
    """Newest by when it was opened, whenever it was observed."""
    first = post(client, 1, observed_at="2026-07-01T09:00:00Z")
    second = post(client, 2, observed_at="2026-07-01T07:00:00Z")
    assert listed(client) == [second, first]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"cell": "341299001001001"}, ["here"]),
        ({"cell": "341299001"}, ["other", "here"]),  # a town
        ({"cell": "341299001002"}, ["other"]),  # a village
        ({"cell": "3412990010010011"}, []),
        ({"cell": "%"}, []),
        ({"matter": "09009"}, ["here"]),
        ({"matter": "06010"}, ["other"]),
        ({"status": "reported"}, ["other", "here"]),
        ({"status": "closed"}, []),
        ({"from": "2026-07-01T08:00:00Z"}, ["other"]),
        ({"to": "2026-07-01T08:00:00Z"}, ["here"]),
        ({"from": "2026-07-01T15:00:00+08:00", "to": "2026-07-01T15:30:00+08:00"}, ["here"]),
        ({"from": "2026-07-02T00:00:00Z"}, []),
        ({"bbox": "115.6199,33.1599,115.6201,33.1601"}, ["here"]),
        ({"bbox": "-180,-90,180,90"}, ["other", "here"]),
        ({"matter": "09009", "cell": "341299001002"}, []),
    ],
)
def test_a_filter_lets_the_right_events_pass(
    client: httpx.Client, parameters: dict[str, str], expected: list[str]
) -> None:
    """One event here at seven, another 100 m off at nine, asked for in every way."""
    ids = {
        "here": post(client, 0, observed_at="2026-07-01T07:00:00Z"),
        "other": post(
            client,
            2,
            observed_at="2026-07-01T09:00:00Z",
            matter=LITTER,
            cell_code="341299001002001",
        ),
    }
    assert listed(client, **parameters) == [ids[name] for name in expected]
    features = client.get("/events.geojson", params=parameters).json()["features"]
    assert [feature["id"] for feature in features] == [ids[name] for name in expected]


@pytest.mark.parametrize(
    "parameters",
    [
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "2,0,1,1"},
        {"bbox": "0,0,nan,1"},
        {"bbox": "0,-91,1,1"},
        {"status": "lost"},
        {"from": "yesterday"},
        {"from": "2026-07-01T08:00:00"},
        {"limit": "0"},
        {"limit": "1001"},
        {"cursor": "!"},
        {"cursor": "e30"},
        {"cursor": "eyJiZWZvcmUiOiAiMSJ9"},
        {"cursor": "eyJiZWZvcmUiOiB0cnVlfQ"},
        {"cursor": "ü"},
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(
    shared_api: RunningApi, parameters: dict[str, str]
) -> None:
    """422 with a sentence that shows what was wrong."""
    with shared_api.client() as client:
        answer = client.get("/events", params=parameters)
    assert answer.status_code == 422, answer.text
    (name,) = parameters
    assert name in answer.json()["detail"]


def test_pages_do_not_shift_when_events_open_meanwhile(client: httpx.Client) -> None:
    """Following the cursors gives every event of the beginning once."""
    ids = [post(client, number) for number in range(5)]
    seen: list[str] = []
    parameters: dict[str, Any] = {"limit": 2}
    number = 100
    while True:
        page = client.get("/events", params=parameters).json()
        seen += [event["event_id"] for event in page["events"]]
        if page["next_cursor"] is None:
            break
        parameters["cursor"] = page["next_cursor"]
        post(client, number := number + 1)
    assert seen == ids[::-1]


def test_the_last_page_that_is_just_full_has_no_cursor(client: httpx.Client) -> None:
    """Nobody is sent to an empty page."""
    for number in range(2):
        post(client, number)
    assert client.get("/events", params={"limit": 2}).json()["next_cursor"] is None


def test_an_unknown_event_is_not_found(client: httpx.Client) -> None:
    """The sentence names it; a text that is no id is refused as such."""
    event_id = "00000000-0000-0000-0000-000000000000"
    assert event_id in client.get(f"/events/{event_id}").json()["detail"]
    assert client.get(f"/events/{event_id}").status_code == 404
    assert client.get("/events/first").status_code == 422


def test_geojson_has_points_in_the_order_lon_lat(client: httpx.Client) -> None:
    """What a map program reads; an event without a position has no geometry."""
    post(client, 0)
    post(client, 1, position=None, ce50_m=None, ce90_m=None)
    answer = client.get("/events.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    geometries = [feature["geometry"] for feature in answer.json()["features"]]
    expected = {"type": "Point", "coordinates": [MARKET.lon_deg, MARKET.lat_deg]}
    assert geometries[0] is None
    assert geometries[1]["type"] == "Point"
    assert geometries[1]["coordinates"] == pytest.approx(expected["coordinates"])


def test_the_cell_is_found_when_the_report_names_none(client: httpx.Client) -> None:
    """An officer's point is tied to its cell, with the probability of the neighbours."""
    collection = {"type": "FeatureCollection", "features": [feature(c) for c in make_cells()]}
    client.put("/cells", json=collection)
    event_id = post(client, 1, position=away(45), ce90_m=8.0, cell_code=None, cells=[])
    event = client.get(f"/events/{event_id}").json()
    assert event["cell_code"] == "341299001001001"
    codes = [share["code"] for share in event["cells"]]
    assert codes == ["341299001001001", "341299001001002"]
    assert sum(share["probability"] for share in event["cells"]) == pytest.approx(1, abs=0.01)


def feature(cell: Any) -> dict[str, Any]:
    """Write a cell as GeoJSON."""
    return {
        "type": "Feature",
        "geometry": cell.polygon.__geo_interface__,
        "properties": {
            "code": cell.code,
            "name": cell.name,
            "town": cell.town,
            "village": cell.village,
        },
    }


@pytest.mark.parametrize(
    "address",
    [
        "/events?from=",
        "/events.csv?to=",
        "/alerts?since=",
        "/ogc/collections/events/items?datetime=",
        "/open311/v2/requests.json?start_date=",
    ],
)
@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_beyond_the_calendar_is_refused(
    shared_api: RunningApi, address: str, edge: str
) -> None:
    """The first and the last hours that can be written are no times in UTC."""
    with shared_api.client() as client:
        assert client.get(f"{address}{edge}").status_code in {400, 422}
