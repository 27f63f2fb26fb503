"""GET /events.csv and GET /events.xlsx."""

from __future__ import annotations

import csv
import io

import httpx
import pytest
from openpyxl import load_workbook

from events_api.roles import Role
from events_api.routes import exports
from tests.events_api.conftest import RunningApi
from tests.events_api.factories import away, report_json


def post(api: RunningApi, count: int) -> None:
    """Send reports of things far apart."""
    with api.client(Role.MACHINE) as drone:
        for number in range(1, count + 1):
            report = report_json(number, position=away(60.0 * number), why=f"=第{number}")
            drone.post("/reports", json=report)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    """Read an answer as CSV."""
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_every_event_is_exported_over_all_pages(
    api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first, each once, with the names of its matter; as CSV and XLSX the same."""
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    post(api, 5)
    with api.client(Role.ACCEPTOR) as client:
        as_csv, as_xlsx = client.get("/events.csv"), client.get("/events.xlsx")
    rows = rows_of(as_csv)
    assert [row["number"] for row in rows] == ["5", "4", "3", "2", "1"]
    assert (rows[0]["matter_zh"], rows[0]["why"]) == ("机动车乱停放", "'=第5")
    assert as_csv.headers["content-disposition"] == 'attachment; filename="events.csv"'
    sheet = load_workbook(io.BytesIO(as_xlsx.content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet["A"]] == ["number", 5, 4, 3, 2, 1]
    assert "spreadsheetml" in as_xlsx.headers["content-type"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("filters", "count"),
    [({"status": "reported"}, 2), ({"status": "closed"}, 0), ({"matter": "06010"}, 0)],
)
def test_an_export_is_filtered_as_the_list_is(
    api: RunningApi, form: str, filters: dict[str, str], count: int
) -> None:
    """What is not asked for is left out, and an empty export has its heading."""
    post(api, 2)
    with api.client(Role.SUPERVISOR) as client:
        answer = client.get(f"/events.{form}", params=filters)
        wrong = client.get(f"/events.{form}", params={"bbox": "1,2"})
    if form == "csv":
        assert len(rows_of(answer)) == count
    else:
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        assert len(list(sheet.iter_rows())) == count + 1
    assert wrong.status_code == 422


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_nobody_exports_what_is_not_theirs(api: RunningApi, form: str) -> None:
    """A town's supervisor gets the town's events, and one of another town none of them."""
    post(api, 1)
    sizes = []
    for town in ("341299001", "341299002"):
        with api.client() as admin:
            wish = {"name": town, "role": "supervisor", "scope": f"town:{town}"}
            token = admin.post("/tokens", json=wish).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{api.url}/events.{form}", headers=headers)
        if form == "csv":
            sizes.append(len(rows_of(answer)))
        else:
            sheet = load_workbook(io.BytesIO(answer.content)).active
            assert sheet is not None
            sizes.append(len(list(sheet.iter_rows())) - 1)
    assert sizes == [1, 0]
