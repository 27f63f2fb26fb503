"""A county's years of events, put straight into an event API's database from a seed.

What is asked of lists, maps and figures is there as years of work leave it: events with their
deadlines and clocks, one observation each, over every cell of the sample county. Their histories
are not: no list reads them. Nothing but the seed and the time decides what comes out.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Table

from benchmarks.filled_tables import add_rows, unindexed
from events_api.cases import Status
from events_api.catalogue.catalogue_files import SHIPPED_CATALOGUE, parse_catalogue, read_text
from events_api.cell_features import feature_of
from events_api.store import cells
from events_api.store.database import Database
from events_api.store.models import (
    TOWN_DIGITS,
    DeadlineRow,
    EventRow,
    ObservationRow,
    day_of,
    lat_row_of,
)
from events_api.timekeeping import STEP_OF
from geofences.cells import Cell
from geofences.formats.county_files import read_county
from geofences.sample_county.location import sample_county_path

MONTHS = 36
CHUNK = 20_000
BODIES = 12
DAY_S = 86_400.0
HOUR_S = 3600.0
SEEN_AGAIN = 0.3
MEDIAN_HANDLING_H, HANDLING_SPREAD = 30.0, 1.6
FORGOTTEN, REJECTED, DUPLICATE = 0.015, 0.02, 0.01
LIMITS_H = np.array([4.0, 12.0, 24.0, 72.0, 120.0, 240.0])
UNDER_WAY = (
    Status.REPORTED,
    Status.ACCEPTED,
    Status.DISPATCHED,
    Status.HANDLING,
    Status.HANDLING,
    Status.SUSPENDED,
    Status.AWAITING_VERIFICATION,
)
SOURCES = ("uav-1", "uav-2", "uav-3", "camera-12", "officer-wang", "citizen")

Row = dict[str, Any]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class _World:
    """What events are drawn from: the cells, what they are about, and how often each comes."""

    cells: tuple[Cell, ...]
    boxes: Numbers
    cell_shares: Numbers
    matters: tuple[tuple[str, str], ...]
    matter_shares: Numbers
    limits_h: Numbers


def fill(database: Database, count: int, seed: int, now: datetime) -> None:
    """Put the sample county's cells and this many events into a migrated database.

    Args:
        database: Where to; it holds no events yet.
        count: How many events, spread over the 36 months before `now`.
        seed: Decides about everything else.
        now: The moment up to which the county has worked.
    """
    rng = np.random.default_rng(seed)
    world = _world(rng)
    with database.write() as session:
        features = [(cell, feature_of(cell)) for cell in world.cells]
        cells.replace_all(session, features, "bench", now)
    ages_s = np.sort(_ages_s(rng, count))[::-1]
    models = (EventRow, DeadlineRow, ObservationRow)
    tables = [cast("Table", model.__table__) for model in models]
    with unindexed(database, tables):
        for first in range(0, count, CHUNK):
            drawn = list(_drawn(rng, world, first, ages_s[first : first + CHUNK], now))
            with database.write() as session:
                for which, table in enumerate(tables):
                    add_rows(session.connection(), table, [rows[which] for rows in drawn])


def sample_matters() -> tuple[tuple[str, str], ...]:
    """Return the standard and the code of every matter that ships."""
    catalogue = parse_catalogue(read_text(SHIPPED_CATALOGUE), SHIPPED_CATALOGUE.name)
    return tuple((each.standard_ref, each.code) for each in catalogue.matters)


def _world(rng: np.random.Generator) -> _World:
    grid = read_county(sample_county_path()).grid
    matters = sample_matters()
    # Some matters and some cells are seen every day and most seldom.
    ranks = 1.0 + rng.permutation(len(matters))
    busy = rng.lognormal(0.0, 1.0, len(grid.cells))
    return _World(
        cells=grid.cells,
        boxes=shapely.bounds(np.array([cell.polygon for cell in grid.cells], dtype=object)),
        cell_shares=busy / busy.sum(),
        matters=matters,
        matter_shares=(1 / ranks) / (1 / ranks).sum(),
        limits_h=rng.choice(LIMITS_H, len(matters)),
    )


def _ages_s(rng: np.random.Generator, count: int) -> Numbers:
    """Seconds before now of each report: more in summer and by day."""
    days = rng.uniform(0.0, MONTHS * 365.25 / 12, 3 * count)
    kept = days[rng.uniform(0.0, 1.4, len(days)) < 1.0 + 0.4 * np.cos(2 * np.pi * days / 365.25)]
    hours = np.clip(rng.normal(13.0, 3.5, count), 0.0, 23.9)
    ages_s: Numbers = np.floor(kept[:count]) * DAY_S + hours * HOUR_S
    return ages_s


def _drawn(
    rng: np.random.Generator, world: _World, first: int, ages_s: Numbers, now: datetime
) -> Iterator[tuple[Row, Row, Row]]:
    count = len(ages_s)
    chosen = rng.choice(len(world.cells), count, p=world.cell_shares)
    matters = rng.choice(len(world.matters), count, p=world.matter_shares)
    west, south, east, north = world.boxes[chosen].T
    lons, lats = rng.uniform(west, east), rng.uniform(south, north)
    handled_h = rng.lognormal(np.log(MEDIAN_HANDLING_H), HANDLING_SPREAD, count)
    # Some are seen again until they are handled, or nearly until now.
    lasts_s = np.minimum(handled_h * HOUR_S, ages_s) * rng.uniform(0.0, 1.0, count)
    lasts_s[rng.uniform(0.0, 1.0, count) > SEEN_AGAIN] = 0.0
    bodies = rng.zipf(1.6, count) % BODIES + 1
    ce90s = rng.uniform(2.0, 15.0, count)
    scores = rng.uniform(0.4, 0.99, count)
    sources = rng.integers(0, len(SOURCES), count)
    ids = rng.bytes(32 * count)
    statuses = _statuses(rng, ages_s, handled_h)
    for index in range(count):
        number = first + index + 1
        at = now - timedelta(seconds=float(ages_s[index]))
        ref, code = world.matters[matters[index]]
        seen = {
            "source": SOURCES[sources[index]],
            "matter": {"standard_ref": ref, "code": code},
            "score": round(float(scores[index]), 3),
            "lon_deg": round(float(lons[index]), 7),
            "lat_deg": round(float(lats[index]), 7),
            "ce90_m": round(float(ce90s[index]), 2),
            "cell_code": world.cells[chosen[index]].code,
            "last_observed_at": at + timedelta(seconds=float(lasts_s[index])),
        }
        status, body = statuses[index], f"body-{bodies[index]:02}"
        event = _event(number, ids[32 * index : 32 * index + 16], seen, status, body, at)
        if status is Status.CLOSED:
            event["status_since"] = at + timedelta(seconds=float(handled_h[index]) * HOUR_S)
        limit_s = float(world.limits_h[matters[index]]) * HOUR_S
        deadline = _deadline(event, limit_s, float(handled_h[index]) * HOUR_S, body)
        report_id = ids[32 * index + 16 : 32 * index + 32]
        yield event, deadline, _observation(number, report_id, seen, at)


def _statuses(rng: np.random.Generator, ages_s: Numbers, handled_h: Numbers) -> list[Status]:
    lots = rng.uniform(0.0, 1.0, len(ages_s))
    steps = rng.integers(0, len(UNDER_WAY), len(ages_s))
    is_open = (ages_s < handled_h * HOUR_S) | (lots < FORGOTTEN)
    statuses = []
    for lot, step, still in zip(lots, steps, is_open, strict=True):
        if still:
            statuses.append(UNDER_WAY[step])
        elif lot > 1.0 - REJECTED:
            statuses.append(Status.REJECTED)
        elif lot > 1.0 - REJECTED - DUPLICATE:
            statuses.append(Status.DUPLICATE)
        else:
            statuses.append(Status.CLOSED)
    return statuses


GRADED_OF_256 = 26
"""So many have a grade."""


def _event(number: int, key: bytes, seen: Row, status: Status, body: str, at: datetime) -> Row:
    is_given = status not in {Status.REPORTED, Status.ACCEPTED, Status.REJECTED}
    return {
        "number": number,
        "event_id": str(uuid.UUID(bytes=key, version=4)),
        "standard_ref": seen["matter"]["standard_ref"],
        "code": seen["matter"]["code"],
        "class_name": "thing",
        "status": status,
        "score": seen["score"],
        "lon_deg": seen["lon_deg"],
        "lat_deg": seen["lat_deg"],
        "lat_row": lat_row_of(seen["lat_deg"]),
        "ce50_m": round(seen["ce90_m"] / 1.82, 2),
        "ce90_m": seen["ce90_m"],
        "cell_code": seen["cell_code"],
        "town_code": seen["cell_code"][:TOWN_DIGITS],
        "cells": [{"code": seen["cell_code"], "probability": 0.97}],
        "zone_id": None,
        "place": None,
        "why": "seen in 12 frames with a median score of 0.80",
        "source": seen["source"],
        "snapshot": None,
        "observation_count": 1,
        "first_observed_at": at,
        "last_observed_at": seen["last_observed_at"],
        "first_day": day_of(at),
        "last_day": day_of(seen["last_observed_at"]),
        "version": 1 if status is Status.REPORTED else 5,
        "status_since": at,
        "level": "village",
        "body": body if is_given else None,
        "responsible": body,
        "duplicate_of": None,
        "extended_until": None,
        "suspended_until": None,
        "grade": "ABC"[key[0] % 3] if key[1] < GRADED_OF_256 else None,
    }


def _deadline(event: Row, limit_s: float, handled_s: float, body: str) -> Row:
    at, step = event["first_observed_at"], STEP_OF[event["status"]]
    due_at = at + timedelta(seconds=limit_s)
    is_closed = event["status"] is Status.CLOSED
    runs = step is not None
    clock = {
        "step": "handle",
        "limit": {"amount": limit_s / HOUR_S, "unit": "natural_hours"},
        "started_at": at.isoformat(),
        "ended_at": None if runs else (at + timedelta(seconds=handled_s)).isoformat(),
        "due_at": due_at.isoformat(),
        "warn_at": (at + timedelta(seconds=0.75 * limit_s)).isoformat(),
        "paused_at": None,
        "paused_until": None,
        "ran_s": None if runs else handled_s,
        "overran": not runs and handled_s > limit_s,
    }
    return {
        "event_number": event["number"],
        "reported_at": at,
        "closed_at": at + timedelta(seconds=handled_s) if is_closed else None,
        "step": step,
        "started_at": at if runs else None,
        "due_at": due_at if runs else None,
        "warn_at": at + timedelta(seconds=0.75 * limit_s) if runs else None,
        "paused_at": at if event["status"] is Status.SUSPENDED else None,
        "paused_until": None,
        "responsible": body,
        "cell_code": event["cell_code"],
        "handled_s": handled_s if is_closed else None,
        "is_late": handled_s > limit_s if is_closed else None,
        "clocks": [{**clock, "step": name} for name in ("accept", "dispatch", "handle")],
    }


def _observation(number: int, key: bytes, seen: Row, at: datetime) -> Row:
    report_id = str(uuid.UUID(bytes=key, version=4))
    position = {"lon_deg": seen["lon_deg"], "lat_deg": seen["lat_deg"]}
    report = {
        "report_id": report_id,
        "kind": "drone",
        **{name: seen[name] for name in ("source", "matter", "score", "ce90_m", "cell_code")},
        "position": position,
        "observed_at": at.isoformat(),
        "why": "seen in 12 frames with a median score of 0.80",
    }
    return {
        "number": number,
        "report_id": report_id,
        "event_number": number,
        "fingerprint": report_id.replace("-", "") * 2,
        "source": seen["source"],
        "pass_id": f"pass-{at:%Y%m%d}",
        "track_id": number,
        "received_at": at,
        "opened": True,
        "merged_why": "New event: no open one of this matter lies within the position errors.",
        "report": report,
    }
