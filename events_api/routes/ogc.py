"""OGC API - Features: events, cells and aircraft for map programs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from itertools import islice
from typing import Annotated, Any
from uuid import UUID

import shapely
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from shapely.geometry import shape

from events_api.access import READERS, Asking, allow
from events_api.cases import Status
from events_api.errors import BadRequestError, NotFoundError, UnprocessableError
from events_api.feed_scope import sees_vehicles
from events_api.geojson_schemas import (
    CollectionInfo,
    CollectionList,
    Conformance,
    Landing,
    LinkedFeature,
    LinkedPage,
)
from events_api.handling import no_such_event
from events_api.interchange import ogc
from events_api.interchange.features import flat_feature, vehicle_feature
from events_api.interchange.rows import matters_by_key
from events_api.problems import invalid_sentences
from events_api.roles import Principal
from events_api.routes.events import page_of
from events_api.routes.filtered import known_parameters
from events_api.routes.media import GeoJsonResponse
from events_api.routes.parameters import (
    BodyCode,
    GradeWanted,
    IsOpen,
    ResponsibleCode,
    SourceName,
    TownCode,
    decode_cursor,
    encode_cursor,
    read_cursor,
)
from events_api.runtime import Runtime, RuntimeDep
from events_api.schemas import State, VehicleNow
from events_api.store import cells, events
from events_api.store.deadlines import Due
from events_api.store.events import EventFilter

MOST_ITEMS = 1000
USUAL_ITEMS = 500
"""So many events come in a tenth of a second; the next page is a link away."""

FORMATS = {"json", "geojson"}


class OgcRoute(APIRoute):
    """A route that answers 400 to what its parameters cannot be, and to unknown ones (7.4)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with both checks."""
        handle = super().get_route_handler()
        known = known_parameters(self.dependant)

        async def checked(request: Request) -> Response:
            unknown = sorted(set(request.query_params) - known - {"f"})
            if unknown:
                raise BadRequestError(
                    f"The parameter {unknown[0]} is not known here; known are "
                    f"{', '.join(sorted(known)) or 'none'}."
                )
            if request.query_params.get("f", "json") not in FORMATS:
                raise BadRequestError("Only f=json is spoken here.")
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise BadRequestError(invalid_sentences(error)) from error
            except UnprocessableError as error:
                raise BadRequestError(str(error)) from error

        return checked


router = APIRouter(
    prefix="/ogc",
    tags=["ogc"],
    dependencies=[Depends(allow(READERS))],
    route_class=OgcRoute,
    default_response_class=JSONResponse,
)

PAGE: dict[str, Any] = {
    "response_class": GeoJsonResponse,
    "responses": {200: {"model": LinkedPage}},
}
FEATURE: dict[str, Any] = {
    "response_class": GeoJsonResponse,
    "responses": {200: {"model": LinkedFeature}},
}

BoxText = Annotated[str | None, Query(alias="bbox", description="west,south,east,north in degrees")]
TimeText = Annotated[
    str | None,
    Query(
        alias="datetime",
        description="A time or an interval, `..` for an open end",
        examples=["2026-07-01T00:00:00Z/.."],
    ),
]
Limit = Annotated[int, Query(ge=1, description=f"{MOST_ITEMS} at most; more is taken as that")]
Cursor = Annotated[str | None, Query(description="Of the link to the next page")]


@router.get("", responses={200: {"model": Landing}})
def get_landing(request: Request) -> dict[str, Any]:
    """Return the landing page of OGC API - Features: where everything is."""
    return ogc.landing(_base(request))


@router.get("/conformance", responses={200: {"model": Conformance}})
def get_conformance() -> dict[str, Any]:
    """List the conformance classes of OGC API - Features that hold here."""
    return {"conformsTo": ogc.CONFORMANCE}


@router.get("/collections", responses={200: {"model": CollectionList}})
def list_collections(request: Request, runtime: RuntimeDep) -> dict[str, Any]:
    """List the collections: events, cells and aircraft."""
    return ogc.collections_page(_base(request), _extent(runtime))


@router.get("/collections/{collection_id}", responses={200: {"model": CollectionInfo}})
def get_collection(collection_id: str, request: Request, runtime: RuntimeDep) -> dict[str, Any]:
    """Return what is to be known of one collection."""
    which = ogc.COLLECTIONS.get(collection_id)
    if which is None:
        raise NotFoundError(f"There is no collection {collection_id}: GET /ogc/collections.")
    return ogc.collection(_base(request), which, _extent(runtime))


def _event_filter(  # noqa: PLR0913, PLR0917 - one for each property
    runtime: RuntimeDep,
    bbox: BoxText = None,
    when: TimeText = None,
    matter: Annotated[str | None, Query(description="A matter's code")] = None,
    status: Status | None = None,
    cell_code: Annotated[str | None, Query(description="A code, or its first digits")] = None,
    town: TownCode = None,
    body: BodyCode = None,
    responsible: ResponsibleCode = None,
    deadline: Annotated[State | None, Query(description="How its deadline stands now")] = None,
    source: SourceName = None,
    is_open: IsOpen = None,
    grade: GradeWanted = None,
) -> EventFilter:
    interval = ogc.parse_interval(when)
    return EventFilter(
        cell=cell_code,
        town=town,
        matter=matter,
        status=status,
        observed_from=interval.begin,
        observed_to=interval.end,
        box=ogc.parse_bbox(bbox),
        body=body,
        responsible=responsible,
        deadline=None if deadline is None else Due(deadline, runtime.settings.clock()),
        source=source,
        is_open=is_open,
        grade=grade,
    )


@router.get("/collections/events/items", **PAGE)
def list_event_items(
    request: Request,
    runtime: RuntimeDep,
    asking: Asking,
    wanted: Annotated[EventFilter, Depends(_event_filter)],
    limit: Limit = USUAL_ITEMS,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the events of your scope as features, newest first; each property has one value."""
    before = read_cursor(cursor)
    page = page_of(runtime, asking.scope, wanted, before, min(limit, MOST_ITEMS))
    with runtime.database.read() as session:
        matters = matters_by_key(runtime.rules.now(session).catalogue)
    features = [flat_feature(record, matters) for record in page.records]
    return _answer(request, runtime, features, page.next_cursor)


