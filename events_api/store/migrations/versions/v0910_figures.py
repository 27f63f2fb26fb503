"""What monthly figures are counted from, kept by days, and marks of what has changed since.

Revision ID: 0910
Revises: 0700
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from events_api.store.base import UtcDateTime

revision = "0910"
down_revision = "0700"
branch_labels = None
depends_on = None

DEADLINES = ("reported_at", "closed_at", "responsible", "handled_s", "is_late")
EVENTS = ("standard_ref", "code", "lon_deg", "lat_deg", "cell_code", "body")

# The first change since an event was put into the days notes the times it was put under.
MARKS = {
    "deadlines": """
        INSERT INTO figure_marks (event_number, reported_at, closed_at)
        SELECT OLD.event_number, OLD.reported_at, OLD.closed_at
        WHERE NOT EXISTS (SELECT 1 FROM figure_marks WHERE event_number = OLD.event_number)
    """,
    "events": """
        INSERT INTO figure_marks (event_number, reported_at, closed_at)
        SELECT event_number, reported_at, closed_at FROM deadlines
        WHERE event_number = OLD.number
        AND NOT EXISTS (SELECT 1 FROM figure_marks WHERE event_number = OLD.number)
    """,
}
WHEN = {
    "figures_event_changed": ("events", "UPDATE", EVENTS),
    "figures_deadline_changed": ("deadlines", "UPDATE", DEADLINES),
    "figures_deadline_gone": ("deadlines", "DELETE", ()),
}


def upgrade() -> None:
    """Add the tables, empty: the server fills them while it runs, and counts slowly until then."""
    head = op.create_table(
        "figure_head",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("settled_number", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
    )
    op.bulk_insert(head, [{"name": "figures", "settled_number": 0, "words": []}])
    op.create_table(
        "figure_days",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "figure_marks",
        sa.Column("event_number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        for table, statement in MARKS.items():
            _function(table, statement)
    for name, (table, change, columns) in WHEN.items():
        occasion = f"{change} OF {', '.join(columns)}" if columns else change
        differs = " OR ".join(
            f"OLD.{each} {'IS NOT' if is_sqlite else 'IS DISTINCT FROM'} NEW.{each}"
            for each in columns
        )
        when = f"WHEN ({differs})" if differs else ""
        done = (
            f"BEGIN {MARKS[table]}; END"
            if is_sqlite
            else f"EXECUTE FUNCTION figures_mark_{table}()"
        )
        op.execute(f"CREATE TRIGGER {name} AFTER {occasion} ON {table} FOR EACH ROW {when} {done}")


def downgrade() -> None:
    """Drop what was added."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, (table, _, _) in WHEN.items():
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON {table}")
    if not is_sqlite:
        for table in MARKS:
            op.execute(f"DROP FUNCTION figures_mark_{table}()")
    for table in ("figure_marks", "figure_days", "figure_head"):
        op.drop_table(table)


def _function(table: str, statement: str) -> None:
    op.execute(
        f"CREATE FUNCTION figures_mark_{table}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {statement}; RETURN NULL; END $$"
    )
