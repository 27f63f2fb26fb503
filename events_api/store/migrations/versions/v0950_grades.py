"""How grave each event is, where somebody has said so.

Revision ID: 0950
Revises: 0940
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0950"
down_revision = "0940"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let events have a grade; those that are there have none."""
    op.add_column("events", sa.Column("grade", sa.String(1)))


def downgrade() -> None:
    """Forget the grades."""
    op.drop_column("events", "grade")
