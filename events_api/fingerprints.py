"""Fingerprints of reports: the same for the same content, however it was written."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel


def fingerprint_of(text: str) -> str:
    """Return the fingerprint of a message by its JSON, as we write it."""
    return hashlib.sha256(text.encode()).hexdigest()


def former_fingerprint(message: BaseModel) -> str:
    """Return the fingerprint that a report was stored with before 22 November 2026.

    A report that was received then may be sent again.
    """
    content = message.model_dump(mode="json")
    return fingerprint_of(json.dumps(content, sort_keys=True, separators=(",", ":")))
