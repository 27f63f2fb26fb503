"""Passwords: hashed by argon2id, compared in a time that tells nothing about who is known.

A hash takes tens of milliseconds and tens of megabytes on purpose, so that few are made at once.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from events_api.errors import UnprocessableError

LEAST_LETTERS = 10
MOST_LETTERS = 200
AT_ONCE = 2
"""Hashes made at the same time: a crowd that signs in must not fill the memory."""

MADE_BYTES = 12


class Passwords:
    """Makes hashes of passwords and compares with them.

    Args:
        hasher: How dear a hash is; argon2-cffi's own choice follows RFC 9106.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._few = threading.Semaphore(AT_ONCE)

    @cached_property
    def _nobodys(self) -> str:
        return self.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """Return a hash, which says itself how it was made."""
        with self._few:
            return self._hasher.hash(_spelt(password))

    def fits(self, password: str, known: str | None) -> bool:
        """Whether a password is the one of a hash.

        Args:
            password: As somebody typed it.
            known: The hash; none for somebody unknown, which takes as long and never fits.
        """
        nobodys = self._nobodys  # before the two ways part, so that its making tells nothing
        try:
            with self._few:
                self._hasher.verify(known or nobodys, _spelt(password))
        except (VerificationError, InvalidHashError):
            return False
        return known is not None

    def is_outdated(self, known: str) -> bool:
        """Whether hashes are made otherwise by now, so that this one should be made anew."""
        return self._hasher.check_needs_rehash(known)


def check_password(password: str, name: str) -> None:
    """Refuse a password that is easily guessed.

    Length alone counts, as NIST SP 800-63B advises: rules about letters and digits are met by the
    same few tricks everywhere.

    Raises:
        UnprocessableError: It is too short, too long, or holds the name.
    """
    letters = len(_spelt(password))
    if not LEAST_LETTERS <= letters <= MOST_LETTERS:
        raise UnprocessableError(
            f"A password has {LEAST_LETTERS} to {MOST_LETTERS} characters, and this one {letters}; "
            "several words are easily kept in mind."
        )
    if name.casefold() in password.casefold() or len(set(password)) < LEAST_LETTERS // 2:
        raise UnprocessableError(
            "A password neither holds the user's name nor repeats few characters; choose another."
        )


def made_password() -> str:
    """Return a password that nobody can guess, to be shown once and changed."""
    return secrets.token_urlsafe(MADE_BYTES)


def _spelt(password: str) -> str:
    # One letter may be written as one sign or as two, by keyboard; both are the same password.
    return unicodedata.normalize("NFKC", password)
