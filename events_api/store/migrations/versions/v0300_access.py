"""Users and their sessions, secrets, citizens' receipts and contacts, sealed evidence.

Revision ID: 0300
Revises: 0201
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from events_api.store.base import UtcDateTime

revision = "0300"
down_revision = "0201"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables; no evidence of the past is sealed."""
    _make_users()
    _make_public_tables()
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
    )
    op.add_column(
        "evidence", sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index("ix_deadlines_responsible", "deadlines", ["responsible", "event_number"])


def downgrade() -> None:
    """Drop what was added."""
    op.drop_index("ix_deadlines_responsible", "deadlines")
    op.drop_column("evidence", "sealed")
    for table in ("secrets", "contacts", "public_reports", "sessions", "users"):
        op.drop_table(table)


def _make_users() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(60), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime()),
    )
    op.create_table(
        "sessions",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("user_name", sa.String(100), sa.ForeignKey("users.name"), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_sessions_user", "sessions", ["user_name"])


def _make_public_tables() -> None:
    op.create_table(
        "public_reports",
        sa.Column("receipt", sa.String(20), primary_key=True),
        sa.Column("report_id", sa.String(36), nullable=False, unique=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "contacts",
        sa.Column("report_id", sa.String(36), primary_key=True),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
    )
