"""Settings come from the environment, once."""

from pathlib import Path

import pytest

from patrol.errors import SettingsError
from patrol.settings import DEFAULT_API_URL, read_settings

USER_HOME = Path("/home/operator")


def test_defaults_lie_in_the_users_home() -> None:
    """Without any variable everything lies under one folder of the user's home."""
    settings = read_settings({}, USER_HOME)
    assert settings.home == USER_HOME / ".gridpatrol"
    assert (settings.api_url, settings.token) == (DEFAULT_API_URL, "")


def test_variables_are_followed() -> None:
    """Each of the three variables is used, and a trailing slash does not matter."""
    environment = {
        "GRIDPATROL_HOME": "/data/patrol",
        "GRIDPATROL_API_URL": "https://events.example/",
        "GRIDPATROL_TOKEN": "secret",
    }
    settings = read_settings(environment, USER_HOME)
    assert settings.county_file == Path("/data/patrol/county.gpkg")
    assert (settings.api_url, settings.token) == ("https://events.example", "secret")


def test_an_address_without_a_scheme_is_refused_with_its_text() -> None:
    """The error names the variable and what it held."""
    with pytest.raises(SettingsError, match=r"GRIDPATROL_API_URL is 'events\.example'"):
        read_settings({"GRIDPATROL_API_URL": "events.example"}, USER_HOME)


def test_a_database_elsewhere_is_read_and_not_shown() -> None:
    """Its address may hold a password, and settings are printed when something fails."""
    url = "postgresql://gp:s3cret@db/events"
    settings = read_settings({"GRIDPATROL_DATABASE_URL": url}, USER_HOME)
    assert settings.database_url == url
    assert "s3cret" not in repr(settings)


BUCKET = {
    "GRIDPATROL_EVIDENCE_URL": "s3://kept/county?endpoint=http://127.0.0.1:9000",
    "AWS_ACCESS_KEY_ID": "who",
    "AWS_SECRET_ACCESS_KEY": "hidden",
}


def test_a_bucket_is_read_with_its_keys_and_they_are_not_shown() -> None:
    """Without an address of a bucket, nobody looks at the keys."""
    settings = read_settings(BUCKET, USER_HOME)
    bucket = settings.evidence_bucket
    assert bucket is not None
    assert (bucket.name, bucket.prefix, bucket.host) == ("kept", "county/", "127.0.0.1:9000")
    assert (bucket.access_key, bucket.secret_key) == ("who", "hidden")
    assert "hidden" not in repr(settings)
    keys_alone = {key: value for key, value in BUCKET.items() if key.startswith("AWS")}
    assert read_settings(keys_alone, USER_HOME).evidence_bucket is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"AWS_SECRET_ACCESS_KEY": ""}, "takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({"GRIDPATROL_EVIDENCE_URL": "/mnt/kept"}, "GRIDPATROL_EVIDENCE_URL: This is no address"),
    ],
)
def test_a_bucket_without_keys_or_address_is_refused(change: dict[str, str], said: str) -> None:
    """With what to set."""
    with pytest.raises(SettingsError, match=said):
        read_settings(BUCKET | change, USER_HOME)


def test_networks_and_the_sender_are_read() -> None:
    """What webhooks may go to, and who alerts are from."""
    environment = {
        "GRIDPATROL_WEBHOOK_NETWORKS": "10.0.0.0/8, fd00::/8",
        "GRIDPATROL_ALERT_SENDER": "patrol.county.example",
    }
    settings = read_settings(environment, USER_HOME)
    assert [str(each) for each in settings.webhook_networks] == ["10.0.0.0/8", "fd00::/8"]
    assert settings.alert_sender == "patrol.county.example"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GRIDPATROL_WEBHOOK_NETWORKS", "10.0.0.1/8"),
        ("GRIDPATROL_WEBHOOK_NETWORKS", "inside"),
        ("GRIDPATROL_ALERT_SENDER", "our county"),
        ("GRIDPATROL_ALERT_SENDER", "a,b"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_text(name: str, text: str) -> None:
    """By the name of the variable."""
    with pytest.raises(SettingsError, match=name):
        read_settings({name: text}, USER_HOME)


@pytest.mark.parametrize(
    "name", ["county_file", "database_file", "evidence_folder", "outbox_folder", "flights_folder"]
)
def test_everything_kept_lies_below_home(name: str) -> None:
    """No file is kept outside the one folder."""
    settings = read_settings({"GRIDPATROL_HOME": "/data/patrol"}, USER_HOME)
    assert getattr(settings, name).parent == settings.home
