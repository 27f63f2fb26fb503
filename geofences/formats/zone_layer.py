"""Zones as the layer `zones` of a GeoPackage.

Fields: `zone_id`, `kind`, `name`, `name_zh`, `ceiling_m`; `lower_m` and `upper_m`, each with what
it is above in `lower_above` and `upper_above` (ground, sea_level or ellipsoid); and `times`, the
text of `time_texts`. All but the first two may be empty or missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from geofences.errors import InvalidGeometryError
from geofences.formats.layers import Layer
from geofences.formats.reading import AS_DECLARED, Reading
from geofences.formats.rows import Row, column_of, read_records
from geofences.formats.time_texts import text_of_times, times_from_text
from geofences.heights import Height, HeightReference
from geofences.zones import Zone, ZoneKind

ZONE_LAYER = "zones"
_FIELDS = (
    "zone_id", "kind", "name", "name_zh", "ceiling_m", "lower_m", "lower_above", "upper_m",
    "upper_above", "times",
)  # fmt: skip


def read_zones(path: Path, layer: str = ZONE_LAYER, reading: Reading = AS_DECLARED) -> list[Zone]:
    """The zones of a file that has the layer, all or none.

    Args:
        path: of the file.
        layer: its layer of zones.
        reading: what is said about the file beside the file.

    Raises:
        FileFormatError: the layer cannot be read.
        InvalidGeometryError: a zone is impossible; the message lists the first few.
    """
    return read_records(path, layer, _zone, reading)


def layer_of_zones(zones: Sequence[Zone]) -> Layer:
    """The layer that `read_zones` reads back; its geometries are polygons."""
    outlines = np.empty(len(zones), dtype=object)
    outlines[:] = [zone.polygon for zone in zones]
    records = [zone_fields(zone) for zone in zones]
    columns = {name: column_of([record[name] for record in records], name) for name in _FIELDS}
    return Layer(ZONE_LAYER, outlines, columns)


def zone_fields(zone: Zone) -> dict[str, str | float | None]:
    """What is stored of a zone beside its outline, by the names of the fields."""
    return {
        "zone_id": zone.zone_id,
        "kind": zone.kind.value,
        "name": zone.name,
        "name_zh": zone.name_zh,
        "ceiling_m": zone.ceiling_m,
        **_height_fields("lower", zone.lower),
        **_height_fields("upper", zone.upper),
        "times": text_of_times(zone.times),
    }


def _height_fields(end: str, height: Height | None) -> dict[str, str | float | None]:
    return {
        f"{end}_m": None if height is None else height.value_m,
        f"{end}_above": "" if height is None else height.reference.value,
    }


def _zone(row: Row) -> Zone:
    return Zone(
        zone_id=row.text("zone_id"),
        kind=ZoneKind(_one_of(ZoneKind, "kind", row.text("kind"))),
        polygon=row.shape("Polygon"),
        name=row.text("name", default=""),
        name_zh=row.text("name_zh", default=""),
        ceiling_m=row.number("ceiling_m"),
        lower=_height(row, "lower"),
        upper=_height(row, "upper"),
        times=times_from_text(row.text("times", default="")),
    )


def _height(row: Row, end: str) -> Height | None:
    value_m, above = row.number(f"{end}_m"), row.text(f"{end}_above", default="")
    if value_m is None and not above:
        return None
    if value_m is None or not above:
        raise InvalidGeometryError(
            f"only one of {end}_m and {end}_above is given; give the height and what it is above "
            f"({', '.join(HeightReference)}), or neither"
        )
    return Height(value_m, HeightReference(_one_of(HeightReference, f"{end}_above", above)))


def _one_of(values: type[ZoneKind | HeightReference], field: str, value: str) -> str:
    if value not in list(values):
        raise InvalidGeometryError(
            f"the {field} {value!r} is unknown; use one of {', '.join(values)}"
        )
    return value
