"""OGC API - Features, asked step by step, and read by GDAL."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyogrio
import pytest

from events_api.cell_features import collection_of
from events_api.roles import Role
from tests.events_api.conftest import RunningApi, running, settings_in
from tests.events_api.factories import MARKET, away, make_cells, report_json

EVENTS, CELLS = "/ogc/collections/events/items", "/ogc/collections/cells/items"


def fill(api: RunningApi, count: int = 5) -> None:
    """Put cells, events 60 m apart and an aircraft into an API."""
    with api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells(7))).raise_for_status()
        position = {"position": away(1), "observed_at": "2026-07-01T08:00:00Z"}
        admin.put("/vehicles/falcon/position", json=position)
    with api.client(Role.MACHINE) as drone:
        for number in range(1, count + 1):
            seen = f"2026-07-01T07:{number:02d}:00Z"
            report = report_json(number, position=away(60.0 * number), observed_at=seen)
            drone.post("/reports", json=report).raise_for_status()


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory, template: tuple[Path, dict[Role, str]]
) -> Iterator[RunningApi]:
    """A served county with events that no test changes."""
    folder = tmp_path_factory.mktemp("ogc")
    shutil.copy(template[0], folder)
    with running(settings_in(folder), template[1]) as api:
        fill(api)
        yield api


@pytest.fixture
def reader(filled: RunningApi) -> Iterator[httpx.Client]:
    """A client that reads the county."""
    with filled.client(Role.SUPERVISOR) as client:
        yield client


def pages(client: httpx.Client, address: str) -> list[list[Any]]:
    """Follow `next` to the end, and return the ids of each page."""
    found = []
    for _ in range(20):
        answer = client.get(address)
        assert answer.headers["content-type"] == "application/geo+json", answer.text
        page = answer.json()
        assert page["numberReturned"] == len(page["features"])
        found.append([feature["id"] for feature in page["features"]])
        following = [each["href"] for each in page["links"] if each["rel"] == "next"]
        if not following:
            return found
        (address,) = following
    raise AssertionError("the pages have no end")


def test_everything_is_found_from_the_landing_page(reader: httpx.Client) -> None:
    """By following links and nothing else, as a client that knows only the standard."""
    landing = reader.get("/ogc").json()
    links = {each["rel"]: each["href"] for each in landing["links"]}
    assert any("core" in each for each in reader.get(links["conformance"]).json()["conformsTo"])
    assert "/ogc/collections" in reader.get(links["service-desc"]).json()["paths"]
    collections = reader.get(links["data"]).json()["collections"]
    assert [each["id"] for each in collections] == ["events", "cells", "vehicles"]
    counts = {}
    for each in collections:
        address = {it["rel"]: it["href"] for it in each["links"]}
        assert reader.get(address["self"]).json() == each
        counts[each["id"]] = len(reader.get(address["items"]).json()["features"])
    assert counts == {"events": 5, "cells": 7, "vehicles": 1}
    (west_deg, south_deg, east_deg, north_deg) = collections[0]["extent"]["spatial"]["bbox"][0]
    assert west_deg < MARKET.lon_deg < east_deg
    assert south_deg < MARKET.lat_deg < north_deg


@pytest.mark.parametrize(("address", "sizes"), [(EVENTS, [2, 2, 1]), (CELLS, [3, 3, 1])])
def test_pages_give_each_feature_once(reader: httpx.Client, address: str, sizes: list[int]) -> None:
    """To the last one, which has no link to a next."""
    found = pages(reader, f"{address}?limit={sizes[0]}")
    assert [len(page) for page in found] == sizes
    assert len({each for page in found for each in page}) == sum(sizes)


def test_a_limit_beyond_ours_is_taken_as_ours(reader: httpx.Client) -> None:
    """And is no mistake, says the standard."""
    assert len(reader.get(EVENTS, params={"limit": 10_000_000}).json()["features"]) == 5


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"datetime": "2026-07-01T07:03:00Z"}, 1),
        ({"datetime": "2026-07-01T07:03:00Z/.."}, 3),
        ({"datetime": "../2026-07-01T07:02:00Z"}, 2),
        ({"bbox": f"115,33,{away(130)['lon_deg']},34"}, 2),
        ({"status": "reported", "matter": "09009"}, 5),
        ({"status": "closed"}, 0),
        ({"cell_code": "341299001001001", "town": "341299001"}, 5),
        ({"deadline": "overdue"}, 0),
        ({"f": "json"}, 5),
    ],
)
def test_events_are_filtered(reader: httpx.Client, filters: dict[str, str], count: int) -> None:
    """By time, box and properties, alone and together; the next page keeps the filters."""
    found = pages(reader, str(reader.build_request("GET", EVENTS, params=filters).url))
    assert sum(len(page) for page in found) == count
    two_by_two = {**filters, "limit": "2"}
    found = pages(reader, str(reader.build_request("GET", EVENTS, params=two_by_two).url))
    assert sum(len(page) for page in found) == count


def test_cells_are_filtered(reader: httpx.Client) -> None:
    """By box and by town; a box beside all holds none, and no time leaves one out."""
    edge_deg = MARKET.lon_deg + 0.0011
    for filters, count in (
        ({"bbox": f"115,33,{edge_deg},34"}, 2),
        ({"town": "Riverside 河湾镇"}, 7),
        ({"town": "elsewhere"}, 0),
        ({"bbox": "10,10,11,11"}, 0),
        ({"datetime": "1999-01-01T00:00:00Z"}, 7),
    ):
        assert len(reader.get(CELLS, params=filters).json()["features"]) == count, filters


@pytest.mark.parametrize(
    "wrong",
    [
        {"datetime": "noon"},
        {"bbox": "1,2,3"},
        {"limit": "0"},
        {"limit": "many"},
        {"colour": "red"},
        {"f": "html"},
        {"status": "lost"},
        {"cursor": "%%"},
    ],
)
def test_a_wrong_parameter_is_a_bad_request(reader: httpx.Client, wrong: dict[str, str]) -> None:
    """400 and not 422: the standard says so, for unknown ones too."""
    answer = reader.get(EVENTS, params=wrong)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_one_feature_links_to_its_collection(reader: httpx.Client) -> None:
    """An event, a cell and an aircraft; what is not there is not found."""
    for name, properties in (
        ("events", {"matter": "09009", "matter_zh": "机动车乱停放", "status": "reported"}),
        ("cells", {"town": "Riverside 河湾镇"}),
        ("vehicles", {"name": "falcon"}),
    ):
        items = f"/ogc/collections/{name}/items"
        first = reader.get(items).json()["features"][0]
        one = reader.get(f"{items}/{first['id']}").json()
        links = {each["rel"]: each["href"] for each in one.pop("links")}
        assert one == first
        assert reader.get(links["collection"]).json()["id"] == name
        assert properties.items() <= one["properties"].items()
        nothing = "00000000-0000-0000-0000-000000000000"
        assert reader.get(f"{items}/{nothing}").status_code == 404
    assert reader.get("/ogc/collections/trees").status_code == 404


def test_a_body_is_shown_no_aircraft(api: RunningApi) -> None:
    """As everywhere else."""
    fill(api, 0)
    with api.client() as admin:
        wish = {"name": "crew", "role": "handler", "scope": "body:sanitation"}
        token = admin.post("/tokens", json=wish).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{api.url}/ogc/collections/vehicles/items"
    assert httpx.get(address, headers=headers).json()["features"] == []
    assert httpx.get(f"{address}/falcon", headers=headers).status_code == 404


READ_BY_GDAL = """
import json, sys, pyogrio
source, token = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token})
layers = [str(name) for name, _ in pyogrio.list_layers(source)]
meta, _, points, fields = pyogrio.raw.read(source, layer="events", PAGE_SIZE="2")
rows = dict(zip(meta["fields"], fields, strict=True))
_, _, cells, _ = pyogrio.raw.read(source, layer="cells", bbox=(115, 33, 115.62, 34))
numbers, matters = rows["number"].tolist(), rows["matter_zh"].tolist()
told = {"layers": layers, "numbers": numbers, "matters": matters, "points": len(points)}
print(json.dumps({**told, "cells": len(cells)}))
"""


def read_by_gdal(api: RunningApi, token: str) -> subprocess.CompletedProcess[str]:
    """Let GDAL read an API as QGIS and ogr2ogr do: in a process of its own, as it holds ours."""
    command = [sys.executable, "-c", READ_BY_GDAL, f"OAPIF:{api.url}/ogc", token]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif("OAPIF" not in pyogrio.list_drivers(), reason="this GDAL reads no OAPIF")
def test_gdal_reads_every_layer(filled: RunningApi) -> None:
    """Layers, fields and geometries, over several pages, and only what meets a box."""
    read = read_by_gdal(filled, filled.tokens[Role.SUPERVISOR])
    assert read.returncode == 0, read.stderr
    told = json.loads(read.stdout)
    assert set(told["layers"]) == {"events", "cells", "vehicles"}
    assert told["numbers"] == [5, 4, 3, 2, 1]
    assert set(told["matters"]) == {"机动车乱停放"}
    assert (told["points"], told["cells"]) == (5, 1)


@pytest.mark.skipif("OAPIF" not in pyogrio.list_drivers(), reason="this GDAL reads no OAPIF")
def test_gdal_with_a_wrong_token_reads_nothing(filled: RunningApi) -> None:
    """Map programs are no way round the roles."""
    read = read_by_gdal(filled, "wrong")
    assert read.returncode != 0
    assert "401" in read.stderr
