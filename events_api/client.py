"""A typed client of the event API."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import httpx

from events_api.api_link import TIMEOUT_S, ApiLink
from events_api.detail_schemas import EventDetail
from events_api.event_query import EventQuery
from events_api.figure_schemas import MonthlyFigures
from events_api.following import LiveMessage, Patience, follow
from events_api.geojson_schemas import CellCollection
from events_api.report_schemas import BatchOutcome, BatchReceipt
from events_api.schemas import (
    EventPage,
    EventSummary,
    Health,
    Receipt,
    Report,
    Transition,
    TransitionRequest,
    VehicleNow,
    VehiclePosition,
    VerificationReport,
)
from events_api.split_schemas import Split, SplitRequest


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token the API takes this one for."""

    name: str
    role: str
    scope: str


class EventApiClient:
    """Speaks to one event API with one token; usable from several threads at once.

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
        self._link = ApiLink(base_url, token, timeout_s=timeout_s, transport=transport)
        self.base_url = self._link.base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._link.close()

    def health(self) -> Health:
        """Ask whether the API lives.

        Raises:
            ApiDownError: It does not.
        """
        return Health.model_validate(self._link.send("GET", "/healthz").json())

    def holder(self) -> Holder:
        """Ask what the token stands for.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token is not in force.
        """
        told = self._link.send("GET", "/sessions/current").json()
        return Holder(told["name"], told["role"], told["scope"])

    def submit_report(self, report: Report) -> Receipt:
        """Send a report; sending it again gives the same event.

        Raises:
            ApiDownError: Nobody answers, or not now; the report may or may not have arrived.
            WrongTokenError: The token may not do this.
            RefusedError: The report cannot be accepted.
        """
        body = report.model_dump(mode="json")
        return Receipt.model_validate(self._link.send("POST", "/reports", json=body).json())

    def submit_reports(self, reports: Sequence[Report]) -> tuple[BatchOutcome, ...]:
        """Send up to a thousand reports at once, and return what became of each, in their order.

        Raises:
            ApiDownError: Nobody answers, or not now; they may or may not have arrived.
            WrongTokenError: The token may not do this.
            RefusedError: They are none or too many, or the API is of a former version.
        """
        return self.submit_written([report.model_dump_json() for report in reports])

    def submit_written(self, reports: Sequence[str]) -> tuple[BatchOutcome, ...]:
        """Send reports as `submit_reports` does, each as its JSON."""
        body = f'{{"reports":[{",".join(reports)}]}}'.encode()
        headers = {"Content-Type": "application/json"}
        answer = self._link.send("POST", "/reports/batch", content=body, headers=headers)
        return BatchReceipt.model_validate_json(answer.content).results

    def put_evidence(self, data: bytes, media_type: str) -> str:
        """Store a picture or clip and return its SHA-256.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The evidence is too large, or not of its type.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        headers = {"Content-Type": media_type}
        self._link.send("PUT", f"/evidence/{sha256}", content=data, headers=headers)
        return sha256

    def evidence(self, sha256: str) -> bytes:
        """Fetch a picture or clip.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: There is no such evidence.
        """
        return self._link.send("GET", f"/evidence/{sha256}").content

    def put_position(self, name: str, position: VehiclePosition) -> None:
        """Say where an aircraft is.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The position makes no sense.
        """
        body = position.model_dump(mode="json")
        self._link.send("PUT", f"/vehicles/{quote(name, safe='')}/position", json=body)

    def put_cells(self, collection: Mapping[str, Any]) -> int:
        """Replace all cells by a GeoJSON FeatureCollection and return how many there are.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The cells are not a grid; nothing was changed.
        """
        count: int = self._link.send("PUT", "/cells", json=collection).json()["count"]
        return count

    def events(self, query: EventQuery | None = None, /, **filters: str) -> Iterator[EventSummary]:
        """Give every event that the filters let pass, newest first, page by page.

        Args:
            query: The filters as typed values.
            filters: The same as GET /events takes them: `cell`, `town`, `matter`, `status`,
                `deadline`, `body`, `responsible`, `source`, `grade`, `bbox`, `from`, `to`.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: A filter makes no sense.
        """
        yield from self._pages("/events", {**(query or EventQuery()).parameters(), **filters})

    def deadlines(self, **filters: str) -> Iterator[EventSummary]:
        """Give the open events that are due at some time, the most urgent first.

        Args:
            filters: `state`, `step`, `body`, `responsible`, `town`, `grade`, as the route takes.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: A filter makes no sense.
        """
        yield from self._pages("/deadlines", filters)

    def follow(
        self, after: int | None = None, patience: Patience | None = None
    ) -> Generator[LiveMessage]:
        """Follow the live stream without end, over restarts of the server; close it to hang up.

        Args:
            after: The number of the last message that was heard, to miss none since.
            patience: How to come back after a break; for ever unless it says otherwise.

        Raises:
            ApiDownError: Nobody answers for longer than the patience lasts.
            WrongTokenError: The token may not follow, or is no longer in force.
            RefusedError: The number makes no sense.
        """
        return follow(self._link, after, patience or Patience())

    def export(
        self, form: str, query: EventQuery | None = None, /, **filters: str
    ) -> Iterator[bytes]:
        """Give a file with every event that the filters let pass, piece by piece.

        Args:
            form: `csv` or `xlsx`.
            query: The filters as typed values.
            filters: As `events` takes them.

        Raises:
            ApiDownError: Nobody answers, or it falls silent half-way.
            WrongTokenError: The token may not do this.
            RefusedError: A filter makes no sense, or a sheet does not hold so many events.
        """
        asked = {**(query or EventQuery()).parameters(), **filters}
        with self._link.opened(f"/events.{form}", asked) as answer:
            yield from answer.iter_bytes()

    def event(self, event_id: str) -> EventDetail:
        """Fetch one event with all its observations.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: There is no such event.
        """
        return EventDetail.model_validate_json(
            self._link.send("GET", f"/events/{event_id}").content
        )

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
        wanted = (("month", month), ("by", by))
        parameters = {name: value for name, value in wanted if value is not None}
        answer = self._link.send("GET", "/figures", params=parameters)
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
        answer = self._link.send(
            "POST", f"/events/{event_id}/transitions", json=body, headers=headers
        )
        return Transition.model_validate_json(answer.content)

    def verify(self, event_id: str, report: VerificationReport) -> Transition:
        """Send what a second look found; sending it again does no harm.

        Raises:
            ApiDownError: Nobody answers, or not now; it may be sent again.
            WrongTokenError: The token may not do this.
            RefusedError: Nobody awaits a look, or this one proves nothing.
        """
        body = report.model_dump(mode="json")
        answer = self._link.send("POST", f"/events/{event_id}/verifications", json=body)
        return Transition.model_validate_json(answer.content)

    def history(self, event_id: str) -> tuple[Transition, ...]:
        """Fetch every transition of an event, oldest first.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: There is no such event in the token's scope.
        """
        rows = self._link.send("GET", f"/events/{event_id}/history").json()
        return tuple(Transition.model_validate(row) for row in rows)

    def split(self, report_id: str, wish: SplitRequest, version: int) -> Split:
        """Take an observation out of an event that was seen in a version.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The event moved meanwhile (412), or the observation cannot be taken out.
        """
        body = wish.model_dump(mode="json", exclude_none=True)
        seen = {"If-Match": f'"{version}"'}
        path = f"/observations/{report_id}/split"
        answer = self._link.send("POST", path, json=body, headers=seen)
        return Split.model_validate_json(answer.content)

    def cells(self, box: tuple[float, float, float, float] | None = None) -> CellCollection:
        """Fetch the cells, all or those that meet a box of west, south, east and north in degrees.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
            RefusedError: The box is none on Earth.
        """
        asked = EventQuery(box=box).parameters()
        answer = self._link.send("GET", "/cells", params=asked)
        return CellCollection.model_validate_json(answer.content)

    def vehicles(self) -> tuple[VehicleNow, ...]:
        """Fetch where each aircraft was last heard of.

        Raises:
            ApiDownError: Nobody answers, or not now.
            WrongTokenError: The token may not do this.
        """
        rows = self._link.send("GET", "/vehicles").json()
        return tuple(VehicleNow.model_validate(row) for row in rows)

    def _pages(self, path: str, filters: Mapping[str, str]) -> Iterator[EventSummary]:
        parameters = dict(filters)
        while True:
            answer = self._link.send("GET", path, params=parameters)
            page = EventPage.model_validate_json(answer.content)
            yield from page.events
            if page.next_cursor is None:
                return
            parameters["cursor"] = page.next_cursor
