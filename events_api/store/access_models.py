"""The tables of who may come in and how often, of secrets, and of what citizens send."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from events_api.store.base import Base


class TokenRow(Base):
    """A bearer token: only its hash is kept."""

    __tablename__ = "tokens"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UserRow(Base):
    """A person who signs in; of the password only its argon2 hash is kept."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class SessionRow(Base):
    """A user's short-lived token: only its hash is kept.

    `ends_at` is when it must end however often it is renewed.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user", "user_name"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_name: Mapped[str] = mapped_column(ForeignKey("users.name"))
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class SecretRow(Base):
    """A secret that all processes of one API share, in hex."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class PublicReportRow(Base):
    """Which report a citizen's receipt number stands for."""

    __tablename__ = "public_reports"

    receipt: Mapped[str] = mapped_column(String(20), primary_key=True)
    report_id: Mapped[str] = mapped_column(String(36), unique=True)
    received_at: Mapped[datetime]


class ContactRow(Base):
    """How somebody who reported can be reached: apart from the report, and never shown with it."""

    __tablename__ = "contacts"

    report_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    contact: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]


class RateRow(Base):
    """When somebody has asked so little that the whole burst is theirs again.

    `who` is a keyed hash of a name or an address, `free_at_us` in microseconds of Unix time.
    """

    __tablename__ = "rate_limits"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    who: Mapped[str] = mapped_column(String(32), primary_key=True)
    free_at_us: Mapped[int] = mapped_column(BigInteger)
