"""Which stored pictures and clips still have the bytes that their hash names."""

from __future__ import annotations

import hashlib

from events_api.errors import EvidenceAlteredError, EvidenceLostError
from events_api.store.evidence import EvidenceStore

MOST_KNOWN = 100_000
"""Some ten megabytes; beyond it all is forgotten, and read anew when it is asked for."""


class EvidenceProof:
    """What was read here and had its hash, for as long as nobody touches it.

    Args:
        store: Where it lies.
    """

    def __init__(self, store: EvidenceStore) -> None:
        self._store = store
        self._sound: dict[str, str] = {}

    def check(self, sha256: str) -> int:
        """Make sure that a file is as it was stored, and return how many bytes it has.

        It is read as a whole when it is asked for first, and again once it was touched.

        Raises:
            EvidenceAlteredError: It has other bytes.
            EvidenceLostError: It is not there.
            EvidenceStoreError: The place where it lies cannot be reached.
        """
        stored = self._store.find(sha256)
        if stored is None:
            raise EvidenceLostError(f"The evidence {sha256} is missing. Restore it from a backup.")
        # What is altered while it is read has another stamp when it is asked for next.
        if self._sound.get(sha256) != stored.stamp:
            check_bytes(self._store, sha256)
            if len(self._sound) >= MOST_KNOWN:
                self._sound.clear()
            self._sound[sha256] = stored.stamp
        return stored.size_bytes


def check_bytes(store: EvidenceStore, sha256: str) -> None:
    """Read a file as a whole, and make sure that it has the bytes that its hash names.

    Raises:
        EvidenceAlteredError: It has others.
        EvidenceLostError: It is not there.
        EvidenceStoreError: The place where it lies cannot be reached.
    """
    digest = hashlib.sha256()
    for piece in store.read(sha256):
        digest.update(piece)
    found = digest.hexdigest()
    if found != sha256:
        raise EvidenceAlteredError(
            f"The evidence {sha256} was altered where it lies: its bytes have the SHA-256 {found}. "
            "Find out who did it, and restore it from a backup."
        )
