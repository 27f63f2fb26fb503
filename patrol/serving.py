"""The event API's settings and first tokens, as this machine runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from events_api.access import Role, issue_token
from events_api.settings import ApiSettings
from events_api.store import tokens
from events_api.store.database import Database
from patrol.settings import Settings

FIRST_ADMIN = "first-admin"


def api_settings(settings: Settings) -> ApiSettings:
    """Return where this machine's event API keeps its things."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return ApiSettings(
        database_url=f"sqlite:///{settings.database_file}",
        evidence_folder=settings.evidence_folder,
    )


@contextmanager
def own_database(settings: Settings) -> Iterator[Database]:
    """Open this machine's database, brought to the newest form."""
    database = Database(api_settings(settings).database_url)
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def first_admin_token(database: Database, now: datetime) -> str | None:
    """Return a new administrator's token where no token was ever issued, else None.

    Nobody could enter a fresh server otherwise.
    """
    with database.read() as session:
        if tokens.all_tokens(session):
            return None
    return issue_token(database, FIRST_ADMIN, Role.ADMIN, now)
