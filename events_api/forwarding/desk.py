"""A foreign Open311 server as a client sees it: one request out, and its status back.

Nothing that it says is believed beyond its form: answers are bounded in size and time, names and
notes are cut, and its address must be one that the settings of webhooks allow.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

import httpx

from events_api.errors import ApiError, UnprocessableError
from events_api.interchange.spark import records_of
from events_api.webhooks import guard
from events_api.webhooks.settings import Network

MOST_BYTES = 4 * 1024 * 1024
MOST_OF_NAME, MOST_OF_NOTES = 200, 2000
FINAL = frozenset({400, 404, 405, 410, 413, 415, 422})
"""Answers to a new request that another attempt would not change."""


class ForeignError(ApiError):
    """The foreign server did not do what was asked.

    Attributes:
        is_final: Whether another attempt would change nothing.
    """

    def __init__(self, words: str, *, is_final: bool = False) -> None:
        super().__init__(words)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Account:
    """Where a foreign server is, and how it is spoken to.

    Attributes:
        url: Its endpoint, to which `/requests.json` is added.
        form: The format it answers in; every server speaks XML.
        api_key: The key it gave us.
        jurisdiction_id: Which of its jurisdictions is meant, if it has several.
    """

    url: str
    form: Literal["json", "xml"]
    api_key: str
    jurisdiction_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said of a request; what it did not say is none."""

    foreign_id: str | None = None
    token: str | None = None
    status: str | None = None
    notes: str | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the server is done with it."""
        return (self.status or "").lower() == "closed"


class Desk:
    """Speaks to one foreign server.

    Args:
        account: Where it is.
        networks: Networks that are not public, and may be reached all the same.
        timeout_s: Longest time that one answer may take.
    """

    def __init__(self, account: Account, networks: Sequence[Network], timeout_s: float) -> None:
        self._account, self._networks, self._timeout_s = account, networks, timeout_s

    def send(self, fields: Mapping[str, str]) -> Reply:
        """Open a request.

        Raises:
            ForeignError: It was not opened, or nobody knows whether it was.
        """
        records = self._ask("POST", "requests", fields)
        reply = _reply(records[0]) if records else Reply()
        if reply.foreign_id is None and reply.token is None:
            raise ForeignError("answered neither a service_request_id nor a token")
        return reply

    def find(self, reference: str, service_code: str, since: datetime) -> Reply | None:
        """Look for a request that an attempt without an answer may have opened.

        Raises:
            ForeignError: It does not say.
        """
        begin = since.isoformat(timespec="seconds").replace("+00:00", "Z")
        asked = {"service_code": service_code, "start_date": begin}
        for record in self._ask("GET", "requests", asked):
            if reference in str(record.get("description") or ""):
                return _reply(record)
        return None

    def state(self, foreign_id: str) -> Reply:
        """Ask how a request stands.

        Raises:
            ForeignError: It does not say.
        """
        # By the parameter and not by the path: a foreign name may hold any sign.
        for record in self._ask("GET", "requests", {"service_request_id": foreign_id}):
            reply = _reply(record)
            if reply.foreign_id == foreign_id and reply.status is not None:
                return reply
        raise ForeignError(f"does not know the request {foreign_id}")

    def of_token(self, token: str) -> Reply:
        """Ask which request a token has become; it may have become none yet.

        Raises:
            ForeignError: It does not say.
        """
        quoted = httpx.URL("http://desk/").copy_with(path=f"/{token}").raw_path.decode()[1:]
        records = self._ask("GET", f"tokens/{quoted.replace('/', '%2F')}", {})
        return _reply(records[0]) if records else Reply(token=token)

    def _ask(self, method: str, path: str, fields: Mapping[str, str]) -> list[dict[str, Any]]:
        account = self._account
        sent = {"api_key": account.api_key, **fields}
        if account.jurisdiction_id:
            sent["jurisdiction_id"] = account.jurisdiction_id
        try:
            status, content = self._exchange(method, f"{path}.{account.form}", sent)
        except UnprocessableError as error:
            raise ForeignError(str(error)) from error
        except httpx.HTTPError as error:
            raise ForeignError(f"{type(error).__name__}: {error}") from error
        if not 200 <= status < 300:
            is_final = method == "POST" and status in FINAL
            words = content[:300].decode("utf-8", "replace").replace("\0", "")
            raise ForeignError(f"answered {status}: {words}", is_final=is_final)
        return self._read(content)

    def _exchange(self, method: str, path: str, sent: dict[str, str]) -> tuple[int, bytes]:
        url = guard.check_url(self._account.url)
        address = guard.allowed(url, guard.addresses_of(url), self._networks)
        target = url.copy_with(host=str(address), path=f"{url.path.rstrip('/')}/{path}")
        content = {"data": sent} if method == "POST" else {"params": sent}
        until_s, read = time.monotonic() + self._timeout_s, b""
        # Neither proxies of the environment nor redirects: both would lead past the guard.
        with (
            httpx.Client(timeout=self._timeout_s, trust_env=False, verify=_trusted()) as client,
            client.stream(
                method,
                target,
                headers={"Host": url.netloc.decode()},
                extensions={"sni_hostname": url.host},
                **content,  # type: ignore[arg-type]
            ) as answer,
        ):
            for piece in answer.iter_bytes():
                read += piece
                if len(read) > MOST_BYTES or time.monotonic() > until_s:
                    raise ForeignError("answered without an end")
            return answer.status_code, read

    def _read(self, content: bytes) -> list[dict[str, Any]]:
        try:
            if self._account.form == "xml":
                return list(records_of(content, "request"))
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ForeignError(f"answered what is no {self._account.form}: {error}") from error
        # Some servers wrap the list as their XML does.
        found = found.get("service_requests", [found]) if isinstance(found, dict) else found
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise ForeignError("answered no list of requests")
        return found


@cache
def _trusted() -> ssl.SSLContext:
    # Reading all certificates takes longer than most answers do.
    return httpx.create_ssl_context(trust_env=False)


def _reply(record: Mapping[str, Any]) -> Reply:
    return Reply(
        foreign_id=_text(record.get("service_request_id"), MOST_OF_NAME),
        token=_text(record.get("token"), MOST_OF_NAME),
        status=_text(record.get("status"), 20),
        notes=_text(record.get("status_notes") or record.get("service_notice"), MOST_OF_NOTES),
    )


def _text(value: object, most: int) -> str | None:
    # Numbers where texts are meant are usual; nothing else is a name.
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    clean = "".join(sign for sign in str(value) if sign.isprintable() or sign in "\n\t")
    return clean.encode("utf-8", "ignore").decode().strip()[:most] or None
