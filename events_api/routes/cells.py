"""Unit grid cells, in and out."""

from __future__ import annotations

import gzip
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Response

from events_api.access import ADMINISTRATORS, READERS, Asking, allow
from events_api.audit import Deed
from events_api.cell_features import feature_of, read_cells
from events_api.errors import ForbiddenError
from events_api.geojson_schemas import CellCollection
from events_api.roles import EVERYWHERE
from events_api.routes.filtered import FilteredRoute
from events_api.routes.media import GeoJsonResponse
from events_api.routes.parameters import BoxText, parse_box
from events_api.runtime import Runtime, RuntimeDep
from events_api.store import audit, cells, feed

router = APIRouter(tags=["cells"], route_class=FilteredRoute)

GEOJSON = "application/geo+json"


@router.put("/cells", dependencies=[Depends(allow(ADMINISTRATORS))])
def put_cells(
    collection: Annotated[object, Body(description="A GeoJSON FeatureCollection of polygons")],
    runtime: RuntimeDep,
    asking: Asking,
) -> dict[str, int]:
    """Replace all cells by those of a GeoJSON FeatureCollection.

    Each feature is a polygon with the text properties `code`, `name`, `town` and `village`. If
    anything is wrong with any of them, nothing changes. It takes an administrator whose scope is
    everywhere.
    """
    if asking.scope != EVERYWHERE:
        raise ForbiddenError(
            f"The token {asking.name} is for {asking.scope}, and the cells are everybody's."
        )
    features = [(cell, feature_of(cell)) for cell in read_cells(collection)]
    now = runtime.settings.clock()
    with runtime.database.write() as session:
        sha256 = cells.replace_all(session, features, asking.name, now)
        content = {"sha256": sha256, "count": len(features)}
        audit.append(session, Deed(asking.name, "cells.replaced", "cells", content), now)
        feed.append(session, "cells", content, now)
    runtime.feed.wake()
    return {"count": len(features)}


@router.get(
    "/cells",
    dependencies=[Depends(allow(READERS))],
    response_class=GeoJsonResponse,
    responses={
        200: {"model": CellCollection},
        304: {"description": "The same cells as `If-None-Match` names"},
    },
)
def get_cells(
    runtime: RuntimeDep,
    bbox: BoxText = None,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Return the cells as a GeoJSON FeatureCollection, all or those that meet a box.

    The whole set carries an `ETag`; a client that sends it back gets 304 while nothing changed.
    """
    box = parse_box(bbox)
    if box is not None:
        return _answer_box(runtime, box)
    # Compressed once for each set of cells and not once for each reader.
    known = runtime.cells.now()
    headers = {"ETag": f'"{known.sha256}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if known.sha256 in if_none_match:
        return Response(status_code=304, headers=headers)
    if "gzip" not in accept_encoding:
        return Response(gzip.decompress(known.collection_gz), headers=headers, media_type=GEOJSON)
    headers["Content-Encoding"] = "gzip"
    return Response(known.collection_gz, headers=headers, media_type=GEOJSON)


def _answer_box(runtime: Runtime, box: cells.Box) -> Response:
    with runtime.database.read() as session:
        features = cells.in_box(session, box)
        return Response(cells.encode_collection(features), media_type=GEOJSON)
