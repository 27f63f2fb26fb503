"""Reports and cells to send, each with sensible values where a test does not care."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import shapely

from events_api.schemas import Report
from geofences.cells import Cell
from geofences.geodesy import LonLat, destination

MARKET = LonLat(115.62, 33.16)
JPEG = b"\xff\xd8\xff\xe0 not much of a picture"
PNG = b"\x89PNG\r\n\x1a\n not much of a picture either"
_REPORTS = UUID("6a2f0a1e-0000-4000-8000-000000000000")


def report_id(number: int) -> UUID:
    """Return the id of the test's n-th report."""
    return uuid5(_REPORTS, str(number))


def report_json(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a report of a mis-parked car at the market, with some fields changed."""
    report: dict[str, Any] = {
        "report_id": str(report_id(number)),
        "kind": "drone",
        "source": "falcon-1",
        "pass_id": "pass-1",
        "track_id": number,
        "matter": {"standard_ref": "GB/T 47678.5-2026", "code": "09009"},
        "class_name": "car",
        "score": 0.8,
        "observed_at": "2026-07-01T07:59:00Z",
        "position": {"lon_deg": MARKET.lon_deg, "lat_deg": MARKET.lat_deg},
        "ce50_m": 2.0,
        "ce90_m": 3.6,
        "cell_code": "341299001001001",
        "cells": [{"code": "341299001001001", "probability": 0.97}],
        "zone_id": "no-parking-1",
        "place": None,
        "why": "car stood 30 s in no-parking zone",
        "evidence": [],
    }
    return {**report, **changes}


def make_report(number: int = 1, **changes: Any) -> Report:
    """Return the same as a checked report."""
    return Report.model_validate(report_json(number, **changes))


def away(distance_m: float, bearing_deg: float = 90.0) -> dict[str, float]:
    """Return the position some metres from the market, as JSON."""
    place = destination(MARKET, bearing_deg, distance_m)
    return {"lon_deg": place.lon_deg, "lat_deg": place.lat_deg}


def make_cells(count: int = 4) -> tuple[Cell, ...]:
    """Return a row of square cells of about 100 m, the first around the market."""
    step_deg = 0.001
    return tuple(
        Cell(
            code=f"341299001001{index + 1:03d}",
            polygon=shapely.box(
                MARKET.lon_deg - step_deg / 2 + index * step_deg,
                MARKET.lat_deg - step_deg / 2,
                MARKET.lon_deg + step_deg / 2 + index * step_deg,
                MARKET.lat_deg + step_deg / 2,
            ),
            name=f"Market {index + 1}",
            town="Riverside 河湾镇",
            village="Market 集市村",
        )
        for index in range(count)
    )


def make_catalogue(code: str, limits: tuple[str, ...] = (), rules: str = "") -> str:
    """Return a catalogue file with one matter, its limits and perhaps who is responsible."""
    rows = "".join(f"\n              - {limit}" for limit in limits)
    sanitation = "{id: sanitation, zh: 环卫所, en: Sanitation}"
    named = f"bodies: [{{id: town-one, zh: 一镇, en: Town one}}, {sanitation}]\n"
    bodies = named if rules else ""
    responsible = f"responsible:\n  - {rules}\n" if rules else ""
    return f"""\
version: 2
sources: {{us: {{en: Our own rule.}}}}
clockwork: {{source: Our own rule., pauses: [suspended]}}
{bodies}{responsible}categories:
  - standard_ref: GB/T 47678.5-2026
    code: "06"
    zh: 类
    en: Class
    extent_m: 2
    same_within_h: 24
    colour_class: tidiness
    matters:
      - code: "{code}"
        zh: 一
        en: One
        conditions:
          - limits:{rows or " []"}
"""
