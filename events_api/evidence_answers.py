"""Pictures and clips as answers, wherever they lie: whole, or the part that a player asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi.responses import FileResponse, Response, StreamingResponse

from events_api.errors import NoSuchPartError
from events_api.store.evidence import EvidenceStore

SPAN_FORM = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_response(
    store: EvidenceStore,
    sha256: str,
    size: int,
    span: str | None,
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    """Return a file as an answer.

    Args:
        store: Where it lies.
        sha256: Which it is.
        size: How many bytes it has.
        span: The header `Range` of the request.
        media_type: What it is.
        headers: Further headers.

    Raises:
        NoSuchPartError: It is shorter than what is asked for.
    """
    part = _part(span, size)
    if part is not None and part[0] > part[1]:
        raise NoSuchPartError(
            f"There are {size} bytes, numbered from 0, and {span} is none of them.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    path = store.local_file(sha256)
    if path is not None and (part is not None or span is None):
        return FileResponse(path, media_type=media_type, headers=dict(headers))
    named = {**headers, "Accept-Ranges": "bytes"}
    if part is None:
        named["Content-Length"] = str(size)
        return StreamingResponse(store.read(sha256), media_type=media_type, headers=named)
    first, last = part
    length = last - first + 1
    named |= {"Content-Length": str(length), "Content-Range": f"bytes {first}-{last}/{size}"}
    body = store.read(sha256, first, length)
    return StreamingResponse(body, status_code=206, media_type=media_type, headers=named)


def _part(span: str | None, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that are asked for; none for all (RFC 9110, 14.2).

    Several parts at once are answered by the whole, as is what is no range.
    """
    found = SPAN_FORM.fullmatch(span or "")
    if found is None or not any(found.groups()):
        return None
    begin, end = found.groups()
    if not begin:
        return max(0, size - int(end)), size - 1
    return int(begin), min(size - 1, int(end)) if end else size - 1
