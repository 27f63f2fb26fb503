"""Whose a token is: asked of the database once for all who ask at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from events_api.errors import UnauthenticatedError
from events_api.roles import Principal, Role, Scope
from events_api.shared_reading import SharedReading
from events_api.store import tokens, users
from events_api.store.tokens import Holder

Read = Callable[[frozenset[str]], Awaitable[Mapping[str, Principal]]]
"""Returns whose tokens have these hashes; those that are out of force are left out."""


class Principals:
    """Whoever asks for something just now; used on one event loop.

    Args:
        read: Asks the database.
    """

    def __init__(self, read: Read) -> None:
        self._asked: Counter[str] = Counter()
        self._reading = SharedReading(lambda: read(frozenset(self._asked)))

    async def known_by(self, sha256: str) -> Principal:
        """Return whose token has this hash, by a reading that begins now or later.

        Raises:
            UnauthenticatedError: No token in force has it.
        """
        self._asked[sha256] += 1
        try:
            found = (await self._reading.fresh()).get(sha256)
        finally:
            self._asked[sha256] -= 1
            if not self._asked[sha256]:
                del self._asked[sha256]
        if found is None:
            raise unknown_token()
        return found


def find(session: Session, sha256: str, now: datetime) -> Principal | None:
    """Return whose token has this hash; none where no token in force has it."""
    return find_all(session, frozenset((sha256,)), now).get(sha256)


def find_all(session: Session, hashes: frozenset[str], now: datetime) -> dict[str, Principal]:
    """Return whose tokens have these hashes; those that are out of force are left out."""
    return complete(session, tokens.holders(session, hashes), hashes, now)


def complete(
    session: Session, found: Mapping[str, Holder], hashes: frozenset[str], now: datetime
) -> dict[str, Principal]:
    """Return whose tokens have these hashes, where those of `tokens` were found already."""
    missing = hashes - found.keys()
    of_users = users.holders(session, missing, now) if missing else {}
    return {
        sha256: Principal(name, Role(role), Scope.parse(scope))
        for sha256, (name, role, scope) in {**found, **of_users}.items()
    }


def unknown_token() -> UnauthenticatedError:
    """Say that no token in force is what was sent."""
    return UnauthenticatedError(
        "This token is not known here, was revoked or is over; sign in again, or ask an "
        "administrator for another."
    )
