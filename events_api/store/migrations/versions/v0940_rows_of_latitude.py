"""Events of a box by rows of latitude, and by longitude within each.

Revision ID: 0940
Revises: 0920
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0940"
down_revision = "0920"
branch_labels = None
depends_on = None

ASKED = (
    *("status", "code", "body", "responsible", "source", "cell_code"),
    *("lat_deg", "lon_deg", "first_day", "last_day"),
)
FILL = {
    # The table is written anew, and its indices in one go; an update would grow each row by row.
    "postgresql": (
        "ALTER TABLE events ALTER COLUMN lat_row TYPE integer"
        " USING CAST(floor(lat_deg * 100) AS integer)"
    ),
    # A cast cuts off towards nought, and so upwards below it.
    "sqlite": (
        "UPDATE events SET lat_row = CAST(lat_deg * 100 AS INTEGER)"
        " - (CAST(lat_deg * 100 AS INTEGER) > lat_deg * 100)"
    ),
}


def upgrade() -> None:
    """Keep the row beside the latitude, and index it in the place of the latitude."""
    op.drop_index("ix_events_lat", "events")
    op.add_column("events", sa.Column("lat_row", sa.Integer()))
    op.execute(FILL[op.get_bind().dialect.name])
    _index("ix_events_row", "lat_row", "lon_deg")


def downgrade() -> None:
    """Bring the index of latitudes back."""
    op.drop_index("ix_events_row", "events")
    op.drop_column("events", "lat_row")
    _index("ix_events_lat", "lat_deg", "lon_deg")


def _index(name: str, *first: str) -> None:
    asked = [each for each in ASKED if each not in first]
    op.create_index(name, "events", [*first, "number", *asked])
