"""The event API's settings and first tokens, as this machine runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from alembic.util.exc import CommandError
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from events_api.access import issue_token
from events_api.errors import AddressError, ConflictError
from events_api.roles import Role
from events_api.settings import ApiSettings
from events_api.store import tokens
from events_api.store.address import parse_address, shown_address
from events_api.store.database import Database
from events_api.webhooks.settings import WebhookSettings
from patrol.errors import SettingsError
from patrol.home_lock import home_shared
from patrol.settings import Settings

FIRST_ADMIN = "first-admin"


def api_settings(settings: Settings) -> ApiSettings:
    """Return where this machine's event API keeps its things.

    Raises:
        SettingsError: the address of the database is none.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    return ApiSettings(
        database_url=database_address(settings).render_as_string(hide_password=False),
        evidence_folder=settings.evidence_folder,
        evidence_bucket=settings.evidence_bucket,
        alert_sender=settings.alert_sender,
        webhooks=WebhookSettings(settings.webhook_networks),
    )


def database_address(settings: Settings) -> URL:
    """Return where the event API's database is.

    Raises:
        SettingsError: the address of the database is none.
    """
    if not settings.database_url:
        return URL.create("sqlite", database=str(settings.database_file))
    try:
        return parse_address(settings.database_url)
    except AddressError as error:
        raise SettingsError(f"GRIDPATROL_DATABASE_URL: {error}") from None


@contextmanager
def own_database(settings: Settings) -> Iterator[Database]:
    """Open this machine's database, brought to the newest form.

    Raises:
        SettingsError: the database cannot be used, or a backup is being restored to it.
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
        url = database_address(settings)
        # What a driver says first tells why; what follows, and what SQLAlchemy adds, helps nobody.
        said = str(getattr(error, "orig", None) or error).partition("\n")[0]
        if url.get_backend_name() == "sqlite":
            raise SettingsError(
                f"{url.database} cannot be used as the event API's database: {said}. Restore it "
                "from a copy, or move it away to begin anew."
            ) from error
        raise SettingsError(
            f"{shown_address(url)} cannot be used as the event API's database: {said}. See that "
            "the server runs and lets this user make tables, or set GRIDPATROL_DATABASE_URL."
        ) from error


def first_admin_token(database: Database, now: datetime) -> str | None:
    """Return a new administrator's token where no token was ever issued, else None.

    Nobody could enter a fresh server otherwise.
    """
    with database.read() as session:
        if tokens.all_tokens(session):
            return None
    try:
        return issue_token(database, FIRST_ADMIN, Role.ADMINISTRATOR, now)
    except ConflictError:  # another server on the same database was first
        return None
