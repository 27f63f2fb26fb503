"""Files of published zones, read whole or not at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from geofences.errors import InvalidGeometryError
from geofences.formats import ed269, ed318
from geofences.formats.geozone_documents import (
    GeozoneFormat,
    format_of,
    load_document,
    published_from,
)
from geofences.formats.geozones import Axes, Box, Geozones, decided_axes, refuse, zones_of
from geofences.formats.zone_features import read_zone_features
from geofences.zones import ZoneIndex


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read.

    Attributes:
        standard: which it follows; None to tell from the file.
        axes: which coordinate comes first; None to tell from the county.
        granted: ids of zones that the operator has the authority's word for.
    """

    standard: GeozoneFormat | None = None
    axes: Axes | None = None
    granted: Collection[str] = ()


def read_geozones(path: Path, county: Box, reading: Reading) -> Geozones:
    """The zones of an ED-269 or ED-318 file, or of GeoJSON that was exported here.

    Args:
        path: of the file.
        county: west, south, east and north of the county, degrees; tells which coordinate of an
            ED-269 file comes first.
        reading: what the operator says about it.

    Raises:
        FileFormatError: the file cannot be read as either.
        InvalidGeometryError: something in it is impossible; the message lists what, by feature.
    """
    document = load_document(path)
    standard = reading.standard or format_of(document)
    if standard is GeozoneFormat.GEOJSON:
        return _own(path, reading)
    is_ed318 = standard is GeozoneFormat.ED318
    published, problems = published_from(document, (ed318 if is_ed318 else ed269).read_feature)
    order = Axes.LON_LAT if is_ed318 else None
    try:
        if not published:
            refuse(problems)
        axes, note = decided_axes(published, county, order, reading.axes)
        zones, more = zones_of(published, axes, reading.granted)
        refuse([*problems, *more])
    except InvalidGeometryError as error:
        raise InvalidGeometryError(f"{path}: {error}") from error
    notes = [note, *(ed318.notes_on(document) if is_ed318 else ())]
    notes += [line for zone in published for line in zone.notes]
    return Geozones(zones, tuple(zone.zone_id for zone in published), tuple(notes))


def _own(path: Path, reading: Reading) -> Geozones:
    if reading.granted:
        raise InvalidGeometryError(
            f"{path} says itself what its zones are, so nothing can be granted; leave it out."
        )
    zones = ZoneIndex(read_zone_features(path)).zones
    return Geozones(zones, tuple(zone.zone_id for zone in zones), ())
