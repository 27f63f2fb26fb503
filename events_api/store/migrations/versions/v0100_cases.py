"""The life of an event, scopes of tokens, and the audit.

Revision ID: 0100
Revises: 0001
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from events_api.store.base import UtcDateTime

revision = "0100"
down_revision = "0001"
branch_labels = None
depends_on = None

BEGINNING = "0" * 64
"""What the first row of the audit has in the place of a hash before it."""

LONG_AGO = "1970-01-01 00:00:00"

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_keeps_{verb} BEFORE {verb} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END"
    ),
    "postgresql": (
        "CREATE TRIGGER audit_keeps_{verb} BEFORE {verb} ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
    ),
}
POSTGRESQL_REFUSAL = (
    "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit is only ever added to'; END $$"
)


def upgrade() -> None:
    """Add columns and tables; every event there is begins as reported at its first sight."""
    op.add_column(
        "tokens", sa.Column("scope", sa.String(60), nullable=False, server_default="everywhere")
    )
    _extend_events()
    _make_transitions()
    _make_evidence_uses()
    _make_audit()


def downgrade() -> None:
    """Drop what was added."""
    for table in ("audit", "audit_head", "evidence_uses", "transitions"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_only_added_to()")
    op.drop_index("ix_events_duplicate_of", "events")
    op.drop_index("ix_events_body", "events")
    for column in (
        "suspended_until",
        "extended_until",
        "duplicate_of",
        "body",
        "level",
        "status_since",
        "version",
    ):
        op.drop_column("events", column)
    op.drop_column("tokens", "scope")


def _extend_events() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        # A default is needed for the rows there are; the next statement gives the true times.
        sa.Column("status_since", UtcDateTime(), nullable=False, server_default=LONG_AGO),
        sa.Column("level", sa.String(20), nullable=False, server_default="village"),
        sa.Column("body", sa.String(40)),
        sa.Column("duplicate_of", sa.String(36)),
        sa.Column("extended_until", UtcDateTime()),
        sa.Column("suspended_until", UtcDateTime()),
    )
    for column in columns:
        op.add_column("events", column)
    op.execute("UPDATE events SET status_since = first_observed_at")
    op.create_index("ix_events_body", "events", ["body", "number"])
    op.create_index("ix_events_duplicate_of", "events", ["duplicate_of"])


def _make_transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("event_number", sa.Integer(), sa.ForeignKey("events.number"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("from_status", sa.String(30), nullable=False),
        sa.Column("to_status", sa.String(30), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(120)),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.UniqueConstraint("event_number", "key"),
    )


def _make_evidence_uses() -> None:
    uses = op.create_table(
        "evidence_uses",
        sa.Column("sha256", sa.String(64), sa.ForeignKey("evidence.sha256"), primary_key=True),
        sa.Column(
            "event_number",
            sa.Integer(),
            sa.ForeignKey("events.number"),
            primary_key=True,
            autoincrement=False,
        ),
    )
    for row in _uses_known():
        op.execute(uses.insert().values(**row))


def _uses_known() -> Iterator[dict[str, Any]]:
    query = sa.text("SELECT event_number, report FROM observations")
    known = set(op.get_bind().scalars(sa.text("SELECT sha256 FROM evidence")))
    seen: set[tuple[str, int]] = set()
    for event_number, report in op.get_bind().execute(query).all():
        content = json.loads(report) if isinstance(report, str) else report
        for sha256 in content.get("evidence", []):
            if sha256 in known and (sha256, event_number) not in seen:
                seen.add((sha256, event_number))
                yield {"sha256": sha256, "event_number": event_number}


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("previous_sha256", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"name": "audit", "number": 0, "sha256": BEGINNING}])
    _guard_audit(op.get_bind().dialect.name)


def _guard_audit(dialect: str) -> None:
    # Against mistakes; whoever may change the schema is met by the hashes instead.
    if dialect == "postgresql":
        op.execute(POSTGRESQL_REFUSAL)
    for verb in ("UPDATE", "DELETE"):
        if dialect in GUARDS:
            op.execute(GUARDS[dialect].format(verb=verb))
