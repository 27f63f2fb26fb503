"""Settings, read once at the roof and handed down as a frozen record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from events_api.errors import AddressError
from events_api.store.bucket_address import Bucket, parse_bucket
from patrol.errors import SettingsError

DEFAULT_API_URL = "http://127.0.0.1:8750"
DEFAULT_SENDER = "gridpatrol"

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Settings:
    """Where things lie and how the event API is reached.

    Attributes:
        home: folder of everything kept: county, database, evidence, flights, outbox.
        api_url: address of the event API.
        token: bearer token for it; empty where none is set.
        webhook_networks: networks that are not public, and webhooks may go to all the same.
        alert_sender: who sends alerts, by a name that is given to nobody else.
        database_url: address of the event API's database; empty for a file of SQLite. It may hold a
            password, and is not shown with the other settings.
        evidence_bucket: where evidence lies, if it is in an S3-compatible store.
    """

    home: Path
    api_url: str = DEFAULT_API_URL
    token: str = ""
    webhook_networks: tuple[Network, ...] = ()
    alert_sender: str = DEFAULT_SENDER
    database_url: str = field(default="", repr=False)
    evidence_bucket: Bucket | None = None

    @property
    def county_file(self) -> Path:
        """The imported county."""
        return self.home / "county.gpkg"

    @property
    def terrain_folder(self) -> Path:
        """Elevation rasters that plans follow and are checked against."""
        return self.home / "terrain"

    @property
    def seen_file(self) -> Path:
        """When each cell was last looked at."""
        return self.home / "seen.json"

    @property
    def database_file(self) -> Path:
        """The event API's SQLite database, where no other is set."""
        return self.home / "events.sqlite"

    @property
    def evidence_folder(self) -> Path:
        """Pictures and clips by their hash."""
        return self.home / "evidence"

    @property
    def outbox_folder(self) -> Path:
        """Reports that wait for the event API."""
        return self.home / "outbox"

    @property
    def passes_folder(self) -> Path:
        """What each pass of a camera looked at and told."""
        return self.home / "passes"

    @property
    def models_folder(self) -> Path:
        """Detectors that a person has added."""
        return self.home / "models"

    @property
    def flights_folder(self) -> Path:
        """Recorded flights."""
        return self.home / "flights"

    @property
    def in_flight_folder(self) -> Path:
        """A lock for each aircraft that is in the hands of a process."""
        return self.home / "in_flight"


def read_settings(environment: Mapping[str, str], user_home: Path) -> Settings:
    """Read the settings from the environment.

    `GRIDPATROL_HOME` (default `.gridpatrol` in the user's home), `GRIDPATROL_API_URL`,
    `GRIDPATROL_TOKEN`, `GRIDPATROL_WEBHOOK_NETWORKS`, `GRIDPATROL_ALERT_SENDER`,
    `GRIDPATROL_DATABASE_URL` and `GRIDPATROL_EVIDENCE_URL` are looked at, with the last one the
    keys of its store (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`), and
    nothing else.

    Raises:
        SettingsError: the address of the API is not an http or https address, a network is none,
            the sender has a sign in it that alerts do not allow, or the address of the evidence is
            no bucket, or has no keys.
    """
    home = Path(environment.get("GRIDPATROL_HOME") or user_home / ".gridpatrol").expanduser()
    api_url = (environment.get("GRIDPATROL_API_URL") or DEFAULT_API_URL).rstrip("/")
    if not api_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"GRIDPATROL_API_URL is {api_url!r}: give an address that begins with http:// or "
            f"https://, for instance {DEFAULT_API_URL}."
        )
    return Settings(
        home,
        api_url,
        environment.get("GRIDPATROL_TOKEN", ""),
        _networks(environment.get("GRIDPATROL_WEBHOOK_NETWORKS", "")),
        _sender(environment.get("GRIDPATROL_ALERT_SENDER") or DEFAULT_SENDER),
        environment.get("GRIDPATROL_DATABASE_URL", ""),
        _bucket(environment),
    )


def _bucket(environment: Mapping[str, str]) -> Bucket | None:
    text = environment.get("GRIDPATROL_EVIDENCE_URL", "")
    if not text:
        return None
    try:
        bucket = parse_bucket(text)
    except AddressError as error:
        raise SettingsError(f"GRIDPATROL_EVIDENCE_URL: {error}") from None
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    access_key, secret_key, session_token = (environment.get(name, "") for name in names)
    if not access_key or not secret_key:
        raise SettingsError(
            f"GRIDPATROL_EVIDENCE_URL names a bucket, which takes {names[0]} and {names[1]}: set "
            "both."
        )
    return replace(
        bucket, access_key=access_key, secret_key=secret_key, session_token=session_token
    )


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(
            f"GRIDPATROL_WEBHOOK_NETWORKS is {text!r}: {error}. Give networks with commas between, "
            "for instance 10.0.0.0/8,192.168.0.0/16."
        ) from None


def _sender(text: str) -> str:
    if any(sign.isspace() or sign in ",<&" for sign in text):
        raise SettingsError(
            f"GRIDPATROL_ALERT_SENDER is {text!r}: spaces, commas, < and & are not allowed in it; "
            "give a domain of yours."
        )
    return text
