"""What the event API is told once, at the roof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher

from events_api.cot.settings import CotSettings
from events_api.forwarding.settings import ForwardSettings
from events_api.limiting import Rates
from events_api.roles import Role
from events_api.store.bucket_address import Bucket
from events_api.webhooks.settings import WebhookSettings

MEBIBYTE = 1024 * 1024


def utc_now() -> datetime:
    """Return the wall clock as an aware UTC time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class ApiSettings:
    """Settings of one event API process.

    Attributes:
        database_url: SQLAlchemy address, such as `sqlite:////var/lib/gridpatrol/events.db`.
        evidence_folder: Where pictures and clips lie, by their hash; made when missing.
        evidence_bucket: Where they lie instead, if it is a bucket of an S3-compatible store.
        clock: Gives the present as an aware UTC time.
        evidence_limit_bytes: Largest picture or clip taken.
        public_picture_bytes: Largest picture taken from a citizen.
        body_limit_bytes: Largest other body taken; the cells of a large district fit.
        keep_alive_s: Silence on a live stream after which a comment is sent.
        hasher: How dear a hash of a password is.
        retention_look_s: How often the server asks whether the day's retention is due.
        figures_look_s: How often the server puts what has happened into the days of figures.
        sealed_roles: Who may open sealed evidence, such as originals before blurring.
        rates: How often somebody may sign in or report.
        alert_sender: Who sends alerts: a name that is given to nobody else, such as a domain.
        webhooks: Where webhooks and forwards may go, and how often webhooks are tried.
        forwards: How often foreign servers are asked.
        cot: Who is told of hazards and aircraft by Cursor-on-Target.
    """

    database_url: str
    evidence_folder: Path
    evidence_bucket: Bucket | None = None
    clock: Callable[[], datetime] = utc_now
    evidence_limit_bytes: int = 64 * MEBIBYTE
    public_picture_bytes: int = 10 * MEBIBYTE
    body_limit_bytes: int = 64 * MEBIBYTE
    keep_alive_s: float = 15.0
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    retention_look_s: float = 600.0
    figures_look_s: float = 10.0
    sealed_roles: tuple[Role, ...] = (Role.SUPERVISOR, Role.ADMINISTRATOR)
    rates: Rates = field(default_factory=Rates)
    alert_sender: str = "gridpatrol"
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    forwards: ForwardSettings = field(default_factory=ForwardSettings)
    cot: CotSettings = field(default_factory=CotSettings)
