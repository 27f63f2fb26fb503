"""Which form the database has, and which ones this program knows."""

from __future__ import annotations

from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from events_api.store.database import MIGRATIONS


def present_revision(session: Session) -> str | None:
    """Return the form that the database has; none if it was never brought to any."""
    found = session.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


@cache
def newest_revision() -> str:
    """Return the form that this program works with."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


@cache
def known_revisions() -> frozenset[str]:
    """Return every form that this program can bring to the newest."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return frozenset(script.revision for script in scripts.walk_revisions())
