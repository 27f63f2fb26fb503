"""Secrets that all processes of one API share."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from events_api.store.access_models import SecretRow
from events_api.store.audit_models import AuditHeadRow


def shared(session: Session, name: str, size_bytes: int, now: datetime) -> bytes:
    """Return a secret, made when it is asked for the first time.

    Args:
        session: A writing session.
        name: What it is for.
        size_bytes: How long it is to be.
        now: The present.
    """
    # Of two processes that start together one waits here, and finds what the other has made.
    session.execute(select(AuditHeadRow.number).with_for_update())
    row = session.get(SecretRow, name)
    if row is None:
        row = SecretRow(name=name, value=secrets.token_hex(size_bytes), made_at=now)
        session.add(row)
    return bytes.fromhex(row.value)
