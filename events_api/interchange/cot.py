"""Events and aircraft as Cursor-on-Target events (version 2.0), for TAK and its kin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from events_api.cases import IS_OPEN
from events_api.interchange.hazards import hazard_of
from events_api.interchange.rows import Matters, Record
from events_api.interchange.xml_text import xml_text
from events_api.schemas import VehicleNow

DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"
UNKNOWN = "9999999.0"
"""What Cursor-on-Target writes for a height or an error that nobody knows."""

SPOT = "b-m-p-s-m"
"""A point on the map: what is not a hazard."""

AIRCRAFT = "a-f-A-C-H"
"""A friendly civil rotary-wing aircraft."""

FUSED, BY_GPS = "m-f", "m-g"
"""How a place is known: put together from reports, or from the aircraft's own receiver."""

STALE_AFTER = timedelta(minutes=10)
AIRCRAFT_STALE_AFTER = timedelta(minutes=1)

SIGMA_PER_CE50 = 1.0 / math.sqrt(2.0 * math.log(2.0))
SIGMA_PER_CE90 = 1.0 / math.sqrt(2.0 * math.log(10.0))
"""A circular normal error lies within k sigma with the probability 1 - exp(-k^2 / 2)."""


def write_cot(
    events: Iterable[Record], aircraft: Iterable[VehicleNow], matters: Matters, now: datetime
) -> bytes:
    """Write all as one document, the root `events`; events without a position are left out."""
    body = "".join(_events(events, aircraft, matters, now))
    return f"{DECLARATION}<events>{body}</events>".encode()


def cot_messages(
    events: Iterable[Record], aircraft: Iterable[VehicleNow], matters: Matters, now: datetime
) -> list[bytes]:
    """Write each as a document of its own, as it travels; those without a position are left out."""
    made = _events(events, aircraft, matters, now)
    return [f"{DECLARATION}{each}".encode() for each in made]


def _events(
    events: Iterable[Record], aircraft: Iterable[VehicleNow], matters: Matters, now: datetime
) -> Iterator[str]:
    # As text and not as trees: a thousand are asked for at once.
    moments = _Moments(_time(now), _time(now + STALE_AFTER))
    for event in events:
        if event["position"] is not None:
            yield _event(event, matters, moments)
    for vehicle in aircraft:
        yield _aircraft(vehicle, moments)


@dataclass(frozen=True, slots=True)
class _Moments:
    """What all events of a document say: when it was written, and until when what is open holds."""

    now: str
    stale: str


def sigma_m(ce50_m: float | None, ce90_m: float | None) -> float | None:
    """Return the one-sigma circular error that `ce` means; none when no error is known."""
    if ce90_m is not None:
        return ce90_m * SIGMA_PER_CE90
    return None if ce50_m is None else ce50_m * SIGMA_PER_CE50


def _event(event: Record, matters: Matters, moments: _Moments) -> str:
    key, place = event["matter"], event["position"]
    matter = matters.get((key["standard_ref"], key["code"]))
    hazard = hazard_of(matter) if matter else None
    error_m = sigma_m(event["ce50_m"], event["ce90_m"])
    name = f"{matter.zh} {matter.en}" if matter else key["code"]
    callsign = _quoted(f"{event['number']} {name}")
    remarks = f"{event['status']} {event['cell_code'] or ''} {event['why']}".strip()
    return _written(
        _Head(
            uid=_quoted(f"gridpatrol.{event['event_id']}"),
            kind=hazard.cot_type if hazard else SPOT,
            how=FUSED,
            started=_time(event["first_observed_at"]),
            # What is no longer open is stale at once, so that it vanishes where it was shown.
            stale=moments.stale if IS_OPEN[event["status"]] else moments.now,
        ),
        moments,
        _point(
            place["lon_deg"],
            place["lat_deg"],
            UNKNOWN if error_m is None else f"{error_m:.2f}",
        ),
        f"<contact callsign={callsign}/><remarks>{escape(xml_text(remarks))}</remarks>",
    )


def _aircraft(vehicle: VehicleNow, moments: _Moments) -> str:
    seen_at = vehicle.observed_at
    detail = f"<contact callsign={_quoted(vehicle.name)}/>"
    if vehicle.heading_deg is not None and vehicle.speed_mps is not None:
        detail += f'<track course="{vehicle.heading_deg:.1f}" speed="{vehicle.speed_mps:.1f}"/>'
    return _written(
        _Head(
            uid=_quoted(f"gridpatrol.aircraft.{vehicle.name}"),
            kind=AIRCRAFT,
            how=BY_GPS,
            started=_time(seen_at),
            stale=_time(seen_at + AIRCRAFT_STALE_AFTER),
        ),
        moments,
        _point(vehicle.position.lon_deg, vehicle.position.lat_deg, UNKNOWN),
        detail,
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """What an event is and when; the uid is quoted."""

    uid: str
    kind: str
    how: str
    started: str
    stale: str


def _written(head: _Head, moments: _Moments, point: str, detail: str) -> str:
    return (
        f'<event version="2.0" uid={head.uid} type="{head.kind}" how="{head.how}"'
        f' time="{moments.now}" start="{head.started}" stale="{head.stale}">'
        f"{point}<detail>{detail}</detail></event>"
    )


def _quoted(text: str) -> str:
    return quoteattr(xml_text(text))


def _time(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _point(lon_deg: float, lat_deg: float, error: str) -> str:
    # Heights here are above the sea or a home, and `hae` is above the ellipsoid: unknown is true.
    place = f'lat="{lat_deg:.7f}" lon="{lon_deg:.7f}"'
    return f'<point {place} hae="{UNKNOWN}" ce="{error}" le="{UNKNOWN}"/>'
