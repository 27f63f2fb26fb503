"""What is due next, and monthly figures."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from events_api.access import READERS, Asking, allow
from events_api.catalogue.steps import Step
from events_api.figure_schemas import MonthlyFigures
from events_api.months import month_bounds
from events_api.routes.events import PageSize
from events_api.routes.filtered import FilteredRoute
from events_api.routes.media import RecordsResponse
from events_api.routes.parameters import (
    BodyCode,
    Cursor,
    GradeWanted,
    ResponsibleCode,
    TownCode,
    decode_cursor,
    encode_cursor,
    wrong_cursor,
)
from events_api.routes.shown import Reader
from events_api.runtime import RuntimeDep
from events_api.schemas import EventPage, State
from events_api.store import deadlines, figures
from events_api.store.deadlines import DueFilter, DuePlace
from events_api.store.event_records import Record
from events_api.store.figures import GroupBy

router = APIRouter(
    tags=["deadlines"], dependencies=[Depends(allow(READERS))], route_class=FilteredRoute
)


@router.get("/deadlines", response_model=EventPage)
def list_deadlines(  # noqa: PLR0913, PLR0917 - one for each filter
    runtime: RuntimeDep,
    asking: Asking,
    state: State | None = None,
    step: Step | None = None,
    body: BodyCode = None,
    responsible: ResponsibleCode = None,
    town: TownCode = None,
    grade: GradeWanted = None,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> RecordsResponse:
    """List the open events that are due at some time, the most urgent first.

    Overdue ones come first, since they were due first. Events whose clock is paused for as long as
    nobody says otherwise are due at no time: GET /events?deadline=paused lists them.
    """
    reader = Reader.asking(runtime, asking)
    wanted = DueFilter(state, step, body, responsible, town, grade)
    with runtime.database.read() as session:
        after = _read_cursor(cursor)
        found = deadlines.due_next(session, asking.scope, wanted, after, limit + 1, reader.now)
    shown = found[:limit]
    cursor = _write_cursor(shown[-1]) if len(found) > limit else None
    return RecordsResponse({"events": reader.records(shown), "next_cursor": cursor})


@router.get("/figures", response_model=MonthlyFigures)
def get_figures(
    runtime: RuntimeDep,
    asking: Asking,
    month: Annotated[
        str | None, Query(description="Year and month, else the present", examples=["2026-07"])
    ] = None,
    by: GroupBy | None = None,
) -> RecordsResponse:
    """Count a month of the county's own clock, in all and by body, matter, cell or town.

    `in_time`, `overtime` and `without_limit` tell the closed ones apart; `repeat` are the reported
    ones for which another of the same matter had been closed within 30 days, at most 30 m away.
    Figures follow the events: one that is reopened no longer counts as closed.
    """
    with runtime.database.read() as session:
        calendar = runtime.rules.now(session).calendar
        now = runtime.settings.clock()
        month = calendar.local_date(now).strftime("%Y-%m") if month is None else month
        span = month_bounds(month, calendar)
        counted = figures.monthly(session, span, by, asking.scope)
    return RecordsResponse(
        {
            "month": month,
            "time_zone": calendar.zone.key,
            "by": by,
            "total": counted.total,
            "groups": counted.groups,
        }
    )


def _write_cursor(record: Record) -> str:
    due_at: datetime = record["deadline"]["due_at"]
    return encode_cursor({"due": due_at.isoformat(), "after": record["number"]})


def _read_cursor(cursor: str | None) -> DuePlace | None:
    if cursor is None:
        return None
    content = decode_cursor(cursor)
    try:
        due_at, number = datetime.fromisoformat(content["due"]), content["after"]
    except (KeyError, TypeError, ValueError):
        raise wrong_cursor() from None
    if due_at.tzinfo is None or type(number) is not int or not 0 <= number < 2**62:
        raise wrong_cursor()
    return DuePlace(due_at, number)
