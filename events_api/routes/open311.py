"""Open311 GeoReport v2: services, and service requests in and out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError

from events_api.access import READERS, SENDERS, Asking, allow
from events_api.catalogue.matters import Matter
from events_api.errors import BadRequestError, NotFoundError, ProblemError
from events_api.intake import Arrival, receive
from events_api.interchange import open311
from events_api.interchange.open311 import Record, ServiceRequest
from events_api.interchange.rows import matters_by_key
from events_api.problems import invalid_sentences
from events_api.roles import Principal
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import Utc
from events_api.store import events, requests
from events_api.store.requests import RequestFilter

MOST = 1000
SPAN = timedelta(days=90)
XML = "text/xml; charset=utf-8"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class GeoReportRoute(APIRoute):
    """A route that takes a token as `api_key`, too, and fails as GeoReport does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler within both."""
        handle = super().get_route_handler()

        async def speaking(request: Request) -> Response:
            form = request.path_params.get("form", "json")
            try:
                await _take_key(request)
                return await handle(request)
            except RequestValidationError as error:
                return _failure(form, 400, invalid_sentences(error))
            except ProblemError as error:
                status = 400 if error.status == 422 else error.status
                # GeoReport has one answer to a missing or wrong key of somebody who sends.
                status = 403 if status == 401 and request.method == "POST" else status
                return _failure(form, status, str(error))

        return speaking


router = APIRouter(
    prefix="/open311/v2",
    tags=["open311"],
    route_class=GeoReportRoute,
    default_response_class=JSONResponse,
)

READ = [Depends(allow(READERS))]
Format = Literal["json", "xml"]
ApiKey = Annotated[str | None, Query(description="A token, in the place of the header")]
Many = Annotated[str | None, Query(description="One or several, with commas between")]


@router.get("/discovery.{form}", dependencies=READ)
def get_discovery(form: Format, request: Request, api_key: ApiKey = None) -> Response:  # noqa: ARG001
    """Say where this Open311 endpoint is and what it speaks."""
    base = str(request.base_url).rstrip("/")
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": f"{base}/open311/v2",
        "type": "production",
        "formats": "text/xml,application/json",
    }
    return _answer(form, "discovery", "endpoint", [endpoint])


@router.get("/services.{form}", dependencies=READ)
def list_services(form: Format, runtime: RuntimeDep, api_key: ApiKey = None) -> Response:  # noqa: ARG001
    """List the matters as services."""
    codes = _codes(runtime)
    records = [open311.service(code, matter) for code, matter in codes.items()]
    return _answer(form, "services", "service", records)


@router.get("/services/{service_code}.{form}", dependencies=READ)
def get_service(
    service_code: str,
    form: Format,
    runtime: RuntimeDep,
    api_key: ApiKey = None,  # noqa: ARG001
) -> Response:
    """Return the definition of a service: no matter of ours asks for further attributes."""
    if service_code not in _codes(runtime):
        raise NotFoundError(f"There is no service {service_code}: GET services.{form}.")
    if form == "json":
        return JSONResponse({"service_code": service_code, "attributes": []})
    record = {"service_code": service_code, "attributes": None}
    # One definition and no list, says the specification.
    text = open311.to_xml("services", "service_definition", [record])
    return Response(text, media_type=XML)


@router.get("/requests.{form}", dependencies=READ)
def list_requests(  # noqa: PLR0913, PLR0917 - one for each parameter
    form: Format,
    runtime: RuntimeDep,
    asking: Asking,
    service_request_id: Many = None,
    service_code: Many = None,
    status: Many = None,
    start_date: Utc | None = None,
    end_date: Utc | None = None,
    api_key: ApiKey = None,  # noqa: ARG001
    jurisdiction_id: str | None = None,  # noqa: ARG001 - there is one here
) -> Response:
    """List events as service requests, the newest thousand; without dates those of 90 days."""
    if start_date is None and end_date is None and service_request_id is None:
        start_date = runtime.settings.clock() - SPAN
    wanted = RequestFilter(
        ids=_ids(service_request_id),
        matters=_matters(runtime, service_code),
        is_open=_is_open(status),
        begin=start_date,
        end=end_date,
    )
    return _answer(form, "service_requests", "request", _records(runtime, asking, wanted))


@router.get("/requests/{service_request_id}.{form}", dependencies=READ)
def get_request(
    service_request_id: str,
    form: Format,
    runtime: RuntimeDep,
    asking: Asking,
    api_key: ApiKey = None,  # noqa: ARG001
) -> Response:
    """Return one event as a service request."""
    wanted = RequestFilter(ids=_ids(service_request_id))
    records = _records(runtime, asking, wanted)
    if not records:
        raise NotFoundError(f"There is no request {service_request_id} in your scope.")
    return _answer(form, "service_requests", "request", records)


@router.post("/requests.{form}", dependencies=[Depends(allow(SENDERS))])
def post_request(  # noqa: PLR0913, PLR0917 - one for each field
    form: Format,
    runtime: RuntimeDep,
    asking: Asking,
    service_code: Annotated[str, Form(max_length=100)],
    lat: Annotated[float | None, Form(ge=-90, le=90)] = None,
    long: Annotated[float | None, Form(ge=-180, le=180)] = None,
    address_string: Annotated[str | None, Form(max_length=1000)] = None,
    description: Annotated[str, Form(max_length=4000)] = "",
    media_url: Annotated[str | None, Form(max_length=500)] = None,
    api_key: Annotated[str | None, Form(description="A token")] = None,  # noqa: ARG001
) -> Response:
    """Take a service request in; the answer names the event that it opened or joined.

    Say where by `lat` and `long` (WGS 84) or `address_string`. Names, e-mail addresses and
    telephone numbers are passed over and not stored.
    """
    matter = _codes(runtime).get(service_code)
    if matter is None:
        raise BadRequestError(f"There is no service {service_code}: GET services.{form}.")
    sent = ServiceRequest(
        service_code=service_code,
        lat=lat,
        long=long,
        address_string=address_string,
        description=description,
        media_url=media_url,
    )
    now = runtime.settings.clock()
    try:
        report = open311.report_of(sent, matter, uuid4(), f"open311:{asking.name}", now)
    except ValidationError as error:
        raise BadRequestError("Say where it is: lat and long, or address_string.") from error
    with runtime.database.write() as session:
        rules = runtime.rules.now(session)
        arrival = Arrival(asking, now, rules, lambda: runtime.cells.now().grid)
        receipt = receive(session, report, arrival).receipt
    runtime.feed.wake()
    record = {
        "service_request_id": str(receipt.event_id),
        "service_notice": receipt.merged_why,
        "account_id": None,
    }
    return _answer(form, "service_requests", "request", [record])


async def _take_key(request: Request) -> None:
    headers = request.scope["headers"]
    if any(name == b"authorization" for name, _ in headers):
        return
    key: object = request.query_params.get("api_key")
    if request.method == "POST" and request.headers.get("content-type", "").startswith(FORMS):
        key = (await request.form()).get("api_key", key)
    if isinstance(key, str) and key.isascii():
        request.scope["headers"] = [*headers, (b"authorization", b"Bearer " + key.encode())]
        # The request has read its headers already, and would not look again.
        request.__dict__.pop("_headers", None)


def _codes(runtime: Runtime) -> dict[str, Matter]:
    with runtime.database.read() as session:
        return open311.service_codes(runtime.rules.now(session).catalogue)


def _records(runtime: Runtime, asking: Principal, wanted: RequestFilter) -> list[Record]:
    with runtime.database.read() as session:
        catalogue, now = runtime.rules.now(session).catalogue, runtime.settings.clock()
        codes, matters = open311.service_codes(catalogue), matters_by_key(catalogue)
        rows = requests.find(session, asking.scope, wanted, MOST)
        return [open311.request_record(events.summary(row, now), codes, matters) for row in rows]


def _ids(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    try:
        return tuple(str(UUID(part.strip())) for part in text.split(","))[:MOST]
    except ValueError:
        raise NotFoundError(f"There is no request {text}.") from None


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


def _failure(form: str, status: int, words: str) -> Response:
    answer = _answer(form, "errors", "error", [{"code": status, "description": words}])
    answer.status_code = status
    return answer


def _answer(form: str, root: str, item: str, records: Sequence[Record]) -> Response:
    if form == "xml":
        return Response(open311.to_xml(root, item, records), media_type=XML)
    return JSONResponse(list(records))
