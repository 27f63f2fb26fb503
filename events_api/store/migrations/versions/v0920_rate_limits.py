"""How often somebody asked, for all servers on one database.

Revision ID: 0920
Revises: 0910
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0920"
down_revision = "0910"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; so far nobody has asked."""
    # What it holds is worth no wait for the disk: a crash of PostgreSQL may empty it.
    is_shared = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "rate_limits",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("who", sa.String(32), primary_key=True),
        sa.Column("free_at_us", sa.BigInteger(), nullable=False),
        prefixes=["UNLOGGED"] if is_shared else [],
    )


def downgrade() -> None:
    """Drop it; everybody begins anew."""
    op.drop_table("rate_limits")
