"""Rows of the audit found by who did it, what, to what, and when.

Revision ID: 0970
Revises: 0960
"""

from __future__ import annotations

from alembic import op

revision = "0970"
down_revision = "0960"
branch_labels = None
depends_on = None

INDICES = ("actor", "action", "subject", "at")


def upgrade() -> None:
    """Index each of them, in the order of the rows."""
    for column in INDICES:
        op.create_index(f"ix_audit_{column}", "audit", [column, "number"])


def downgrade() -> None:
    """Go through all rows again."""
    for column in INDICES:
        op.drop_index(f"ix_audit_{column}", "audit")
