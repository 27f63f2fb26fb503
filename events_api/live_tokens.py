"""Whether the tokens of those who listen are still in force: asked for all of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from events_api.errors import UnauthenticatedError
from events_api.shared_reading import SharedReading

ReadInForce = Callable[[frozenset[str]], Awaitable[frozenset[str]]]
"""Returns those of these hashes that are of tokens in force."""


class LiveTokens:
    """The hashes of the tokens that somebody listens with.

    Args:
        read: Asks the database.
    """

    def __init__(self, read: ReadInForce) -> None:
        self._listening: Counter[str] = Counter()
        self._in_force = SharedReading(lambda: read(frozenset(self._listening)))

    @contextmanager
    def listening(self, sha256: str) -> Iterator[None]:
        """Count a listener in until the context is left."""
        self._listening[sha256] += 1
        try:
            yield
        finally:
            self._listening[sha256] -= 1
            if not self._listening[sha256]:
                del self._listening[sha256]

    async def check(self, sha256: str) -> None:
        """Ask about the token of somebody who listens.

        Raises:
            UnauthenticatedError: It is out of force.
        """
        if sha256 not in await self._in_force.fresh():
            raise UnauthenticatedError("This token was revoked or is over; sign in again.")
