"""Events found by their grade; open ones are looked at for it without their rows being read.

Revision ID: 0960
Revises: 0950
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0960"
down_revision = "0950"
branch_labels = None
depends_on = None

ASKED = (
    *("status", "code", "body", "responsible", "source", "cell_code"),
    *("lat_deg", "lon_deg", "first_day", "last_day"),
)


def upgrade() -> None:
    """Index those that have a grade, and keep it with those that are not closed."""
    _index("ix_events_grade", ("grade", "number", *ASKED), "grade IS NOT NULL")
    op.drop_index("ix_events_unclosed", "events")
    _index("ix_events_unclosed", ("number", *ASKED, "grade"), "status <> 'closed'")


def downgrade() -> None:
    """Leave the grade out again."""
    op.drop_index("ix_events_unclosed", "events")
    _index("ix_events_unclosed", ("number", *ASKED), "status <> 'closed'")
    op.drop_index("ix_events_grade", "events")


def _index(name: str, columns: tuple[str, ...], where: str) -> None:
    holds = sa.text(where)
    op.create_index(name, "events", [*columns], sqlite_where=holds, postgresql_where=holds)
