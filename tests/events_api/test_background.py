"""Work beside requests goes on whatever befalls it."""

import asyncio

import pytest

from events_api.background import in_background


def test_work_that_breaks_off_is_begun_anew(caplog: pytest.LogCaptureFixture) -> None:
    """Otherwise nobody would do it until the server is started again; the log has the reason."""
    begun: list[int] = []

    async def run() -> None:
        again = asyncio.Event()

        async def work() -> None:
            begun.append(len(begun))
            if len(begun) == 1:
                raise ZeroDivisionError("nobody thought of this")
            again.set()
            await asyncio.Event().wait()

        async with in_background("errands", work, pause_s=0.0), asyncio.timeout(60.0):
            await again.wait()

    asyncio.run(run())
    assert begun == [0, 1]
    assert "errands broke off" in caplog.text
    assert "nobody thought of this" in caplog.text


def test_work_ends_with_the_server() -> None:
    """It is told so by cancelling, and has time to tidy up."""
    tidied: list[str] = []

    async def run() -> None:
        begun = asyncio.Event()

        async def work() -> None:
            try:
                begun.set()
                await asyncio.Event().wait()
            finally:
                tidied.append("tidied")

        async with in_background("errands", work), asyncio.timeout(60.0):
            await begun.wait()

    asyncio.run(run())
    assert tidied == ["tidied"]


def test_work_that_is_done_is_not_repeated() -> None:
    """A worker whose feed is closed has nothing left to do."""
    begun: list[int] = []

    async def run() -> None:
        done = asyncio.Event()

        async def work() -> None:
            begun.append(len(begun))
            done.set()

        async with in_background("errands", work, pause_s=0.0), asyncio.timeout(60.0):
            await done.wait()
            await asyncio.sleep(0)

    asyncio.run(run())
    assert begun == [0]
