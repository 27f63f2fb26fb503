"""How the client reaches the event API, and what it makes of what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from events_api.errors import ApiDownError, RefusedError, WrongTokenError

TIMEOUT_S = 20.0
BUSY = frozenset({408, 425, 429})
"""Client errors that pass by themselves."""


class ApiLink:
    """Sends requests with one token; usable from several threads at once, as httpx's client is.

    Args:
        base_url: Address of the API, such as `http://127.0.0.1:8750`.
        token: Bearer token; may be empty where none is needed.
        timeout_s: Longest silence borne in connecting, sending or reading.
        transport: Another way to reach the API, for instance within the process.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # The environment's proxies are for the world outside, and loopback is the usual case.
        self._http = httpx.Client(
            base_url=self.base_url,
            headers=headers,
            timeout=timeout_s,
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, method: str, path: str, **content: Any) -> httpx.Response:  # noqa: ANN401
        """Send a request and return its answer, which is a success.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The API said no for good.
        """
        try:
            answer = self._http.request(method, path, **content)
        except httpx.TimeoutException as error:
            raise ApiDownError(
                f"The event API at {self.base_url} does not answer in time; it may be overloaded."
            ) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ApiDownError(
                f"No event API answers at {self.base_url}: {error}. Start it with `patrol serve`, "
                "or correct the address."
            ) from error
        if not answer.is_success:
            raise self._refusal(answer)
        return answer

    @contextmanager
    def opened(
        self, path: str, parameters: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """Open an answer that is read piece by piece; it is a success.

        Raises:
            ApiDownError: Nobody answers, or it falls silent half-way.
            WrongTokenError: The token may not do this.
            RefusedError: The API said no for good.
        """
        try:
            with self._http.stream("GET", path, params=parameters, headers=headers) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._refusal(answer)
                yield answer
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ApiDownError(
                f"The event API at {self.base_url} gave no whole answer: {error}."
            ) from error

    def _refusal(self, answer: httpx.Response) -> ApiDownError | WrongTokenError | RefusedError:
        # Three kinds, by what the caller should do: another token, later, or never.
        detail = _detail(answer)
        if answer.status_code in {401, 403}:
            return WrongTokenError(
                f"The event API at {self.base_url} turns this token away: {detail}"
            )
        if answer.is_server_error or answer.status_code in BUSY:
            return ApiDownError(
                f"The event API at {self.base_url} cannot serve now "
                f"({answer.status_code}): {detail}"
            )
        return RefusedError(answer.status_code, detail)


def _detail(answer: httpx.Response) -> str:
    try:
        # Not everything in between speaks problem+json: a proxy answers in HTML.
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}, and no reason was given."
