"""What was removed, what is held, and when that was looked after.

Revision ID: 0600
Revises: 0800
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from events_api.store.base import UtcDateTime

revision = "0600"
down_revision = "0800"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column and two tables; nothing was removed yet, and nothing is held."""
    op.add_column("evidence", sa.Column("removed_at", UtcDateTime()))
    op.create_table(
        "legal_holds",
        sa.Column(
            "event_number",
            sa.Integer(),
            sa.ForeignKey("events.number"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(100), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "retention_runs",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("begun_by", sa.String(100), nullable=False),
        sa.Column("removed", sa.JSON()),
    )


def downgrade() -> None:
    """Drop what was added; of what was removed, the database then no longer knows it."""
    op.drop_table("retention_runs")
    op.drop_table("legal_holds")
    op.drop_column("evidence", "removed_at")
