"""Matters as services and events as service requests of Open311 GeoReport v2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events_api.cases import IS_OPEN
from events_api.catalogue.matters import Catalogue, Matter
from events_api.interchange.cap import STATUS_WORDS
from events_api.interchange.rows import Record
from events_api.schemas import Position, Report, ReportKind, Transition, Utc, Wire

Services = Mapping[tuple[str, str], tuple[str, str]]
"""The code and the name of each service, by its matter's standard and code."""

STATUS_NOTES = {status: f"{zh} {en}" for status, (zh, en) in STATUS_WORDS.items()}

SAID_BY_OTHERS = 0.5
"""The score of what another system relays: nobody of ours has seen it."""

LONGEST_WHY = 2000


class ServiceRequest(Wire):
    """What a client sends of a problem.

    Personal data that GeoReport knows (names, e-mail, telephone, device) is no part of it: it is
    passed over and never stored.
    """

    service_code: str
    lat: float | None = None
    long: float | None = None
    address_string: str | None = None
    address_id: str | None = None
    description: str = ""
    media_url: str | None = None


def service_codes(catalogue: Catalogue) -> dict[str, Matter]:
    """Return the matters by the code of their service.

    It is the matter's own code; where two standards share it, the standard stands behind it.
    """
    codes: dict[str, Matter] = {}
    for matter in catalogue.matters:
        code = matter.code
        if code in codes:
            standard = "".join(sign if sign.isalnum() else "-" for sign in matter.standard_ref)
            code = f"{code}~{standard}"
        codes[code] = matter
    return codes


def service(code: str, matter: Matter) -> Record:
    """Write a matter as a service."""
    return {
        "service_code": code,
        "service_name": f"{matter.zh} {matter.en}",
        "description": f"{matter.standard_ref} {matter.code}",
        "metadata": False,
        "type": "realtime",
        "keywords": f"{matter.zh},{matter.en}",
        "group": matter.colour_class,
    }


def services_by_key(catalogue: Catalogue) -> Services:
    """Return the services by their matter's standard and code."""
    codes = service_codes(catalogue)
    return {
        (matter.standard_ref, matter.code): (code, f"{matter.zh} {matter.en}")
        for code, matter in codes.items()
    }


def request_record(event: Record, services: Services) -> dict[str, Any]:
    """Write the record of an event as a service request.

    It is closed once it takes no further observations. `media_url` opens its snapshot, if the
    event was given a link to it.
    """
    matter, position, clock = event["matter"], event["position"], event["deadline"]
    code, name = services.get((matter["standard_ref"], matter["code"]), (matter["code"], None))
    is_open, since = IS_OPEN[event["status"]], event["status_since"]
    due_at = clock["due_at"] if clock else None
    return {
        "service_request_id": event["event_id"],
        "status": "open" if is_open else "closed",
        "status_notes": STATUS_NOTES[event["status"]],
        "service_name": name,
        "service_code": code,
        "description": event["why"] or None,
        "agency_responsible": event["body"] or (clock["responsible"] if clock else None),
        "service_notice": None,
        "requested_datetime": _time(event["first_observed_at"]),
        # Of one that is closed, when it was closed.
        "updated_datetime": _time(max(since, event["last_observed_at"]) if is_open else since),
        "expected_datetime": _time(due_at) if due_at else None,
        "address": event["place"],
        "address_id": event["cell_code"],
        "zipcode": None,
        "lat": position["lat_deg"] if position else None,
        "long": position["lon_deg"] if position else None,
        "media_url": event["snapshot_url"],
    }


def report_of(
    sent: ServiceRequest, matter: Matter, report_id: UUID, source: str, now: Utc
) -> Report:
    """Return the report that a service request is to us.

    Raises:
        ValueError: It does not say where, or the place is none on Earth.
    """
    position = None
    if sent.lat is not None and sent.long is not None:
        position = Position(lon_deg=sent.long, lat_deg=sent.lat)
    # What is linked is told and not fetched: it could lead anywhere.
    words = (sent.description, f"[{sent.media_url}]" if sent.media_url else "")
    return Report.model_validate(
        {
            "report_id": report_id,
            "kind": ReportKind.CITIZEN,
            "source": source,
            "matter": {"standard_ref": matter.standard_ref, "code": matter.code},
            "class_name": matter.en,
            "score": SAID_BY_OTHERS,
            "observed_at": now,
            "position": position,
            "cell_code": sent.address_id,
            "place": sent.address_string[:200] if sent.address_string else None,
            "why": " ".join(word for word in words if word)[:LONGEST_WHY],
        }
    )


def extensions(event: Record, history: Iterable[Transition]) -> dict[str, Any]:
    """Return what GeoReport does not know, for clients that ask with `extensions=true`."""
    return {
        "extended_attributes": {
            name: event[name]
            for name in ("number", "level", "score", "ce50_m", "ce90_m", "observation_count")
        },
        "notes": [
            {"datetime": _time(step.at), "type": step.name, "description": step.reason}
            for step in history
        ],
    }


def discovery(base: str, changed_at: datetime | None) -> Record:
    """Write where the endpoint is and what it speaks; it changes with the catalogue."""
    changeset = "shipped" if changed_at is None else _time(changed_at)
    return {
        "changeset": changeset,
        "contact": "Whoever runs this event API.",
        "key_service": "An administrator of this event API issues keys: its tokens.",
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": f"{base}/open311/v2",
                "changeset": changeset,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
