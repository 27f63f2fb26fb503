"""Zones of ED-318 (EUROCAE, Technical Specification for Geographical Zones), a form of GeoJSON.

What bears on where, when and whether one may fly is read; authorities and messages are not.
Coordinates are longitude and latitude. Each geometry of a collection is a volume of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Any

from uas_standards.eurocae_ed318 import (
    CodeDaylightEventType,
    MultiPolygon,
    Point,
    Polygon,
    UASZone,
    VerticalLayer,
)

from geofences.active_times import ALWAYS, ActivePeriod, ActiveTimes, WeeklyHours
from geofences.daylight import DaylightEvent
from geofences.errors import InvalidGeometryError, InvalidTimeError
from geofences.formats.geozone_documents import (
    Json,
    height_of,
    mapping_at,
    number_at,
    pair_of,
    rings_of,
    sequence_at,
    typed,
    word_at,
)
from geofences.formats.geozone_times import clock_of, hours_of, moment_of
from geofences.formats.geozones import PublishedZone, Volume, restriction_of
from geofences.heights import Height


def read_feature(feature: Json) -> PublishedZone:
    """One feature of an ED-318 document.

    Raises:
        GroundError: it is none; the message names the key.
    """
    raw = mapping_at(feature.get("properties"), "properties")
    restriction = restriction_of(str(raw.get("type")))
    names = [mapping_at(name, "name") for name in sequence_at(raw.get("name"), "name")]
    typed(
        {
            "identifier": word_at(raw, "identifier"),
            "country": word_at(raw, "country"),
            "type": restriction.value,
            "variant": raw.get("variant", "COMMON"),
            "zoneAuthority": [],
            # The standard's own examples leave the language out, which the type asks for.
            "name": [{"lang": "", **name} for name in names],
        },
        UASZone,
    )
    zone_id = f"{word_at(raw, 'country')}-{word_at(raw, 'identifier')}"
    periods = sequence_at(raw.get("limitedApplicability"), "limitedApplicability")
    geometry = mapping_at(feature.get("geometry"), "geometry")
    return PublishedZone(
        zone_id=zone_id,
        name=_name(names, "en") or _name(names, "") or zone_id,
        name_zh=_name(names, "zh"),
        restriction=restriction,
        times=ActiveTimes(tuple(_period(period) for period in periods)) if periods else ALWAYS,
        volumes=tuple(_volumes(geometry)),
    )


def notes_on(document: Json) -> tuple[str, ...]:
    """What the operator should know about a data set as a whole."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return ()
    notes = []
    if metadata.get("validFrom") or metadata.get("validTo"):
        begin, end = (metadata.get(key) or "open" for key in ("validFrom", "validTo"))
        notes.append(f"The data set says that it is valid from {begin} to {end}.")
    if metadata.get("otherGeoid"):
        notes.append(
            f"Heights above sea level are above the geoid {metadata['otherGeoid']}, not EGM96, "
            "from which it may differ by metres."
        )
    return tuple(notes)


def _name(names: Sequence[Json], language: str) -> str:
    texts = (n.get("text") for n in names if str(n.get("lang") or "").startswith(language))
    return next((str(text) for text in texts if text), "")


def _period(raw: object) -> ActivePeriod:
    period = mapping_at(raw, "limitedApplicability")
    start, end = period.get("startDateTime"), period.get("endDateTime")
    return ActivePeriod(
        None if start is None else moment_of(start),
        None if end is None else moment_of(end),
        tuple(_hours(day) for day in sequence_at(period.get("schedule"), "schedule")),
    )


def _hours(raw: object) -> WeeklyHours:
    day = mapping_at(raw, "schedule")
    names = [str(name) for name in sequence_at(day.get("day"), "day")]
    return hours_of(names, _moment(day, "start"), _moment(day, "end"))


def _moment(day: Json, which: str) -> time | DaylightEvent:
    clock, event = day.get(f"{which}Time"), day.get(f"{which}Event")
    if (clock is None) == (event is None):
        raise InvalidTimeError(
            f"a schedule has both {which}Time and {which}Event or neither; give one of them"
        )
    if event is None:
        return clock_of(clock)
    if event not in list(CodeDaylightEventType):
        raise InvalidTimeError(f"{which}Event {event!r} is unknown; it is BMCT, SR, SS or EECT")
    return DaylightEvent(event)


def _volumes(geometry: Json) -> Iterable[Volume]:
    if geometry.get("type") != "GeometryCollection":
        yield from _volumes_of_one(geometry, "geometry")
        return
    for index, raw in enumerate(sequence_at(geometry.get("geometries"), "geometries")):
        place = f"geometries[{index}]"
        yield from _volumes_of_one(mapping_at(raw, place), place)


def _volumes_of_one(geometry: Json, place: str) -> Iterable[Volume]:
    lower, upper = _limits(geometry, place)
    kind, coordinates = geometry.get("type"), f"{place}.coordinates"
    bare: dict[str, Any] = {key: value for key, value in geometry.items() if key != "layer"}
    if kind == "Point":
        point = typed(bare, Point)
        if point.extent is None:
            raise InvalidGeometryError(f"{place} is a point without an extent; give its radius")
        radius_m = number_at(bare["extent"].get("radius"), f"{place}.extent.radius")
        yield Volume((), pair_of(bare["coordinates"], coordinates), radius_m, lower, upper)
    elif kind == "Polygon":
        typed(bare, Polygon)
        yield Volume(rings_of(bare["coordinates"], coordinates), None, 0.0, lower, upper)
    elif kind == "MultiPolygon":
        typed(bare, MultiPolygon)
        for rings in sequence_at(bare["coordinates"], coordinates):
            yield Volume(rings_of(rings, coordinates), None, 0.0, lower, upper)
    else:
        raise InvalidGeometryError(
            f"{place} is a {kind}, which has no area; give a Polygon, a MultiPolygon or a Point "
            "with an extent"
        )


def _limits(geometry: Json, place: str) -> tuple[Height | None, Height | None]:
    raw = geometry.get("layer")
    if raw is None:
        return None, None
    layer = mapping_at(raw, f"{place}.layer")
    # A limit that is left out is none; the type asks for both.
    open_ended = {"upper": 0.0, "upperReference": "AGL", "lower": 0.0, "lowerReference": "AGL"}
    given = {key: value for key, value in layer.items() if value is not None}
    parsed = typed({**open_ended, **given}, VerticalLayer)
    unit = parsed.uom.value
    _refuse_bare_heights(given, place)
    return (
        height_of(given.get("lower"), unit, parsed.lowerReference.value, f"{place}.layer.lower"),
        height_of(given.get("upper"), unit, parsed.upperReference.value, f"{place}.layer.upper"),
    )


def _refuse_bare_heights(layer: Json, place: str) -> None:
    for end in ("lower", "upper"):
        if end in layer and f"{end}Reference" not in layer:
            raise InvalidGeometryError(
                f"{place}.layer.{end} does not say what it is above; give {end}Reference"
            )
