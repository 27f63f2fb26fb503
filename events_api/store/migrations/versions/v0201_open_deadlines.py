"""Indices for the deadlines of open events.

Revision ID: 0201
Revises: 0200
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0201"
down_revision = "0200"
branch_labels = None
depends_on = None

FORMER = {
    "ix_deadlines_due": ["due_at", "event_number"],
    "ix_deadlines_warn": ["warn_at"],
    "ix_deadlines_responsible": ["responsible", "due_at"],
}
ASKED = ["step", "warn_at", "paused_at", "paused_until", "responsible", "cell_code"]
NEW = {
    "ix_deadlines_due": ["due_at", "event_number", *ASKED],
    "ix_deadlines_open": ["event_number", "due_at", *ASKED],
}


def upgrade() -> None:
    """Keep the cell beside the deadline, and index what is open with all that is asked of it."""
    op.add_column("deadlines", sa.Column("cell_code", sa.String(40)))
    op.execute(
        "UPDATE deadlines SET cell_code = "
        "(SELECT cell_code FROM events WHERE events.number = deadlines.event_number)"
    )
    for name in FORMER:
        op.drop_index(name, "deadlines")
    is_open = sa.text("step IS NOT NULL")
    for name, columns in NEW.items():
        op.create_index(name, "deadlines", columns, sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    """Bring back the former indices."""
    for name in NEW:
        op.drop_index(name, "deadlines")
    for name, columns in FORMER.items():
        op.create_index(name, "deadlines", columns)
    op.drop_column("deadlines", "cell_code")
