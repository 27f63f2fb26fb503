"""A mission in metres, for the checks that look at where it leads."""

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import shapely

from flight.missions import Mission
from geofences.checks import Finding, Severity
from geofences.geodesy import LocalFrame, LonLat
from geofences.zones import Zone, ZoneIndex


@dataclass(frozen=True)
class Flown:
    """A mission in metres, and the zones around it.

    Attributes:
        mission: What is flown.
        zones: The zones as they are when it is flown.
        over_known_ground: Whether its true heights are checked elsewhere, so that heights above
            home say nothing about the law.
    """

    mission: Mission
    zones: ZoneIndex
    over_known_ground: bool = False

    @cached_property
    def frame(self) -> LocalFrame:
        """Metres from home."""
        return LocalFrame(self.mission.home)

    @cached_property
    def stops(self) -> list[tuple[int, LonLat]]:
        """Item index and place of everything flown to; home is -1."""
        items = enumerate(self.mission.items)
        placed = [(i, item.flown_to) for i, item in items if item.flown_to is not None]
        return [(-1, self.mission.home), *placed]

    @cached_property
    def legs(self) -> list[tuple[int, shapely.LineString]]:
        """Item index flown to, and the way there in metres; the return is not among them."""
        points = [self.frame.to_local(p.lon_deg, p.lat_deg) for _, p in self.stops]
        lines = [shapely.linestrings([a, b]) for a, b in itertools.pairwise(points)]
        return [(index, line) for (index, _), line in zip(self.stops[1:], lines, strict=True)]

    @cached_property
    def route(self) -> shapely.Geometry:
        """All legs together."""
        return shapely.union_all([line for _, line in self.legs])

    def local(self, polygon: shapely.Polygon) -> shapely.Geometry:
        """A polygon in metres."""
        return self.frame.geometry_to_local(polygon)

    def finding(
        self,
        code: str,
        severity: Severity,
        message: str,
        item_index: int | None = None,
        *,
        excess: float = 0.0,
    ) -> Finding:
        """A finding about this mission, at an item or at home."""
        places = dict(self.stops)
        position = places.get(item_index) if item_index is not None else self.mission.home
        return Finding(code, severity, self.mission.mission_id, message, position, excess=excess)

    @cached_property
    def refuges(self) -> list[tuple[str, tuple[float, float]]]:
        """What an aircraft may return to, in words and in metres: home first, then rally points."""
        rally = [
            (f"to rally point {number}", self.frame.to_local(at.lon_deg, at.lat_deg))
            for number, at in enumerate((p.position for p in self.mission.rally), start=1)
        ]
        return [("home", (0.0, 0.0)), *rally]

    def line_back(self, place: LonLat) -> shapely.LineString:
        """The straight way to home or a nearer rally point, which a failsafe flies, metres."""
        at = self.frame.to_local(place.lon_deg, place.lat_deg)
        _, end = min(self.refuges, key=lambda refuge: math.dist(at, refuge[1]))
        return shapely.linestrings([at, end])

    @property
    def way_back(self) -> str:
        """What the straight way of a failsafe is called."""
        return "way to home or the nearest rally point" if self.mission.rally else "way home"

    def where(self, index: int) -> str:
        """The place of an item in words."""
        place = dict(self.stops)[index]
        return f"{place.lat_deg:.6f} N, {place.lon_deg:.6f} E"


def named(zone: Zone) -> str:
    """A zone in words."""
    return f"{zone.name} ({zone.zone_id})"
