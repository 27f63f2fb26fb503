"""The filters of events: each alone and every two together, in lists, exports and features."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import httpx
import pytest

from events_api.cell_features import collection_of
from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import MARKET, away, make_cells, report_json

Event = dict[str, Any]
LITTER = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
HALF_WAY_DEG = away(150.0)["lon_deg"]
BOX = f"{MARKET.lon_deg - 0.001},33,{HALF_WAY_DEG},34"


@dataclass(frozen=True)
class Filter:
    """A filter, and what it is to let pass, said of an event as lists show it."""

    name: str
    value: str
    holds: Callable[[Event], bool]


def _lies_in_box(event: Event) -> bool:
    place = event["position"]
    return place is not None and place["lon_deg"] <= HALF_WAY_DEG


def _clock(event: Event) -> dict[str, Any]:
    return event["deadline"] or {}


FILTERS = [
    Filter("cell", "341299001001001", lambda event: event["cell_code"] == "341299001001001"),
    Filter("town", "341299002", lambda event: event["cell_code"].startswith("341299002")),
    Filter("matter", "06010", lambda event: event["matter"]["code"] == "06010"),
    Filter("status", "dispatched", lambda event: event["status"] == "dispatched"),
    Filter(
        "from",
        "2026-07-01T07:30:00Z",
        lambda event: event["last_observed_at"] >= "2026-07-01T07:30:00Z",
    ),
    Filter(
        "to",
        "2026-07-01T07:30:00Z",
        lambda event: event["first_observed_at"] <= "2026-07-01T07:30:00Z",
    ),
    Filter("bbox", BOX, _lies_in_box),
    Filter("deadline", "in_time", lambda event: _clock(event).get("state") == "in_time"),
    Filter("body", "sanitation", lambda event: event["body"] == "sanitation"),
    Filter(
        "responsible",
        "sanitation",
        lambda event: _clock(event).get("responsible") == "sanitation",
    ),
    Filter("source", "falcon-2", lambda event: event["source"] == "falcon-2"),
    Filter("grade", "B", lambda event: event["grade"] == "B"),
    Filter("open", "true", lambda event: event["status"] not in {"closed", "rejected"}),
]
ALONE_OR_TWO = [(each,) for each in FILTERS] + list(combinations(FILTERS, 2))


@pytest.fixture(scope="module")
def client(shared_api: RunningApi) -> Iterator[httpx.Client]:
    """Reads a county with a dozen events that differ in everything that is filtered by."""
    with (
        shared_api.client() as admin,
        shared_api.client(Role.ACCEPTOR) as acceptor,
        shared_api.client(Role.DISPATCHER) as dispatcher,
    ):
        admin.put("/cells", json=collection_of(make_cells())).raise_for_status()
        for number in range(12):
            event_id = _post(admin, number)
            if number % 3 == 0:
                grade = "B" if number % 2 else "A"
                _move(acceptor, event_id, {"name": "accept"})
                _move(acceptor, event_id, {"name": "grade", "grade": grade, "reason": "as seen"})
                body = "sanitation" if number % 2 else "traffic"
                _move(dispatcher, event_id, {"name": "dispatch", "body": body})
            elif number % 5 == 1:
                _move(acceptor, event_id, {"name": "reject", "reason": "nothing there"})
        yield admin


def _post(admin: httpx.Client, number: int) -> str:
    report = report_json(
        number,
        source=f"falcon-{number % 2 + 1}",
        position=None if number == 7 else away(40.0 * number),
        cell_code=("341299001001001", "341299001002001", "341299002001001")[number // 2 % 3],
        observed_at=f"2026-07-01T07:{(number * 25) % 60:02d}:00Z",
        **({"matter": LITTER} if number % 4 < 2 else {}),
    )
    answer = admin.post("/reports", json=report)
    assert answer.json()["created"], answer.text
    event_id: str = answer.json()["event_id"]
    return event_id


def _move(client: httpx.Client, event_id: str, wish: dict[str, str]) -> None:
    seen = {"If-Match": client.get(f"/events/{event_id}").headers["etag"]}
    client.post(f"/events/{event_id}/transitions", json=wish, headers=seen).raise_for_status()


def expected(client: httpx.Client, chosen: tuple[Filter, ...]) -> list[int]:
    """Return the numbers of the events that all filters let pass, newest first, by looking."""
    events = client.get("/events").json()["events"]
    return [event["number"] for event in events if all(each.holds(event) for each in chosen)]


@pytest.mark.parametrize("each", FILTERS, ids=lambda each: str(each.name))
def test_each_filter_lets_some_pass_and_others_not(client: httpx.Client, each: Filter) -> None:
    """Or the tests below would say nothing."""
    assert 0 < len(expected(client, (each,))) < 12


@pytest.mark.parametrize(
    "chosen", ALONE_OR_TWO, ids=lambda chosen: "-".join(each.name for each in chosen)
)
def test_lists_hold_what_all_filters_let_pass(
    client: httpx.Client, chosen: tuple[Filter, ...]
) -> None:
    """Alone and in pairs, newest first."""
    asked = {each.name: each.value for each in chosen}
    answer = client.get("/events", params=asked)
    assert [event["number"] for event in answer.json()["events"]] == expected(client, chosen)


@pytest.mark.parametrize(
    "chosen", ALONE_OR_TWO[::3], ids=lambda chosen: "-".join(each.name for each in chosen)
)
def test_exports_and_features_hold_the_same(
    client: httpx.Client, chosen: tuple[Filter, ...]
) -> None:
    """CSV, GeoJSON, Cursor-on-Target and OGC API - Features."""
    numbers = expected(client, chosen)
    asked = {each.name: each.value for each in chosen}
    table = client.get("/events.csv", params=asked).content.decode("utf-8-sig")
    assert [int(row["number"]) for row in csv.DictReader(io.StringIO(table))] == numbers
    features = client.get("/events.geojson", params=asked).json()["features"]
    assert [each["properties"]["number"] for each in features] == numbers
    found = client.get("/ogc/collections/events/items", params=_in_ogc(asked))
    assert [each["properties"]["number"] for each in found.json()["features"]] == numbers


@pytest.mark.parametrize("grade", ["A", "B", "C"])
def test_what_is_due_is_listed_by_grade(client: httpx.Client, grade: str) -> None:
    """As the list of events is, without what is due at no time."""
    due = client.get("/deadlines").json()["events"]
    found = client.get("/deadlines", params={"grade": grade}).json()["events"]
    assert [each["number"] for each in found] == [
        each["number"] for each in due if each["grade"] == grade
    ]
    assert bool(found) == (grade != "C")


@pytest.mark.parametrize("path", ["/events", "/deadlines"])
def test_nobody_is_a_body_without_a_code(client: httpx.Client, path: str) -> None:
    """An empty code is a code that no body has."""
    answer = client.get(path, params={"body": ""})
    assert (answer.status_code, answer.json()["events"]) == (200, [])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/events", 422),
        ("/events.csv", 422),
        ("/events.geojson", 422),
        ("/deadlines", 422),
        ("/ogc/collections/events/items", 400),  # as OGC API - Features has it
    ],
)
def test_an_unknown_grade_is_refused_in_words(client: httpx.Client, path: str, status: int) -> None:
    """And lists nothing."""
    answer = client.get(path, params={"grade": "D"})
    assert answer.status_code == status
    assert "grade: Input should be 'A', 'B' or 'C'" in answer.json()["detail"]


def _in_ogc(asked: dict[str, str]) -> dict[str, str]:
    """Name the filters as OGC API - Features does, which has one parameter for both times."""
    named = {"cell_code" if name == "cell" else name: value for name, value in asked.items()}
    begin, end = named.pop("from", ".."), named.pop("to", "..")
    return named if (begin, end) == ("..", "..") else {**named, "datetime": f"{begin}/{end}"}
