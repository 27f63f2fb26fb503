"""What to do where the PostgreSQL server that keeps the events does not answer, or refuses."""

import psycopg
from sqlalchemy.exc import SQLAlchemyError

ADDRESS = "GRIDPATROL_DATABASE_URL"
AWAY = (
    f"Start PostgreSQL; if it runs, check host, port, user and database in {ADDRESS}. Nothing is "
    "lost by this: no backup has to be restored."
)
WRONG_PASSWORD = f"Check the user and the password in {ADDRESS}; nothing is lost by this."
NEVER_USED = (
    f"Check the database's name in {ADDRESS}. If it is a new one, start `patrol serve`: it makes "
    "the tables. If it was dropped: `patrol restore FILE`."
)
DAMAGED = (
    "Look into PostgreSQL's log and have its disk checked; then restore from a backup: `patrol "
    "restore FILE --replace`."
)
OTHERWISE = "PostgreSQL's own log says more; give the user what it lacks."

NO_SUCH_TABLE = "42P01"
BROKEN_INSIDE = "XX"


def remedy(error: SQLAlchemyError) -> str:
    """Return what to do about an error of a PostgreSQL database.

    It goes by codes and not by words, which are in the server's language.
    """
    cause = getattr(error, "orig", None)
    if not isinstance(cause, psycopg.Error):
        return AWAY
    if cause.sqlstate is None:  # no connection came about, or it is gone
        connection = cause.pgconn
        asked = connection is not None and (connection.used_password or connection.needs_password)
        return WRONG_PASSWORD if asked else AWAY
    if cause.sqlstate == NO_SUCH_TABLE:
        return NEVER_USED
    return DAMAGED if cause.sqlstate.startswith(BROKEN_INSIDE) else OTHERWISE
