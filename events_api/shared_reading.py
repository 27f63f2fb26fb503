"""One reading of the database for all who need the same thing at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedReading(Generic[T]):
    """Reads on behalf of many: a thousand clients that are woken together cost two readings.

    Args:
        read: Reads anew.
    """

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._reading = asyncio.Lock()
        self._count = 0
        self._latest: T | None = None

    async def fresh(self) -> T:
        """Return what a reading gave that began after this was called, whoever began it."""
        # One that is under way may have begun before what the caller was woken for.
        needed = self._count + 1
        async with self._reading:
            if self._count >= needed and self._latest is not None:
                return self._latest
            self._count += 1
            self._latest = None  # should it fail, nobody is given what was read before
            self._latest = await self._read()
            return self._latest
