"""How GeoReport v2 is spoken: by `api_key`, in XML or JSON, with failures of its own form."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from events_api.errors import ProblemError
from events_api.georeport_schemas import GeoReportError
from events_api.interchange.spark import to_xml
from events_api.problems import invalid_sentences
from events_api.routes.media import RecordsResponse

XML = "text/xml; charset=utf-8"
JSON = "application/json; charset=utf-8"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

FAILURES = {
    400: "Something in the request does not fit",
    403: "The key is missing or not in force, or its role does not allow it",
    404: "There is no such service, request or token in the key's scope",
}


class GeoReportRoute(APIRoute):
    """A route that takes a token as `api_key`, too, and fails as GeoReport does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler within both."""
        handle = super().get_route_handler()

        async def speaking(request: Request) -> Response:
            form = request.path_params.get("form", "json")
            try:
                await _take_key(request)
                _drop_empty(request)
                return await handle(request)
            except RequestValidationError as error:
                return _failure(form, 400, invalid_sentences(error))
            except HTTPException as error:
                return _failure(form, error.status_code, str(error.detail))
            except ProblemError as error:
                # GeoReport knows one answer to a missing or a wrong key, and one to nonsense.
                status = {401: 403, 422: 400}.get(error.status, error.status)
                return _failure(form, status, str(error))

        return speaking


def answer(form: str, root: str, value: object) -> Response:
    """Answer with a record or a list of them, in the format that was asked for."""
    if form == "xml":
        return Response(to_xml(root, value), media_type=XML)
    return RecordsResponse(value, media_type=JSON)


def described(model: type[BaseModel], *, many: bool = True) -> dict[int | str, dict[str, Any]]:
    """Return what the API's description says of the answers of a route."""
    given = list[model] if many else model  # type: ignore[valid-type]
    xml = {"text/xml": {"schema": {"type": "string"}}}
    return {
        200: {"model": given, "content": xml},
        **{
            status: {"description": words, "model": list[GeoReportError], "content": xml}
            for status, words in FAILURES.items()
        },
    }


def _failure(form: str, status: int, words: str) -> Response:
    failed = answer(form, "errors", [{"code": status, "description": words}])
    failed.status_code = status
    return failed


def _drop_empty(request: Request) -> None:
    # An argument that is sent empty counts as one that is not sent, says the specification.
    parts = request.scope["query_string"].split(b"&")
    kept = [part for part in parts if part.partition(b"=")[2]]
    request.scope["query_string"] = b"&".join(kept)
    request.__dict__.pop("_query_params", None)


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
