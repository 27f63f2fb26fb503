"""Tokens of those who listen, asked for together."""

from __future__ import annotations

import asyncio

import pytest

from events_api.errors import UnauthenticatedError
from events_api.live_tokens import LiveTokens


def test_one_question_is_asked_for_all_who_listen() -> None:
    """And not for those who have left; one that is out of force is told so."""
    asked: list[frozenset[str]] = []

    async def read(hashes: frozenset[str]) -> frozenset[str]:
        asked.append(hashes)
        await asyncio.sleep(0.001)
        return hashes - {"over"}

    async def scenario() -> None:
        tokens = LiveTokens(read)
        with tokens.listening("left"):
            pass
        with tokens.listening("a"), tokens.listening("a"), tokens.listening("over"):
            await asyncio.gather(*(tokens.check("a") for _ in range(100)))
            with pytest.raises(UnauthenticatedError, match="sign in again"):
                await tokens.check("over")

    asyncio.run(scenario())
    assert len(asked) <= 3
    assert asked[0] == {"a", "over"}
