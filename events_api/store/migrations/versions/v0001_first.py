"""The first tables.

Revision ID: 0001
Revises: none
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from events_api.store.base import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_access()
    _make_cells()
    _make_events()
    _make_observations()
    _make_evidence()
    _make_feed()


def downgrade() -> None:
    """Drop the tables."""
    for table in ("feed", "feed_head", "evidence", "observations", "events", "cell_sets", "cells"):
        op.drop_table(table)
    op.drop_table("tokens")


def _make_access() -> None:
    op.create_table(
        "tokens",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime()),
    )


def _make_cells() -> None:
    op.create_table(
        "cells",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("west_deg", sa.Double(), nullable=False),
        sa.Column("south_deg", sa.Double(), nullable=False),
        sa.Column("east_deg", sa.Double(), nullable=False),
        sa.Column("north_deg", sa.Double(), nullable=False),
        sa.Column("feature", sa.JSON(), nullable=False),
    )
    op.create_index("ix_cells_box", "cells", ["west_deg", "east_deg", "south_deg", "north_deg"])
    op.create_table(
        "cell_sets",
        sa.Column("revision", sa.Integer(), primary_key=True),
        sa.Column("replaced_at", UtcDateTime(), nullable=False),
        sa.Column("replaced_by", sa.String(100), nullable=False),
        sa.Column("cell_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String(36), nullable=False, unique=True),
        sa.Column("standard_ref", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("class_name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("lon_deg", sa.Double()),
        sa.Column("lat_deg", sa.Double()),
        sa.Column("ce50_m", sa.Double()),
        sa.Column("ce90_m", sa.Double()),
        sa.Column("cell_code", sa.String(40)),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("zone_id", sa.String(200)),
        sa.Column("place", sa.String(200)),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("snapshot", sa.String(64)),
        sa.Column("observation_count", sa.Integer(), nullable=False),
        sa.Column("first_observed_at", UtcDateTime(), nullable=False),
        sa.Column("last_observed_at", UtcDateTime(), nullable=False),
    )
    place = ["standard_ref", "code", "status", "lat_deg", "lon_deg"]
    op.create_index("ix_events_place", "events", place)
    op.create_index("ix_events_cell", "events", ["cell_code", "number"])
    op.create_index("ix_events_time", "events", ["last_observed_at"])


def _make_observations() -> None:
    op.create_table(
        "observations",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("report_id", sa.String(36), nullable=False, unique=True),
        sa.Column("event_number", sa.Integer(), sa.ForeignKey("events.number"), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("pass_id", sa.String(200), nullable=False),
        sa.Column("track_id", sa.BigInteger()),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("merged_why", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
    )
    op.create_index("ix_observations_pass", "observations", ["source", "pass_id", "track_id"])
    op.create_index("ix_observations_event", "observations", ["event_number"])


def _make_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.Column("stored_by", sa.String(100), nullable=False),
    )


def _make_feed() -> None:
    op.create_table(
        "feed",
        sa.Column("feed_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
    )
    head = op.create_table(
        "feed_head",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
    )
    op.bulk_insert(head, [{"name": "feed", "last_id": 0}])
