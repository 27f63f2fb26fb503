"""One reading for many, and what becomes of them when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from events_api.shared_reading import SharedReading


def test_a_reading_that_failed_gives_nobody_what_was_read_before() -> None:
    """Who waited for it reads anew."""
    answers: Iterator[int | Exception] = iter([1, ConnectionError("away"), 3])

    async def read() -> int:
        answer = next(answers)
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scenario() -> list[int | BaseException]:
        shared = SharedReading(read)
        first = await shared.fresh()
        return [
            first,
            *await asyncio.gather(shared.fresh(), shared.fresh(), return_exceptions=True),
        ]

    first, second, third = asyncio.run(scenario())
    assert (first, type(second), third) == (1, ConnectionError, 3)