@router.get("/collections/events/items/{event_id}", **FEATURE)
def get_event_item(
    event_id: UUID, request: Request, runtime: RuntimeDep, asking: Asking
) -> JSONResponse:
    """Return one event as a feature."""
    with runtime.database.read() as session:
        row = events.by_id(session, str(event_id), asking.scope)
        if row is None:
            raise no_such_event(event_id)
        matters = matters_by_key(runtime.rules.now(session).catalogue)
        feature = flat_feature(events.summary(row, runtime.settings.clock()).model_dump(), matters)
    return _answer_one(request, feature, "events")


@router.get("/collections/cells/items", **PAGE)
def list_cell_items(  # noqa: PLR0913, PLR0917 - one for each parameter
    request: Request,
    runtime: RuntimeDep,
    bbox: BoxText = None,
    when: TimeText = None,
    town: Annotated[str | None, Query(description="A town's name")] = None,
    village: Annotated[str | None, Query(description="A village's name")] = None,
    limit: Limit = MOST_ITEMS,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the cells as features, by code; they have no time, so `datetime` leaves none out."""
    ogc.parse_interval(when)
    after = _after_code(cursor)
    wanted = {"town": town, "village": village}
    found = (
        feature
        for feature in _cells_in(runtime, ogc.parse_bbox(bbox))
        if feature["properties"]["code"] > after
        and all(text in {None, feature["properties"][name]} for name, text in wanted.items())
    )
    shown = min(limit, MOST_ITEMS)
    page = list(islice(found, shown + 1))
    more = len(page) > shown
    features = [_cell_feature(feature) for feature in page[:shown]]
    return _answer(request, runtime, features, _code_cursor(features) if more else None)


@router.get("/collections/cells/items/{code}", **FEATURE)
def get_cell_item(code: str, request: Request, runtime: RuntimeDep) -> JSONResponse:
    """Return one cell as a feature."""
    for feature in runtime.cells.now().features:
        if feature["properties"]["code"] == code:
            return _answer_one(request, _cell_feature(feature), "cells")
    raise NotFoundError(f"There is no cell {code}.")


@router.get("/collections/vehicles/items", **PAGE)
def list_vehicle_items(
    request: Request,
    runtime: RuntimeDep,
    asking: Asking,
    bbox: BoxText = None,
    when: TimeText = None,
    limit: Limit = MOST_ITEMS,
) -> JSONResponse:
    """List where each aircraft was last heard of; a body is shown none."""
    box, interval = ogc.parse_bbox(bbox), ogc.parse_interval(when)
    found = [
        vehicle
        for vehicle in _vehicles(runtime, asking)
        if interval.holds(vehicle.observed_at) and (box is None or _is_in(vehicle, box))
    ]
    # There are as many as fly: a second page is never needed.
    features = [vehicle_feature(vehicle) for vehicle in found[:limit]]
    return _answer(request, runtime, features, None)


@router.get("/collections/vehicles/items/{name}", **FEATURE)
def get_vehicle_item(
    name: str, request: Request, runtime: RuntimeDep, asking: Asking
) -> JSONResponse:
    """Return where one aircraft was last heard of."""
    for vehicle in _vehicles(runtime, asking):
        if vehicle.name == name:
            return _answer_one(request, vehicle_feature(vehicle), "vehicles")
    raise NotFoundError(f"There is no aircraft {name} here.")


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


def _extent(runtime: Runtime) -> ogc.Box | None:
    with runtime.database.read() as session:
        return cells.extent(session)


def _vehicles(runtime: Runtime, asking: Principal) -> tuple[VehicleNow, ...]:
    return runtime.vehicles.all() if sees_vehicles(asking.scope) else ()


def _is_in(vehicle: VehicleNow, box: ogc.Box) -> bool:
    west_deg, south_deg, east_deg, north_deg = box
    place = vehicle.position
    return west_deg <= place.lon_deg <= east_deg and south_deg <= place.lat_deg <= north_deg


def _cells_in(runtime: Runtime, box: ogc.Box | None) -> Iterator[dict[str, Any]]:
    if box is None:
        yield from runtime.cells.now().features
        return
    with runtime.database.read() as session:
        near = cells.in_box(session, box)
    window = shapely.box(*box)
    # Their own boxes meet it; whether they do is asked one by one, as far as a page needs.
    yield from (feature for feature in near if window.intersects(shape(feature["geometry"])))


def _cell_feature(feature: dict[str, Any]) -> dict[str, Any]:
    return {**feature, "id": feature["properties"]["code"]}


def _code_cursor(features: list[dict[str, Any]]) -> str:
    return encode_cursor({"after": features[-1]["id"]})


def _after_code(cursor: str | None) -> str:
    return "" if cursor is None else str(decode_cursor(cursor).get("after", ""))


def _answer(
    request: Request, runtime: Runtime, features: list[dict[str, Any]], next_cursor: str | None
) -> JSONResponse:
    following = None
    if next_cursor is not None:
        following = str(request.url.include_query_params(cursor=next_cursor))
    page = ogc.item_page(features, str(request.url), following, runtime.settings.clock())
    return GeoJsonResponse(page)


def _answer_one(request: Request, feature: dict[str, Any], name: str) -> JSONResponse:
    made = ogc.item(feature, str(request.url), _base(request), name)
    return GeoJsonResponse(made)
