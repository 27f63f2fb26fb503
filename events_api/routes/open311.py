"""Open311 GeoReport v2: services, and service requests in and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from events_api.access import READERS, SENDERS, Asking, allow, anybody
from events_api.catalogue.matters import Matter
from events_api.errors import BadRequestError, NotFoundError, UnprocessableError
from events_api.georeport_schemas import (
    Discovery,
    RequestReceipt,
    RequestShown,
    Service,
    ServiceDefinition,
    TokenAnswer,
)
from events_api.intake import receive
from events_api.intake_reading import Arrival
from events_api.interchange import open311
from events_api.interchange.open311 import ServiceRequest
from events_api.public import check_place
from events_api.roles import Principal
from events_api.routes.georeport import GeoReportRoute, answer, described
from events_api.routes.shown import Reader
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import NO_NUL, Report, Utc
from events_api.store import requests, transitions
from events_api.store.event_records import Record, linked
from events_api.store.requests import Page, RequestFilter

MOST = 1000
SPAN = timedelta(days=90)


async def _arguments(
    api_key: Annotated[str | None, Query(description="A token, in the place of the header")] = None,
    jurisdiction_id: Annotated[
        str | None, Query(description="Passed over: one jurisdiction is served here")
    ] = None,
) -> None:
    """Take what every call of GeoReport may carry; the route has read the key already."""


router = APIRouter(
    prefix="/open311/v2",
    tags=["open311"],
    route_class=GeoReportRoute,
    default_response_class=JSONResponse,
    dependencies=[Depends(_arguments)],
)

OPEN = [Depends(anybody)]  # GeoReport: what can be asked for is known without a key
READ = [Depends(allow(READERS))]
Format = Literal["json", "xml"]
Many = Annotated[str | None, Query(description="One or several, with commas between")]
Text = Annotated[str | None, Form(max_length=1000, pattern=NO_NUL)]


@router.get("/discovery.{form}", dependencies=OPEN, responses=described(Discovery, many=False))
def get_discovery(form: Format, runtime: RuntimeDep, request: Request) -> Response:
    """Say where this Open311 endpoint is and what it speaks."""
    with runtime.database.read() as session:
        changed_at = runtime.rules.now(session).catalogue_file.put_at
    return answer(form, "discovery", open311.discovery(_base(request), changed_at))


@router.get("/services.{form}", dependencies=OPEN, responses=described(Service))
def list_services(form: Format, runtime: RuntimeDep) -> Response:
    """List the matters as services."""
    codes = _codes(runtime)
    return answer(form, "services", [open311.service(*each) for each in codes.items()])


@router.get(
    "/services/{service_code}.{form}",
    dependencies=OPEN,
    responses=described(ServiceDefinition, many=False),
)
def get_service(service_code: str, form: Format, runtime: RuntimeDep) -> Response:
    """Return the definition of a service: no matter of ours asks for further attributes."""
    _found_service(runtime, service_code)
    record = {"service_code": service_code, "attributes": []}
    return answer(form, "service_definition", record)


@router.get("/requests.{form}", dependencies=READ, responses=described(RequestShown))
def list_requests(  # noqa: PLR0913, PLR0917 - one for each parameter
    request: Request,
    form: Format,
    runtime: RuntimeDep,
    asking: Asking,
    service_request_id: Many = None,
    service_code: Many = None,
    status: Many = None,
    start_date: Utc | None = None,
    end_date: Utc | None = None,
    extensions: Annotated[bool, Query(description="Also what GeoReport does not know")] = False,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    """List events as service requests, newest first, a thousand at a time.

    Without dates those of the last 90 days are listed, with one date those of the 90 days that it
    begins or ends; both may be 90 days apart. `service_request_id` overrides all else.
    """
    ids = None if service_request_id is None else _ids(service_request_id.split(","))
    wanted = RequestFilter(ids=ids)
    if ids is None:
        begin, end = _span(start_date, end_date, runtime.settings.clock())
        matters = _matters(runtime, service_code)
        wanted = RequestFilter(None, matters, _is_open(status), begin, end)
    shown = Page(page_size, (page - 1) * page_size)
    found = _Asked(runtime, asking, _base(request), extensions).records(wanted, shown)
    return answer(form, "service_requests", found)


@router.get(
    "/requests/{service_request_id}.{form}", dependencies=READ, responses=described(RequestShown)
)
def get_request(
    request: Request,
    service_request_id: str,
    form: Format,
    runtime: RuntimeDep,
    asking: Asking,
    extensions: Annotated[bool, Query(description="Also what GeoReport does not know")] = False,
) -> Response:
    """Return one event as a service request."""
    wanted = RequestFilter(ids=_ids([service_request_id]))
    found = _Asked(runtime, asking, _base(request), extensions).records(wanted, Page(1))
    if not found:
        raise NotFoundError(f"There is no request {service_request_id} in your scope.")
    return answer(form, "service_requests", found)


@router.get("/tokens/{token}.{form}", dependencies=READ, responses=described(TokenAnswer))
def get_request_of_token(
    request: Request, token: str, form: Format, runtime: RuntimeDep, asking: Asking
) -> Response:
    """Return the request of a token: each has its id at once here, and that is its token."""
    wanted = RequestFilter(ids=_ids([token]))
    if not _Asked(runtime, asking, _base(request)).records(wanted, Page(1)):
        raise NotFoundError(f"There is no token {token} here; requests get their id at once.")
    return answer(form, "service_requests", [{"service_request_id": token, "token": token}])


@router.post(
    "/requests.{form}", dependencies=[Depends(allow(SENDERS))], responses=described(RequestReceipt)
)
def post_request(  # noqa: PLR0913, PLR0917 - one for each field
    form: Format,
    runtime: RuntimeDep,
    asking: Asking,
    service_code: Annotated[str, Form(max_length=100)],
    lat: Annotated[float | None, Form(ge=-90, le=90, allow_inf_nan=False)] = None,
    long: Annotated[float | None, Form(ge=-180, le=180, allow_inf_nan=False)] = None,
    address_string: Text = None,
    address_id: Annotated[
        str | None, Form(max_length=40, pattern=NO_NUL, description="A cell's code")
    ] = None,
    description: Annotated[str, Form(max_length=4000, pattern=NO_NUL)] = "",
    media_url: Text = None,
    api_key: Annotated[str | None, Form(description="A token")] = None,  # noqa: ARG001
) -> Response:
    """Take a service request in; the answer names the event that it opened or joined.

    Say where by `lat` and `long` (WGS 84), `address_string` or `address_id`. Names, e-mail
    addresses and telephone numbers are passed over and not stored.
    """
    matter = _found_service(runtime, service_code)
    sent = ServiceRequest(
        service_code=service_code,
        lat=lat,
        long=long,
        address_string=address_string,
        address_id=address_id,
        description=description,
        media_url=media_url,
    )
    report = _report(runtime, asking, sent, matter)
    with runtime.database.write() as session:
        rules, now = runtime.rules.now(session), runtime.settings.clock()
        arrival = Arrival(asking, now, rules, lambda: runtime.cells.now().grid)
        intake = receive(session, report, arrival)
    runtime.metrics.count_report(intake)
    runtime.feed.wake()
    record = {
        "service_request_id": str(intake.receipt.event_id),
        "service_notice": intake.receipt.merged_why,
        "account_id": None,
    }
    return answer(form, "service_requests", [record])


class _Asked:
    """A question for requests: who asks, from where, and whether for the extensions too."""

    def __init__(
        self,
        runtime: Runtime,
        asking: Principal,
        base: str,
        extensions: bool = False,
    ) -> None:
        self._runtime, self._asking, self._base = runtime, asking, base
        self._extensions = extensions

    def records(self, wanted: RequestFilter, page: Page) -> list[Record]:
        reader = Reader.asking(self._runtime, self._asking)
        with self._runtime.database.read() as session:
            services = open311.services_by_key(self._runtime.rules.now(session).catalogue)
            events = requests.find(session, self._asking.scope, wanted, page, reader.now)
            linked(events, lambda sha256: f"{self._base}{reader.link(sha256)}")
            found = [open311.request_record(event, services) for event in events]
            if not self._extensions:
                return found
            told = transitions.histories(session, [event["number"] for event in events])
            return [
                record
                | open311.extensions(event, map(transitions.record, told.get(event["number"], ())))
                for record, event in zip(found, events, strict=True)
            ]


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _report(runtime: Runtime, asking: Principal, sent: ServiceRequest, matter: Matter) -> Report:
    now = runtime.settings.clock()
    try:
        report = open311.report_of(sent, matter, uuid4(), f"open311:{asking.name}", now)
    except ValidationError as error:
        raise BadRequestError(
            "Say where it is: lat and long, address_string, or a cell's code as address_id."
        ) from error
    if sent.address_id is not None:
        try:
            check_place(report, lambda: runtime.cells.now().grid)
        except UnprocessableError as error:
            raise BadRequestError(str(error)) from error
    return report


def _codes(runtime: Runtime) -> dict[str, Matter]:
    with runtime.database.read() as session:
        return open311.service_codes(runtime.rules.now(session).catalogue)


def _found_service(runtime: Runtime, code: str) -> Matter:
    matter = _codes(runtime).get(code)
    if matter is None:
        raise NotFoundError(f"There is no service {code} here; GET services lists them.")
    return matter


def _ids(texts: list[str]) -> tuple[str, ...]:
    try:
        return tuple(str(UUID(each.strip())) for each in texts)[:MOST]
    except ValueError:
        raise NotFoundError(f"There is no request {','.join(texts)}.") from None


def _span(
    begin: datetime | None, end: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    try:
        if begin is None and end is None:
            return now - SPAN, None
        begin = end - SPAN if begin is None and end is not None else begin
        end = begin + SPAN if end is None and begin is not None else end
    except OverflowError:
        raise BadRequestError("No 90 days lie beside this date.") from None
    if begin is not None and end is not None and end - begin > SPAN:
        raise BadRequestError("start_date and end_date may be 90 days apart at most.")
    return begin, end


def _matters(runtime: Runtime, text: str | None) -> tuple[tuple[str, str], ...] | None:
    if text is None:
        return None
    codes = _codes(runtime)
    found = (codes.get(part.strip()) for part in text.split(","))
    return tuple((each.standard_ref, each.code) for each in found if each is not None)


def _is_open(text: str | None) -> bool | None:
    words = set() if text is None else {part.strip() for part in text.split(",")}
    if not words <= {"open", "closed"}:
        raise BadRequestError(f"status={text!r} is neither open nor closed.")
    return None if len(words) != 1 else words == {"open"}
