"""OGC API - Features as GDAL reads it, the library under QGIS and `ogr2ogr`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pyogrio
import pytest

from events_api.cell_features import collection_of
from events_api.roles import Role
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import MARKET, away, make_cells, report_json

pytestmark = pytest.mark.skipif(
    "OAPIF" not in pyogrio.list_drivers(), reason="this GDAL reads no OGC API - Features"
)

READ = """
import json, sys
import pyogrio

source, token, layer, options = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token})
if not layer:
    print(json.dumps([str(name) for name, _ in pyogrio.list_layers(source)]))
else:
    options = {k: tuple(v) if k == "bbox" else v for k, v in json.loads(options).items()}
    meta, _, geometry, columns = pyogrio.raw.read(source, layer=layer, **options)
    told = {name: [str(each) for each in values] for name, values in zip(meta["fields"], columns)}
    placed = [place is not None for place in geometry]
    print(json.dumps({**told, "placed": placed, "type": meta["geometry_type"]}))
"""
"""Run in a process of its own: GDAL waits for the server and lets no other thread run."""


@dataclass(frozen=True)
class Reader:
    """Reads a server with GDAL."""

    source: str
    token: str

    def __call__(self, layer: str = "", **options: Any) -> Any:
        """Return the columns of a layer as texts, or the names of all layers."""
        words = [sys.executable, "-c", READ, self.source, self.token, layer, json.dumps(options)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def county(shared_api: RunningApi) -> Reader:
    """A county with seven events, one of them without a position."""
    with shared_api.client() as admin:
        admin.put("/cells", json=collection_of(make_cells(5))).raise_for_status()
        for number in range(7):
            place = away(60.0 * number) if number else None
            report = report_json(number, position=place, cell_code="341299001001001")
            admin.post("/reports", json=report).raise_for_status()
    return Reader(f"OAPIF:{shared_api.url}/ogc", shared_api.tokens[Role.SUPERVISOR])


def test_every_collection_is_a_layer(county: Reader) -> None:
    """Events, cells and aircraft."""
    assert set(county()) == {"events", "cells", "vehicles"}


def test_events_are_read_over_all_pages(county: Reader) -> None:
    """By a client that asks for three at a time; each with one value a column."""
    read = county("events", PAGE_SIZE="3")
    assert sorted(map(int, read["number"])) == list(range(1, 8))
    assert set(read["status"]) == {"reported"}
    assert sum(read["placed"]) == 6


def test_events_and_cells_are_found_in_a_box(county: Reader) -> None:
    """The server is asked, and what it answers lies there."""
    west, south = MARKET.lon_deg - 0.0003, MARKET.lat_deg - 0.0003
    box = (west, south, away(130.0)["lon_deg"], MARKET.lat_deg + 0.0003)
    assert sorted(map(int, county("events", bbox=box)["number"])) == [2, 3]
    near = (west, south, MARKET.lon_deg + 0.0003, MARKET.lat_deg + 0.0003)
    assert county("cells", bbox=near)["code"] == ["341299001001001"]


def test_cells_are_polygons(county: Reader) -> None:
    """With the names that the county gave them."""
    read = county("cells")
    assert (read["type"], len(read["code"])) == ("Polygon", 5)
    assert set(read["town"]) == {"Riverside 河湾镇"}
