"""`patrol events export`: events as files."""

import csv
import json

import httpx
import pytest
from openpyxl import load_workbook

from events_api.roles import Role
from tests.events_api.factories import away, report_json
from tests.patrol.conftest import LiveApi, Terminal


@pytest.fixture
def filled(terminal: Terminal, live_api: LiveApi) -> Terminal:
    """A terminal that speaks to an API with two events, one of them litter."""
    terminal.speak_to(live_api.url, live_api.tokens[Role.SUPERVISOR])
    headers = {"Authorization": f"Bearer {live_api.tokens[Role.SUPERVISOR]}"}
    litter = {"standard_ref": "GB/T 47678.5-2026", "code": "06010"}
    for number, changes in ((1, {}), (2, {"matter": litter, "position": away(90.0)})):
        report = report_json(number, **changes)
        httpx.post(f"{live_api.url}/reports", json=report, headers=headers).raise_for_status()
    return terminal


def test_events_are_exported_in_three_forms(filled: Terminal) -> None:
    """By the name of the file, and with what the list is filtered by."""
    assert filled("events", "export", "all.csv").code == 0
    rows = list(csv.DictReader((filled.folder / "all.csv").read_text("utf-8-sig").splitlines()))
    assert [row["matter"] for row in rows] == ["06010", "09009"]
    filled("events", "export", "litter.xlsx", "--matter", "06010", "--status", "reported")
    sheet = load_workbook(filled.folder / "litter.xlsx").active
    assert sheet is not None
    assert len(list(sheet.iter_rows())) == 2
    filled("events", "export", "other.csv", "--source", "nobody", "--responsible", "nobody")
    assert len((filled.folder / "other.csv").read_text("utf-8-sig").splitlines()) == 1
    filled("events", "export", "urgent.csv", "--grade", "A")
    assert len((filled.folder / "urgent.csv").read_text("utf-8-sig").splitlines()) == 1
    assert (
        "'D' is not one of 'A', 'B', 'C'" in filled("events", "export", "x.csv", "--grade", "D").err
    )
    filled("events", "export", "map.geojson", "--bbox", "115,33,116,34")
    collection = json.loads((filled.folder / "map.geojson").read_text("utf-8"))
    assert [each["geometry"]["type"] for each in collection["features"]] == ["Point"] * 2


def test_what_fails_leaves_no_half_file(filled: Terminal) -> None:
    """Neither a new one nor the old one changed."""
    (filled.folder / "all.csv").write_text("old", "utf-8")
    said = filled("events", "export", "all.csv", "--bbox", "nowhere")
    assert (said.code, "bbox" in said.err) == (1, True)
    assert (filled.folder / "all.csv").read_text("utf-8") == "old"
    assert "none of .csv" in filled("events", "export", "all.pdf").err
    filled.speak_to("http://127.0.0.1:9", "token")
    assert filled("events", "export", "all.xlsx").code == 1
    assert sorted(each.name for each in filled.folder.glob("*all*")) == ["all.csv"]
    assert list(filled.folder.glob(".*.half")) == []
