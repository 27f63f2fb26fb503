"""The event API's settings and first tokens, as this machine runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from alembic.util.exc import CommandError
from sqlalchemy.exc import SQLAlchemyError

from events_api.access import issue_token
from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store import tokens
from events_api.store.database import Database
from events_api.webhooks.settings import WebhookSettings
from patrol.errors import SettingsError
from patrol.home_lock import home_shared
from patrol.settings import Settings

FIRST_ADMIN = "first-admin"


def api_settings(settings: Settings) -> ApiSettings:
    """Return where this machine's event API keeps its things."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return ApiSettings(
        database_url=f"sqlite:///{settings.database_file}",
        evidence_folder=settings.evidence_folder,
        alert_sender=settings.alert_sender,
        webhooks=WebhookSettings(settings.webhook_networks),
    )


@contextmanager
def own_database(settings: Settings) -> Iterator[Database]:
    """Open this machine's database, brought to the newest form.

    Raises:
        SettingsError: the file cannot be used as a database, or a backup is being restored to it.
    """
    with home_shared(settings.home):
        database = Database(api_settings(settings).database_url)
        try:
            _migrate(database, settings)
            yield database
        finally:
            database.close()


def _migrate(database: Database, settings: Settings) -> None:
    try:
        database.migrate()
    except (SQLAlchemyError, CommandError) as error:
        raise SettingsError(
            f"{settings.database_file} cannot be used as the event API's database: "
            f"{getattr(error, 'orig', None) or error}. Restore it from a copy, or move it away to "
            "begin anew."
        ) from error


def first_admin_token(database: Database, now: datetime) -> str | None:
    """Return a new administrator's token where no token was ever issued, else None.

    Nobody could enter a fresh server otherwise.
    """
    with database.read() as session:
        if tokens.all_tokens(session):
            return None
    return issue_token(database, FIRST_ADMIN, Role.ADMINISTRATOR, now)
