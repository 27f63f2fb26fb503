"""Which of the places for evidence an installation has."""

from __future__ import annotations

from pathlib import Path

from events_api.store.bucket_address import Bucket
from events_api.store.evidence import EvidenceFolder, EvidenceStore


def open_evidence(folder: Path, bucket: Bucket | None) -> EvidenceStore:
    """Return where evidence lies: in a folder, or in a bucket with the folder on the way to it."""
    if bucket is None:
        return EvidenceFolder(folder)
    # Its client is loaded by those alone who use it.
    from events_api.store.evidence_bucket import EvidenceBucket  # noqa: PLC0415

    return EvidenceBucket(bucket, folder)
