"""Rules in force and deadlines.

Revision ID: 0200
Revises: 0100
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from events_api.store.base import UtcDateTime

revision = "0200"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the deadlines of events that are there are reckoned at the next start."""
    op.create_table(
        "rule_files",
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("year", sa.Integer()),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("put_at", UtcDateTime(), nullable=False),
        sa.Column("put_by", sa.String(100), nullable=False),
    )
    op.create_table(
        "deadlines",
        sa.Column(
            "event_number",
            sa.Integer(),
            sa.ForeignKey("events.number"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("step", sa.String(20)),
        sa.Column("started_at", UtcDateTime()),
        sa.Column("due_at", UtcDateTime()),
        sa.Column("warn_at", UtcDateTime()),
        sa.Column("paused_at", UtcDateTime()),
        sa.Column("paused_until", UtcDateTime()),
        sa.Column("responsible", sa.String(40)),
        sa.Column("handled_s", sa.Double()),
        sa.Column("is_late", sa.Boolean()),
        sa.Column("clocks", sa.JSON(), nullable=False),
    )
    op.create_index("ix_deadlines_due", "deadlines", ["due_at", "event_number"])
    op.create_index("ix_deadlines_warn", "deadlines", ["warn_at"])
    op.create_index("ix_deadlines_reported", "deadlines", ["reported_at"])
    op.create_index("ix_deadlines_closed", "deadlines", ["closed_at"])
    op.create_index("ix_deadlines_responsible", "deadlines", ["responsible", "due_at"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("deadlines")
    op.drop_table("rule_files")
