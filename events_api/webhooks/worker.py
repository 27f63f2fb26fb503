"""Delivers the queued messages for as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import httpx
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from events_api.background import in_background
from events_api.errors import UnprocessableError
from events_api.feed import Listener
from events_api.runtime import Runtime
from events_api.webhooks import guard, queue
from events_api.webhooks.queue import Answer, Parcel
from events_api.webhooks.signing import signed_headers

log = logging.getLogger(__name__)


@asynccontextmanager
async def delivering(runtime: Runtime) -> AsyncIterator[None]:
    """Deliver until the context is left; what is under way then is sent again later."""
    with runtime.feed.listening(fleeting=False) as listener:
        async with in_background("webhooks", lambda: Courier(runtime, listener).run()):
            yield


class Courier:
    """Fills the queue from the feed and carries its messages out, several at a time.

    Args:
        runtime: The running API.
        listener: Is woken when the feed has grown.
    """

    def __init__(self, runtime: Runtime, listener: Listener) -> None:
        self._runtime = runtime
        self._settings = runtime.settings.webhooks
        self._listener = listener
        self._under_way: dict[asyncio.Task[None], str] = {}
        # Neither proxies of the environment nor redirects: both would lead past the guard.
        self._http = httpx.AsyncClient(
            timeout=self._settings.timeout_s, follow_redirects=False, trust_env=False
        )

    async def run(self) -> None:
        """Deliver without end."""
        try:
            while not self._listener.closed:
                await self._step()
                await self._listener.wait(self._settings.look_s)
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)
            await self._http.aclose()

    async def _step(self) -> None:
        try:
            parcels = await run_in_threadpool(self._collect)
        except SQLAlchemyError as error:
            log.warning("webhooks wait, the database does not answer: %r", error)
            return
        for parcel in parcels:
            task = asyncio.create_task(self._deliver(parcel))
            self._under_way[task] = parcel.webhook_id
            task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._listener.wake()  # there may be more for the hands that are free now

    def _collect(self) -> list[Parcel]:
        database, now = self._runtime.database, self._runtime.settings.clock()
        with database.read() as session:
            behind = queue.behind(session)
        for webhook_id in behind:
            with database.write() as session:
                if queue.fill(session, webhook_id, now):
                    self._runtime.feed.wake()
        each = Counter(self._under_way.values())
        busy = [name for name, count in each.items() if count >= self._settings.at_once_each]
        free = min(self._settings.at_once - len(self._under_way), self._settings.at_once_each)
        if free <= 0:
            return []
        with database.read() as session:
            if not queue.is_due(session, now):
                return []
        # Longer than any attempt may take: nothing is sent twice while it is under way.
        lease = timedelta(seconds=3 * self._settings.timeout_s)
        with database.write() as session:
            return queue.claim(session, now, lease, busy, free)

    async def _deliver(self, parcel: Parcel) -> None:
        answer = await self._send(parcel)
        with suppress(SQLAlchemyError):  # the lease passes, and it is sent again
            await run_in_threadpool(self._settle, parcel, answer)

    def _settle(self, parcel: Parcel, answer: Answer) -> None:
        with self._runtime.database.write() as session:
            now = self._runtime.settings.clock()
            queue.settle(session, parcel, answer, now, self._settings.retry_after_s)

    async def _send(self, parcel: Parcel) -> Answer:
        try:
            url = guard.check_url(parcel.url)
            found = await run_in_threadpool(guard.addresses_of, url)
            address = guard.allowed(url, found, self._settings.networks)
            async with asyncio.timeout(self._settings.timeout_s):
                return await self._post(parcel, url, str(address))
        except UnprocessableError as error:
            return Answer(None, str(error))
        except (httpx.HTTPError, TimeoutError) as error:
            return Answer(None, f"{type(error).__name__}: {error}")

    async def _post(self, parcel: Parcel, url: httpx.URL, address: str) -> Answer:
        now = self._runtime.settings.clock()
        headers = {
            **signed_headers(parcel.secret, parcel.message_id, now, parcel.body),
            "Content-Type": "application/json",
            "Host": url.netloc.decode(),
        }
        request = self._http.stream(
            "POST",
            url.copy_with(host=address),
            content=parcel.body,
            headers=headers,
            extensions={"sni_hostname": url.host},
        )
        # What a receiver says beside its status is not read: it might have no end.
        async with request as answer:
            return Answer(answer.status_code, f"answered {answer.status_code}")
