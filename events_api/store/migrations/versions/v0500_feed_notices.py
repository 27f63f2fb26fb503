"""PostgreSQL tells every server when the feed has grown.

Revision ID: 0500
Revises: 0400
"""

from __future__ import annotations

from alembic import op

revision = "0500"
down_revision = "0400"
branch_labels = None
depends_on = None

# Told once on the commit, however many messages a transaction adds.
FUNCTION = """
CREATE FUNCTION feed_has_grown() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('gridpatrol_feed', ''); RETURN NULL; END $$
"""
TRIGGER = """
CREATE TRIGGER feed_tells AFTER INSERT ON feed FOR EACH STATEMENT EXECUTE FUNCTION feed_has_grown()
"""


def upgrade() -> None:
    """Let the table tell; an SQLite file has one server, which knows."""
    _order(FUNCTION, TRIGGER)


def downgrade() -> None:
    """Let it fall silent."""
    _order("DROP TRIGGER feed_tells ON feed", "DROP FUNCTION feed_has_grown()")


def _order(*statements: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for statement in statements:
        op.execute(statement)
