"""A typed client of the event API."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import httpx

from events_api.errors import ApiDownError, RefusedError, WrongTokenError
from events_api.figure_schemas import MonthlyFigures
from events_api.schemas import (
    EventDetail,
    EventPage,
    EventSummary,
    Health,
    Receipt,
    Report,
    Transition,
    TransitionRequest,
    VehiclePosition,
    VerificationReport,
)

TIMEOUT_S = 20.0
BUSY = frozenset({408, 425, 429})
"""Client errors that pass by themselves."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token the API takes this one for."""

    name: str
    role: str
    scope: str


class EventApiClient:
    """Speaks to one event API with one token; usable from one thread at a time.

    Args:
        base_url: Address of the API, such as `http://127.0.0.1:8750`.
        token: Bearer token; may be empty for `health`.
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def health(self) -> Health:
        """Ask whether the API lives.

        Raises:
            ApiDownError: It does not.
        """
        return Health.model_validate(self._send("GET", "/healthz").json())

    def holder(self) -> Holder:
        """Ask what the token stands for.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token is not in force.
        """
        told = self._send("GET", "/sessions/current").json()
        return Holder(told["name"], told["role"], told["scope"])

    def submit_report(self, report: Report) -> Receipt:
        """Send a report; sending it again gives the same event.

        Raises:
            ApiDownError: Nobody answers, or not now; the report may or may not have arrived.
            WrongTokenError: The token may not do this.
            RefusedError: The report cannot be accepted.
        """
        body = report.model_dump(mode="json")
        return Receipt.model_validate(self._send("POST", "/reports", json=body).json())

    def put_evidence(self, data: bytes, media_type: str) -> str:
        """Store a picture or clip and return its SHA-256.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The evidence is too large, or not of its type.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        headers = {"Content-Type": media_type}
        self._send("PUT", f"/evidence/{sha256}", content=data, headers=headers)
        return sha256

    def evidence(self, sha256: str) -> bytes:
        """Fetch a picture or clip.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: There is no such evidence.
        """
        return self._send("GET", f"/evidence/{sha256}").content

    def put_position(self, name: str, position: VehiclePosition) -> None:
        """Say where an aircraft is.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The position makes no sense.
        """
        body = position.model_dump(mode="json")
        self._send("PUT", f"/vehicles/{quote(name, safe='')}/position", json=body)

    def put_cells(self, collection: Mapping[str, Any]) -> int:
        """Replace all cells by a GeoJSON FeatureCollection and return how many there are.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The cells are not a grid; nothing was changed.
        """
        count: int = self._send("PUT", "/cells", json=collection).json()["count"]
        return count

    def events(self, **filters: str) -> Iterator[EventSummary]:
        """Give every event that the filters let pass, newest first, page by page.

        Args:
            filters: `cell`, `town`, `matter`, `status`, `deadline`, `body`, `responsible`,
                `source`, `bbox`, `from`, `to` as GET /events takes them.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: A filter makes no sense.
        """
        parameters = dict(filters)
        while True:
            answer = self._send("GET", "/events", params=parameters)
            page = EventPage.model_validate_json(answer.content)
            yield from page.events
            if page.next_cursor is None:
                return
            parameters["cursor"] = page.next_cursor

    def export(self, form: str, **filters: str) -> Iterator[bytes]:
        """Give a file with every event that the filters let pass, piece by piece.

        Args:
            form: `csv` or `xlsx`.
            filters: As `events` takes them.

        Raises:
            ApiDownError: Nobody answers, or it falls silent half-way.
            WrongTokenError: The token may not do this.
            RefusedError: A filter makes no sense, or a sheet does not hold so many events.
        """
        try:
            with self._http.stream("GET", f"/events.{form}", params=filters) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._refusal(answer)
                yield from answer.iter_bytes()
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ApiDownError(
                f"The event API at {self.base_url} gave no whole export: {error}."
            ) from error

    def event(self, event_id: str) -> EventDetail:
        """Fetch one event with all its observations.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: There is no such event.
        """
        return EventDetail.model_validate_json(self._send("GET", f"/events/{event_id}").content)

    def figures(self, month: str | None = None, by: str | None = None) -> MonthlyFigures:
        """Fetch the figures of a month such as `2026-07`, else of the present one.

        Args:
            month: Year and month.
            by: `body`, `matter`, `cell` or `town`, to tell these apart.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The month makes no sense.
        """
        wanted = {"month": month, "by": by}
        parameters = {name: value for name, value in wanted.items() if value is not None}
        answer = self._send("GET", "/figures", params=parameters)
        return MonthlyFigures.model_validate_json(answer.content)

    def move(
        self, event_id: str, wish: TransitionRequest, version: int, key: str | None = None
    ) -> Transition:
        """Move an event that was seen in a version.

        Args:
            event_id: Which event.
            wish: What is to be done, and why.
            version: The event's `version` as it was seen.
            key: Lets the same wish, sent again, count once.

        Raises:
            ApiDownError: Nobody answers, or not now; with a key it may be sent again.
            WrongTokenError: The token may not do this.
            RefusedError: The event moved meanwhile (412), cannot be moved so (409), or something
                is missing (422).
        """
        headers = {"If-Match": f'"{version}"'} | ({} if key is None else {"Idempotency-Key": key})
        body = wish.model_dump(mode="json", exclude_none=True)
        answer = self._send("POST", f"/events/{event_id}/transitions", json=body, headers=headers)
        return Transition.model_validate_json(answer.content)

    def verify(self, event_id: str, report: VerificationReport) -> Transition:
        """Send what a second look found; sending it again does no harm.

        Raises:
            ApiDownError: Nobody answers, or not now; it may be sent again.
            WrongTokenError: The token may not do this.
            RefusedError: Nobody awaits a look, or this one proves nothing.
        """
        body = report.model_dump(mode="json")
        answer = self._send("POST", f"/events/{event_id}/verifications", json=body)
        return Transition.model_validate_json(answer.content)

    def history(self, event_id: str) -> tuple[Transition, ...]:
        """Fetch every transition of an event, oldest first.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: There is no such event in the token's scope.
        """
        rows = self._send("GET", f"/events/{event_id}/history").json()
        return tuple(Transition.model_validate(row) for row in rows)

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:  # noqa: ANN401
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
