"""Forwards to other people's Open311 servers.

Revision ID: 0700
Revises: 0600
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from events_api.store.base import UtcDateTime

revision = "0700"
down_revision = "0600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables; nothing is handed on yet."""
    op.create_table(
        "forwards",
        sa.Column("forward_id", sa.String(36), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("form", sa.String(4), nullable=False),
        sa.Column("api_key", sa.Text(), nullable=False),
        sa.Column("jurisdiction_id", sa.Text()),
        sa.Column("body", sa.String(40), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("feed_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_answered_at", UtcDateTime()),
    )
    op.create_table(
        "forwarded_requests",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column(
            "forward_id", sa.String(36), sa.ForeignKey("forwards.forward_id"), nullable=False
        ),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("standing", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("foreign_id", sa.Text()),
        sa.Column("token", sa.Text()),
        sa.Column("foreign_status", sa.String(20)),
        sa.Column("notes", sa.Text()),
        sa.Column("last_answer", sa.Text()),
        sa.UniqueConstraint("forward_id", "event_id", "version"),
    )
    op.create_index("ix_forwarded_requests_due", "forwarded_requests", ["standing", "next_at"])
    op.create_index("ix_forwarded_requests_event", "forwarded_requests", ["event_id"])


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("forwarded_requests")
    op.drop_table("forwards")
