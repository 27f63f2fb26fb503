"""Geographical zones as authorities publish them, and the zones they become here.

`ed269` and `ed318` read their files into `PublishedZone`s; this module says what those mean, and
the rule is that nothing published ever opens what something else closes:

    PROHIBITED            no_fly
    REQ_AUTHORIZATION     no_fly; advisory if the operator says that it was granted
    CONDITIONAL           likewise, since the conditions are words that cannot be checked here
    USPACE                likewise, since its services have to be joined first
    NO_RESTRICTION        advisory

ED-269 spells authorisation with S and ED-318 with Z; both are read in both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import shapely

from geofences.active_times import ActiveTimes
from geofences.antimeridian import parts_of_outline
from geofences.circles import Circle
from geofences.errors import GroundError, InvalidGeometryError
from geofences.geodesy import LonLat
from geofences.heights import Height
from geofences.identifiers import repeated
from geofences.zones import Zone, ZoneKind

Pair = tuple[float, float]
Box = tuple[float, float, float, float]

_NEAR_DEG = 3.0
_SHOWN_PROBLEMS = 20


class Restriction(StrEnum):
    """What a published zone asks for."""

    PROHIBITED = "PROHIBITED"
    REQ_AUTHORIZATION = "REQ_AUTHORIZATION"
    CONDITIONAL = "CONDITIONAL"
    NO_RESTRICTION = "NO_RESTRICTION"
    USPACE = "USPACE"


_GRANTABLE = (Restriction.REQ_AUTHORIZATION, Restriction.CONDITIONAL, Restriction.USPACE)


class Axes(StrEnum):
    """Which coordinate of a pair comes first."""

    LON_LAT = "lon-lat"
    LAT_LON = "lat-lon"


@dataclass(frozen=True, slots=True)
class Volume:
    """One outline of a published zone between two heights.

    Attributes:
        rings: pairs as published, the outer ring and then its holes; empty for a circle.
        centre: of a circle, as published; None for a polygon.
        radius_m: of a circle.
        lower: None if it goes down to the ground.
        upper: None if it has no end.
    """

    rings: tuple[tuple[Pair, ...], ...]
    centre: Pair | None
    radius_m: float
    lower: Height | None
    upper: Height | None

    @property
    def pairs(self) -> Iterable[Pair]:
        """All its coordinates."""
        return chain(*self.rings, () if self.centre is None else (self.centre,))


@dataclass(frozen=True, slots=True)
class PublishedZone:
    """A zone as published, before it is known which coordinate comes first.

    Attributes:
        zone_id: country and identifier, such as CHE-AB12345.
        name: in English or whatever there is.
        name_zh: in Chinese, if there is one.
        restriction: what it asks for.
        times: when.
        volumes: where.
        notes: what the operator should know about how it was read.
    """

    zone_id: str
    name: str
    name_zh: str
    restriction: Restriction
    times: ActiveTimes
    volumes: tuple[Volume, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Geozones:
    """What a file of published zones comes to.

    Attributes:
        zones: one for each volume of each published zone; the ids of several are numbered, such as
            CHE-AB12345/2.
        published_ids: the ids without numbers, in the order of the file.
        notes: what the operator should know about how the file was read.
    """

    zones: tuple[Zone, ...]
    published_ids: tuple[str, ...]
    notes: tuple[str, ...]


def restriction_of(text: str) -> Restriction:
    """A restriction by either spelling.

    Raises:
        InvalidGeometryError: it is none.
    """
    spelled = text.replace("AUTHORISATION", "AUTHORIZATION")
    if spelled not in list(Restriction):
        raise InvalidGeometryError(
            f"the restriction {text!r} is unknown; it is one of {', '.join(Restriction)}"
        )
    return Restriction(spelled)


def decided_axes(
    published: Sequence[PublishedZone], county: Box, standard: Axes | None, asked: Axes | None
) -> tuple[Axes, str]:
    """Which coordinate comes first, from where the zones would lie.

    Args:
        published: all zones of a file.
        county: west, south, east and north of the county, degrees.
        standard: what the format says, if it does.
        asked: what the operator says, which is not questioned.

    Returns:
        The order, and a note that says why.

    Raises:
        InvalidGeometryError: it cannot be told, or it is not the order of the format.
    """
    if asked is not None:
        return asked, f"Coordinates are read as {asked}, as asked for."
    near = [axes for axes in Axes if _near(published, county, axes)]
    if standard is not None and (standard in near or not near):
        far = "" if near else ", though then no zone lies within 300 km of the county"
        return standard, f"Coordinates are read as {standard}, as the format says{far}."
    if standard is not None:
        raise InvalidGeometryError(
            f"The format has {standard}, but only read as {near[0]} does a zone lie within 300 km "
            f"of the county. Correct the file, or say --axes {near[0]}."
        )
    if len(near) != 1:
        where = "in both orders zones lie" if near else "in neither order does a zone lie"
        raise InvalidGeometryError(
            f"It cannot be told whether longitude or latitude comes first: {where} within 300 km "
            "of the county. Look at the coordinates and say --axes lon-lat or --axes lat-lon."
        )
    return near[0], f"Coordinates are read as {near[0]}: only so does a zone lie near the county."


def zones_of(
    published: Sequence[PublishedZone], axes: Axes, granted: Collection[str]
) -> tuple[tuple[Zone, ...], list[str]]:
    """The zones that published ones become, and what is wrong.

    Args:
        published: all zones of a file.
        axes: which coordinate comes first.
        granted: ids of those that the operator has the authority's word for.

    Returns:
        Zones; and a line for each impossible outline, each id that is used twice, and all that was
        granted and is not there or cannot be.
    """
    problems: list[str] = []
    zones: list[Zone] = []
    for zone in published:
        try:
            zones += _zones(zone, axes, zone.zone_id in granted)
        except GroundError as error:
            problems.append(f"{zone.zone_id}: {error}")
    twice = sorted(repeated(zone.zone_id for zone in published))
    problems += [f"{zone_id}: is used more than once; give each zone its own" for zone_id in twice]
    problems += [said for name in sorted(granted) if (said := _not_granted(name, published))]
    return tuple(zones), problems


def refuse(problems: Sequence[str]) -> None:
    """Nothing, unless there are problems.

    Raises:
        InvalidGeometryError: there are; the message lists them one by one.
    """
    if problems:
        lines = "\n".join(f"  - {problem}" for problem in problems[:_SHOWN_PROBLEMS])
        more = len(problems) - _SHOWN_PROBLEMS
        rest = f"\n  and {more} more" if more > 0 else ""
        raise InvalidGeometryError(
            f"{len(problems)} problem(s) with the zones, nothing was imported:\n{lines}{rest}"
        )


def _zones(zone: PublishedZone, axes: Axes, granted: bool) -> list[Zone]:
    kind = ZoneKind.NO_FLY
    if zone.restriction is Restriction.NO_RESTRICTION or granted:
        kind = ZoneKind.ADVISORY
    parts = [(part, volume) for volume in zone.volumes for part in _outlines(volume, axes)]
    if not parts:
        raise InvalidGeometryError("has no outline; give it one")
    return [
        Zone(
            zone_id=zone.zone_id if len(parts) == 1 else f"{zone.zone_id}/{number}",
            kind=kind,
            polygon=part,
            name=zone.name,
            name_zh=zone.name_zh,
            lower=volume.lower,
            upper=volume.upper,
            times=zone.times,
        )
        for number, (part, volume) in enumerate(parts, start=1)
    ]


def _outlines(volume: Volume, axes: Axes) -> tuple[shapely.Polygon, ...]:
    if volume.centre is not None:
        return Circle(LonLat(*_lonlat(volume.centre, axes)), volume.radius_m).outlines()
    rings = [[_lonlat(pair, axes) for pair in ring] for ring in volume.rings]
    for place in chain(*rings):
        LonLat(*place)  # refuses what is not on Earth
    return parts_of_outline(rings)


def _lonlat(pair: Pair, axes: Axes) -> Pair:
    return pair if axes is Axes.LON_LAT else (pair[1], pair[0])


def _near(published: Sequence[PublishedZone], county: Box, axes: Axes) -> bool:
    west, south, east, north = county
    places = [
        [_lonlat(pair, axes) for pair in volume.pairs]
        for zone in published
        for volume in zone.volumes
    ]
    if any(abs(lat) > 90.0 for corners in places for _, lat in corners):
        return False
    room = shapely.box(west, south, east, north).buffer(_NEAR_DEG, cap_style="square")
    hulls = (shapely.MultiPoint(corners).envelope for corners in places if corners)
    return any(room.intersects(hull) for hull in hulls)


def _not_granted(name: str, published: Sequence[PublishedZone]) -> str:
    found = [zone for zone in published if zone.zone_id == name]
    if not found:
        return f"{name}: is not in the file, so nothing can be granted; check the id"
    asks = found[0].restriction
    return "" if asks in _GRANTABLE else f"{name}: is {asks}, for which nothing can be granted"
