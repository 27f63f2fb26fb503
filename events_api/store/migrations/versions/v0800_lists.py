"""Indices by which lists of a million events are found.

Revision ID: 0800
Revises: 0500
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0800"
down_revision = "0500"
branch_labels = None
depends_on = None

ASKED = (
    "status",
    "code",
    "body",
    "responsible",
    "source",
    "cell_code",
    "lat_deg",
    "lon_deg",
    "first_day",
    "last_day",
)
NEW = {
    "ix_events_cell": ("cell_code",),
    "ix_events_town": ("town_code",),
    "ix_events_source": ("source",),
    "ix_events_code": ("code",),
    "ix_events_body": ("body",),
    "ix_events_responsible": ("responsible",),
    "ix_events_lat": ("lat_deg", "lon_deg"),
    "ix_events_last_day": ("last_day",),
    "ix_events_first_day": ("first_day",),
}
PARTIAL = {
    "ix_events_unclosed": ((), "status <> 'closed'"),
    "ix_events_lasting": (("last_day",), "last_day > first_day + 7"),
}
FORMER = {
    "ix_events_cell": ["cell_code", "number"],
    "ix_events_time": ["last_observed_at"],
    "ix_events_body": ["body", "number"],
}
COLUMNS = ("town_code", "responsible", "first_day", "last_day")
FILL = """
UPDATE events SET
    town_code = substr(cell_code, 1, 9),
    responsible = (SELECT responsible FROM deadlines WHERE event_number = events.number),
    first_day = {first},
    last_day = {last}
"""
DAYS = {
    "sqlite": "CAST(julianday(substr({}, 1, 10)) - 2440587.5 AS INTEGER)",
    "postgresql": "CAST(floor(extract(epoch FROM {}) / 86400) AS INTEGER)",
}


def upgrade() -> None:
    """Keep what lists ask for beside the events, and index it."""
    op.add_column("events", sa.Column("town_code", sa.String(9)))
    op.add_column("events", sa.Column("responsible", sa.String(40)))
    # Every row gets its own below; an addition to a filled table needs something at first.
    op.add_column("events", sa.Column("first_day", sa.Integer, nullable=False, server_default="0"))
    op.add_column("events", sa.Column("last_day", sa.Integer, nullable=False, server_default="0"))
    day = DAYS[op.get_bind().dialect.name]
    times = {"first": day.format("first_observed_at"), "last": day.format("last_observed_at")}
    for name in FORMER:
        op.drop_index(name, "events")
    op.execute(FILL.format(**times))
    for name, first in NEW.items():
        _index(name, first)
    for name, (first, where) in PARTIAL.items():
        holds = sa.text(where)
        _index(name, first, sqlite_where=holds, postgresql_where=holds)


def downgrade() -> None:
    """Bring back the former indices."""
    for name in (*PARTIAL, *NEW):
        op.drop_index(name, "events")
    for name in COLUMNS:
        op.drop_column("events", name)
    for former, columns in FORMER.items():
        op.create_index(former, "events", columns)


def _index(name: str, first: tuple[str, ...], **where: Any) -> None:  # noqa: ANN401 - as Alembic
    asked = [each for each in ASKED if each not in first]
    op.create_index(name, "events", [*first, "number", *asked], **where)
