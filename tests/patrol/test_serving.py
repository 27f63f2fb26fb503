"""The first start of a server lets exactly one administrator in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.local_postgres import LocalPostgres
from events_api.access import authenticate, issue_token
from events_api.roles import Role
from patrol.errors import SettingsError
from patrol.serving import FIRST_ADMIN, first_admin_token, own_database
from patrol.settings import Settings

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_fresh_server_issues_one_admin_token(tmp_path: Path) -> None:
    """The token administers, and a second start issues none."""
    with own_database(Settings(tmp_path)) as database:
        token = first_admin_token(database, NOW)
        assert token is not None
        assert authenticate(database, token, datetime.now(UTC)).role is Role.ADMINISTRATOR
        assert first_admin_token(database, NOW) is None


def test_a_server_with_tokens_issues_none(tmp_path: Path) -> None:
    """Whoever issued a token by hand needs no other."""
    with own_database(Settings(tmp_path)) as database:
        issue_token(database, "centre", Role.ACCEPTOR, NOW)
        assert first_admin_token(database, NOW) is None


def test_the_database_outlives_the_process_that_made_it(tmp_path: Path) -> None:
    """A token issued before is known after opening again."""
    with own_database(Settings(tmp_path)) as database:
        token = first_admin_token(database, NOW)
    assert token is not None
    with own_database(Settings(tmp_path)) as database:
        assert authenticate(database, token, datetime.now(UTC)).name == FIRST_ADMIN


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    """What is in it may still be rescued."""
    settings = Settings(tmp_path)
    settings.database_file.write_text("no database " * 500)
    with (
        pytest.raises(SettingsError, match=r"events\.sqlite cannot be used as .* database"),
        own_database(settings),
    ):
        pass
    assert settings.database_file.read_text().startswith("no database")


def test_another_database_is_used_where_one_is_set(tmp_path: Path) -> None:
    """By its address; the file at home is not made then."""
    other = tmp_path / "elsewhere.sqlite"
    settings = Settings(tmp_path / "home", database_url=f"sqlite:///{other}")
    with own_database(settings) as database:
        assert first_admin_token(database, NOW) is not None
    assert other.exists()
    assert not settings.database_file.exists()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://gp:s3cret@127.0.0.1:9/gp", r"^postgresql\+psycopg://gp@127.0.0.1:9/gp "),
        ("postgresql://127.0.0.1:9/gp?user=gp&password=s3cret", "GRIDPATROL_DATABASE_URL"),
        ("postgresql://gp:s3cret@127.0.0.1:port/gp", "^GRIDPATROL_DATABASE_URL: This is not"),
        ("mysql://gp:s3cret@127.0.0.1/gp", "^GRIDPATROL_DATABASE_URL: Databases of the kind"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(
    tmp_path: Path, url: str, says: str
) -> None:
    """The sentence is shown and logged."""
    settings = Settings(tmp_path, database_url=url)
    with pytest.raises(SettingsError, match=says) as caught, own_database(settings):
        pass
    for shown in (str(caught.value), repr(caught.value), repr(settings)):
        assert "s3cret" not in shown
        assert "\n" not in shown


def test_a_database_of_postgresql_outlives_the_process_that_made_it(
    tmp_path: Path, postgres: LocalPostgres
) -> None:
    """As a file does."""
    settings = Settings(tmp_path, database_url=postgres.create("serving"))
    with own_database(settings) as database:
        token = first_admin_token(database, NOW)
    assert token is not None
    with own_database(settings) as database:
        assert authenticate(database, token, datetime.now(UTC)).name == FIRST_ADMIN
    postgres.drop("serving")
