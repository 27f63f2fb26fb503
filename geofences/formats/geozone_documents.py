"""JSON documents of published zones: loaded, told apart, and read feature by feature.

The types of `uas_standards` say what a feature must be like; what they raise for other features is
turned into sentences here, with the number and id of the feature and the key that is wrong.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from geofences.errors import FileFormatError, GroundError, InvalidGeometryError
from geofences.formats.geozones import Pair, PublishedZone
from geofences.heights import Height, HeightReference

Json = Mapping[str, Any]


class StandardType(Protocol):
    """What the types of `uas_standards` can do."""

    @classmethod
    def parse(cls, source: dict[str, Any], parse_type: type) -> Self:
        """One of `parse_type` from a JSON object; raises what int, float and enumerations do."""
        ...


_Standard = TypeVar("_Standard", bound=StandardType)

_LARGEST_BYTES = 200_000_000
_METRES = {"M": 1.0, "FT": 0.3048}
_REFERENCES = {
    "AGL": HeightReference.GROUND,
    "AMSL": HeightReference.SEA_LEVEL,
    "WGS84": HeightReference.ELLIPSOID,
}
# What the parser of uas_standards lets through of the errors of int, float and enumerations.
_PARSER_ERRORS = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


class GeozoneFormat(StrEnum):
    """Which standard a document follows."""

    ED269 = "ed269"
    ED318 = "ed318"
    GEOJSON = "geojson"
    """Zones as `zone_features` writes them."""


def load_document(path: Path) -> Json:
    """The JSON object in a file.

    Raises:
        FileFormatError: there is no such file, or it holds something else.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise FileFormatError(f"{path} is larger than 200 MB; cut out the region you need.")
        document = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_constant)
    except OSError as error:
        raise FileFormatError(f"{path} cannot be read ({error.strerror}); check it.") from error
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{path} is not JSON ({error}); give a file of zones.") from error
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise FileFormatError(
            f"{path} has no list of features, so it is neither ED-269 nor ED-318; give a file of "
            "zones."
        )
    if not document["features"]:
        raise FileFormatError(f"{path} has no features; give a file that has some.")
    return document


def format_of(document: Json) -> GeozoneFormat:
    """Which standard a document follows, by its features.

    Raises:
        FileFormatError: it follows neither.
    """
    geometries = [f.get("geometry") for f in document["features"] if isinstance(f, dict)]
    if any(isinstance(geometry, list) for geometry in geometries):
        return GeozoneFormat.ED269
    if document.get("type") == "FeatureCollection":
        inner = [f.get("properties") for f in document["features"] if isinstance(f, dict)]
        own = any(isinstance(fields, dict) and "zone_id" in fields for fields in inner)
        return GeozoneFormat.GEOJSON if own else GeozoneFormat.ED318
    raise FileFormatError(
        "The document looks like neither ED-269 nor ED-318; say which with --format."
    )


def published_from(
    document: Json, read: Callable[[Json], PublishedZone]
) -> tuple[list[PublishedZone], list[str]]:
    """The zones of all features that can be read, and what is wrong with the others.

    Args:
        document: as loaded.
        read: reads one feature.
    """
    zones: list[PublishedZone] = []
    problems: list[str] = []
    for number, feature in enumerate(document["features"], start=1):
        try:
            zones.append(read(mapping_at(feature, "feature")))
        except GroundError as error:
            problems.append(f"feature {number} ({_name_of(feature)}): {error}")
    return zones, problems


def typed(raw: Json, kind: type[_Standard]) -> _Standard:
    """A JSON object as one of the types of `uas_standards`.

    Raises:
        InvalidGeometryError: it is not one.
    """
    try:
        return kind.parse(dict(raw), kind)
    except _PARSER_ERRORS as error:
        raise InvalidGeometryError(f"{error}; correct it") from error


def mapping_at(raw: object, place: str) -> Json:
    """A JSON object.

    Raises:
        InvalidGeometryError: it is something else.
    """
    if not isinstance(raw, dict):
        raise InvalidGeometryError(f"{place} is {type(raw).__name__}, not an object; correct it")
    return raw


def sequence_at(raw: object, place: str) -> Sequence[Any]:
    """A JSON array; nothing is an empty one.

    Raises:
        InvalidGeometryError: it is something else.
    """
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise InvalidGeometryError(f"{place} is {type(raw).__name__}, not a list; correct it")
    return raw


def height_of(raw: object, unit: str, reference: str, place: str) -> Height | None:
    """A limit with its unit and reference; nothing is no limit.

    Raises:
        InvalidGeometryError: it is not a number.
    """
    if raw is None:
        return None
    return Height(number_at(raw, place) * _METRES[unit.upper()], _REFERENCES[reference])


def pair_of(raw: object, place: str) -> Pair:
    """The first two coordinates of a position.

    Raises:
        InvalidGeometryError: there are none.
    """
    values = sequence_at(raw, place)
    if len(values) < 2:
        raise InvalidGeometryError(f"{place} has no two coordinates; give both")
    return number_at(values[0], place), number_at(values[1], place)


def rings_of(raw: object, place: str) -> tuple[tuple[Pair, ...], ...]:
    """The rings of a polygon.

    Raises:
        InvalidGeometryError: it is not a list of lists of positions.
    """
    return tuple(
        tuple(pair_of(position, place) for position in sequence_at(ring, place))
        for ring in sequence_at(raw, place)
    )


def word_at(raw: Json, key: str) -> str:
    """A text that is not empty.

    Raises:
        InvalidGeometryError: there is none.
    """
    value = raw.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InvalidGeometryError(f"{key} is missing or no text; fill it in")
    return value.strip()


def number_at(raw: object, place: str) -> float:
    """A finite number.

    Raises:
        InvalidGeometryError: it is something else.
    """
    # A boolean is a number to Python, and text like "120 ft" would lose its unit.
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise InvalidGeometryError(f"{place} is {raw!r}, not a number; correct it")
    return float(raw)


def _name_of(feature: object) -> str:
    inner = feature.get("properties", feature) if isinstance(feature, dict) else None
    found = inner.get("identifier") if isinstance(inner, dict) else None
    return str(found)[:40] if found else "without an identifier"


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")
