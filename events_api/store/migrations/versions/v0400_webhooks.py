"""Webhooks and their messages.

Revision ID: 0400
Revises: 0300
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from events_api.store.base import UtcDateTime

revision = "0400"
down_revision = "0300"
branch_labels = None
depends_on = None

INDICES = {
    "ix_webhook_deliveries_due": ["is_dead", "next_at"],
    "ix_webhook_deliveries_webhook": ["webhook_id", "number"],
}


def upgrade() -> None:
    """Add tables; nobody is told yet."""
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.String(36), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("scope", sa.String(60), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("feed_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("stopped_why", sa.Text()),
        sa.Column("last_delivered_at", UtcDateTime()),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("message_id", sa.String(60), nullable=False, unique=True),
        sa.Column(
            "webhook_id", sa.String(36), sa.ForeignKey("webhooks.webhook_id"), nullable=False
        ),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("is_dead", sa.Boolean(), nullable=False),
        sa.Column("last_answer", sa.Text()),
    )
    for name, columns in INDICES.items():
        op.create_index(name, "webhook_deliveries", columns)


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
