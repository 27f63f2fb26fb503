"""Zones of ED-269 (EUROCAE, Minimum Operational Performance Standard for UAS Geo-Fencing).

What bears on where, when and whether one may fly is read; authorities and messages are not. The
standard leaves the order of coordinates open to doubt (its types in `uas_standards` say latitude
first, published files have longitude first), so it is left to `geozones.decided_axes`. The radius
of a circle is taken as metres whatever the unit of the heights, the larger of the two readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from uas_standards.eurocae_ed269 import (
    YESNO,
    ApplicableTimePeriod,
    DailyPeriod,
    HorizontalProjectionType,
    UASZoneAirspaceVolume,
    UASZoneVersion,
)

from geofences.active_times import ALWAYS, ActivePeriod, ActiveTimes, WeeklyHours
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

_PERMANENT_NOTE = (
    "is permanent and has dates or hours as well; it is taken as always active, the safe reading"
)


def read_feature(feature: Json) -> PublishedZone:
    """One feature of an ED-269 document.

    Raises:
        GroundError: it is none; the message names the key.
    """
    restriction = restriction_of(str(feature.get("restriction")))
    raw_volumes = sequence_at(feature.get("geometry"), "geometry")
    zone = typed(
        {
            "identifier": feature.get("identifier"),
            "country": feature.get("country"),
            "name": feature.get("name"),
            "type": feature.get("type", ""),
            "restriction": "PROHIBITED",  # read above, by either spelling and with USPACE
            "applicability": _prepared(feature.get("applicability")),
            "zoneAuthority": [],
            "geometry": list(raw_volumes),
        },
        UASZoneVersion,
    )
    zone_id = f"{word_at(feature, 'country')}-{word_at(feature, 'identifier')}"
    times, notes = _times(zone.applicability)
    volumes = [
        _volume(volume, mapping_at(raw, "geometry"), f"geometry[{index}]")
        for index, (volume, raw) in enumerate(zip(zone.geometry, raw_volumes, strict=True))
    ]
    return PublishedZone(
        zone_id=zone_id,
        name=zone.name or zone_id,
        name_zh="",
        restriction=restriction,
        times=times,
        volumes=tuple(volumes),
        notes=tuple(f"{zone_id} {note}." for note in notes),
    )


def _prepared(raw: object) -> list[dict[str, Any]]:
    """Applicability with its times read, since the types know fewer spellings than files use."""
    return [
        _prepared_period(mapping_at(period, "applicability"))
        for period in sequence_at(raw, "applicability")
    ]


def _prepared_period(raw: Json) -> dict[str, Any]:
    dates = {
        key: moment_of(raw[key])
        for key in ("startDateTime", "endDateTime")
        if raw.get(key) is not None
    }
    days = [mapping_at(day, "schedule") for day in sequence_at(raw.get("schedule"), "schedule")]
    clocks = ("startTime", "endTime")
    schedule = [{**day, **{key: clock_of(day.get(key)) for key in clocks}} for day in days]
    return {**raw, **dates, "schedule": schedule}


def _times(periods: Sequence[ApplicableTimePeriod]) -> tuple[ActiveTimes, list[str]]:
    permanent = [period for period in periods if period.permanent is YESNO.YES]
    if permanent or not periods:
        limited = any(p.startDateTime or p.endDateTime or p.schedule for p in permanent)
        return ALWAYS, [_PERMANENT_NOTE] if limited else []
    return ActiveTimes(tuple(_period(period) for period in periods)), []


def _period(period: ApplicableTimePeriod) -> ActivePeriod:
    start, end = period.startDateTime, period.endDateTime
    return ActivePeriod(
        None if start is None else start.datetime,
        None if end is None else end.datetime,
        tuple(_hours(day) for day in period.schedule or ()),
    )


def _hours(day: DailyPeriod) -> WeeklyHours:
    return hours_of((name.value for name in day.day), day.startTime.time, day.endTime.time)


def _volume(volume: UASZoneAirspaceVolume, raw: Json, place: str) -> Volume:
    unit = volume.uomDimensions.value
    # Limits are taken as published: the type cuts them to whole units, which may shrink a zone.
    lower = height_of(raw.get("lowerLimit"), unit, volume.lowerVerticalReference.value,
                      f"{place}.lowerLimit")  # fmt: skip
    upper = height_of(raw.get("upperLimit"), unit, volume.upperVerticalReference.value,
                      f"{place}.upperLimit")  # fmt: skip
    shape, raw_shape = volume.horizontalProjection, raw["horizontalProjection"]
    if shape.type is HorizontalProjectionType.Circle:
        centre = pair_of(raw_shape.get("center"), f"{place}.center")
        radius_m = number_at(raw_shape.get("radius"), f"{place}.radius")
        return Volume((), centre, radius_m, lower, upper)
    rings = rings_of(raw_shape.get("coordinates"), f"{place}.coordinates")
    return Volume(rings, None, 0.0, lower, upper)
