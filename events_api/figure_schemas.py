"""What goes over the wire as monthly figures."""

from __future__ import annotations

from events_api.schemas import Wire


class FigureRow(Wire):
    """The figures of one group; its key is null for events that have none."""

    key: str | None
    reported: int
    closed: int
    in_time: int
    overtime: int
    without_limit: int
    repeat: int
    median_handling_hours: float | None


class MonthlyFigures(Wire):
    """The figures of a month, by the county's own clock."""

    month: str
    time_zone: str
    by: str | None
    total: FigureRow
    groups: tuple[FigureRow, ...]
