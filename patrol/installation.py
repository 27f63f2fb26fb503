"""What this installation has, as commands that keep it need it: as it is, not migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from events_api.backups.places import Place, PostgresqlPlace, SqlitePlace
from events_api.store.database import Database
from events_api.store.evidence import EvidenceStore
from events_api.store.evidence_place import open_evidence
from patrol.errors import SettingsError
from patrol.serving import api_settings, database_address
from patrol.settings import Settings


def database_file(settings: Settings) -> Path | None:
    """Return the file of the event API's database; none where a server keeps it."""
    url = database_address(settings)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database)


@contextmanager
def present_database(settings: Settings) -> Iterator[Database]:
    """Open the event API's database in whatever form it is; a running server is not disturbed.

    Raises:
        SettingsError: There is none yet.
    """
    file = database_file(settings)
    if file is not None and not file.exists():
        raise SettingsError(
            f"There is no database at {file} yet; `patrol serve` makes one, or set GRIDPATROL_HOME "
            "to where it is."
        )
    database = Database(api_settings(settings).database_url)
    try:
        yield database
    finally:
        database.close()


def evidence_store(settings: Settings) -> EvidenceStore:
    """Return where the event API's evidence lies."""
    return open_evidence(settings.evidence_folder, settings.evidence_bucket)


def backup_place(settings: Settings) -> Place:
    """Return where a backup's database would go."""
    file = database_file(settings)
    return PostgresqlPlace(database_address(settings)) if file is None else SqlitePlace(file)
