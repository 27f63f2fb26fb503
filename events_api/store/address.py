"""Where a database is: read from a person's text, and shown without its secrets."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from events_api.errors import AddressError

EXAMPLES = (
    "sqlite:////var/lib/gridpatrol/events.sqlite or "
    "postgresql://gridpatrol:PASSWORD@127.0.0.1:5432/gridpatrol"
)
DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""What an address may begin with, and the driver that is meant."""


def parse_address(text: str) -> URL:
    """Read the address of a database.

    Raises:
        AddressError: It is none, or of a database that is not supported. What it says does not
            repeat the text, which may hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise AddressError(
            f"This is not the address of a database: give one such as {EXAMPLES}; signs that mean "
            "something in addresses, such as @ and /, are written %40 and %2F in a password."
        ) from None
    if url.drivername not in DRIVERS:
        raise AddressError(
            f"Databases of the kind {url.drivername!r} are not supported: give an address such as "
            f"{EXAMPLES}."
        )
    # It may stand behind the question mark, too; from here on it is in one place.
    password = url.query.get("password", url.password)
    url = url.set(drivername=DRIVERS[url.drivername]).difference_update_query(["password"])
    return url if password is None else url.set(password=str(password))


def without_password(url: URL) -> URL:
    """Return the address without its password, for where anybody may read it."""
    # `URL.set` takes no password for one that is to stay.
    return URL.create(
        url.drivername, url.username, None, url.host, url.port, url.database, url.query
    )


def shown_address(url: URL) -> str:
    """Write an address for people: without a password, and without what follows a question mark."""
    return without_password(url).set(query={}).render_as_string()
