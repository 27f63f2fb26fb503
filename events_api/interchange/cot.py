"""Events and aircraft as Cursor-on-Target events (version 2.0), for TAK and its kin."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from lxml import etree

from events_api.cases import IS_OPEN
from events_api.interchange.hazards import hazard_of
from events_api.interchange.rows import Matters, Record
from events_api.interchange.xml_text import xml_text
from events_api.schemas import VehicleNow

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
    root = _events(events, aircraft, matters, now)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def cot_messages(
    events: Iterable[Record], aircraft: Iterable[VehicleNow], matters: Matters, now: datetime
) -> list[bytes]:
    """Write each as a document of its own, as it travels; those without a position are left out."""
    root = _events(events, aircraft, matters, now)
    return [etree.tostring(made, xml_declaration=True, encoding="UTF-8") for made in root]


def _events(
    events: Iterable[Record], aircraft: Iterable[VehicleNow], matters: Matters, now: datetime
) -> etree._Element:
    root = etree.Element("events")
    for event in events:
        if event["position"] is not None:
            _add_event(root, event, matters, now)
    for vehicle in aircraft:
        _add_aircraft(root, vehicle, now)
    return root


def sigma_m(ce50_m: float | None, ce90_m: float | None) -> float | None:
    """Return the one-sigma circular error that `ce` means; none when no error is known."""
    if ce90_m is not None:
        return ce90_m * SIGMA_PER_CE90
    return None if ce50_m is None else ce50_m * SIGMA_PER_CE50


def _add_event(root: etree._Element, event: Record, matters: Matters, now: datetime) -> None:
    key, place = event["matter"], event["position"]
    matter = matters.get((key["standard_ref"], key["code"]))
    hazard = hazard_of(matter) if matter else None
    # What is no longer open is stale at once, so that it vanishes where it was shown.
    stale_at = now + STALE_AFTER if IS_OPEN[event["status"]] else now
    made = _start(
        root, f"gridpatrol.{event['event_id']}", hazard.cot_type if hazard else SPOT, FUSED
    )
    _set_times(made, now, event["first_observed_at"], stale_at)
    error_m = sigma_m(event["ce50_m"], event["ce90_m"])
    _add_point(
        made, place["lon_deg"], place["lat_deg"], UNKNOWN if error_m is None else f"{error_m:.2f}"
    )
    name = f"{matter.zh} {matter.en}" if matter else key["code"]
    detail = etree.SubElement(made, "detail")
    etree.SubElement(detail, "contact", callsign=f"{event['number']} {name}")
    remarks = etree.SubElement(detail, "remarks")
    remarks.text = xml_text(f"{event['status']} {event['cell_code'] or ''} {event['why']}".strip())


def _add_aircraft(root: etree._Element, vehicle: VehicleNow, now: datetime) -> None:
    made = _start(root, f"gridpatrol.aircraft.{xml_text(vehicle.name)}", AIRCRAFT, BY_GPS)
    seen_at = vehicle.observed_at
    _set_times(made, now, seen_at, seen_at + AIRCRAFT_STALE_AFTER)
    _add_point(made, vehicle.position.lon_deg, vehicle.position.lat_deg, UNKNOWN)
    detail = etree.SubElement(made, "detail")
    etree.SubElement(detail, "contact", callsign=xml_text(vehicle.name))
    if vehicle.heading_deg is not None and vehicle.speed_mps is not None:
        course, speed = f"{vehicle.heading_deg:.1f}", f"{vehicle.speed_mps:.1f}"
        etree.SubElement(detail, "track", course=course, speed=speed)


def _start(root: etree._Element, uid: str, kind: str, how: str) -> etree._Element:
    return etree.SubElement(root, "event", version="2.0", uid=uid, type=kind, how=how)


def _set_times(made: etree._Element, now: datetime, start_at: datetime, stale_at: datetime) -> None:
    for name, moment in (("time", now), ("start", start_at), ("stale", stale_at)):
        text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
        made.set(name, text.replace("+00:00", "Z"))


def _add_point(made: etree._Element, lon_deg: float, lat_deg: float, error: str) -> None:
    # Heights here are above the sea or a home, and `hae` is above the ellipsoid: unknown is true.
    etree.SubElement(
        made,
        "point",
        lat=f"{lat_deg:.7f}",
        lon=f"{lon_deg:.7f}",
        hae=UNKNOWN,
        ce=error,
        le=UNKNOWN,
    )
