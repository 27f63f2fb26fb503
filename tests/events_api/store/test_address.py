"""Addresses of databases: read, refused and shown, and never with a password."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL

from events_api.errors import AddressError
from events_api.store.address import parse_address, shown_address, without_password

SECRET = "s3cret-Word"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_way_to_write_postgresql_is_read(scheme: str) -> None:
    """Also the one of other tools."""
    url = parse_address(f"{scheme}://gp:{SECRET}@db.example:5433/events")
    assert (url.drivername, url.host, url.port) == ("postgresql+psycopg", "db.example", 5433)
    assert (url.database, url.password) == ("events", SECRET)


def test_a_file_is_read() -> None:
    """The embedded default."""
    assert parse_address("sqlite:////var/lib/gp/events.sqlite").database == (
        "/var/lib/gp/events.sqlite"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "events.sqlite",
        f"mysql://gp:{SECRET}@db/events",
        f"postgresql+asyncpg://gp:{SECRET}@db/events",
        f"postgresql://gp:{SECRET}@db:port/events",
        f"gp:{SECRET}@db/events",
    ],
)
def test_what_is_none_is_refused_and_not_repeated(text: str) -> None:
    """It may hold a password; the sentence gives an example instead."""
    with pytest.raises(AddressError, match="postgresql://gridpatrol:PASSWORD@") as caught:
        parse_address(text)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@given(password=st.text(min_size=1))
def test_a_password_is_found_wherever_it_stands_and_not_shown(password: str) -> None:
    """Before the host, or behind the question mark."""
    plain = URL.create("postgresql", "gp", None, "db", 5432, "events", {"sslmode": "require"})
    for each in (plain.set(password=password), plain.update_query_dict({"password": password})):
        url = parse_address(each.render_as_string(hide_password=False))
        assert url.password == password
        assert without_password(url) == plain.set(drivername="postgresql+psycopg")
        assert shown_address(url) == "postgresql+psycopg://gp@db:5432/events"
