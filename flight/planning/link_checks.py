"""Whether an aircraft stays within reach and sight of its dock's radio.

The station is taken to stand at home. A radio reaches as far as its maker or the operator says,
over open ground; a hill in between ends it much earlier.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from flight.missions import Mission
from flight.planning.aircraft import Aircraft
from flight.planning.flown import Flown
from flight.planning.height_above_ground import HeightsAboveGround
from flight.planning.route_ground import GroundBelow
from flight.planning.terrain_checks import flown_legs
from flight.planning.terrain_following import in_words
from geofences.checks import Finding, Severity
from geofences.geodesy import LonLat
from geofences.ground_profile import PROFILE_ERROR_M
from geofences.terrain import Terrain
from geofences.zones import ZoneIndex

FloatArray = NDArray[np.float64]

USUAL_RANGE_M = 6000.0
"""What a patrol aircraft's radio is taken to reach where nobody says.

The far end of what DJI states for its M30 in China (SRRC) with some interference and an open view:
3 to 6 km; in a city it states 1.5 to 3 km.
"""

ANTENNA_M = 3.0
"""How high above home the station's antenna is taken to be: on a dock or a short mast."""

_EVERY_M = 100.0
# Radio waves bend down a little: as if the earth were a third larger (ITU-R P.452, median air).
_BENT_EARTH_M = 6_371_000.0 * 4.0 / 3.0


@dataclass(frozen=True, slots=True, eq=False)
class _Sights:
    """Lines of sight from the antenna to places along a route.

    Attributes:
        lines_m: float64, (N, 2, 2), from home to each place.
        heights_m: float64, (N, 2), above home of antenna and aircraft.
        items: The item flown to there.
    """

    lines_m: FloatArray
    heights_m: FloatArray
    items: tuple[int, ...]


def check_link(
    mission: Mission, aircraft: Aircraft, terrain: Terrain | None = None
) -> tuple[Finding, ...]:
    """Check that an aircraft stays in its radio's range, and in sight over ground that is known.

    Args:
        mission: What is to be flown.
        aircraft: Whose radio it is. A range that somebody states must be kept; beyond the usual
            range there is a warning only.
        terrain: The ground, if that is known.

    Returns:
        At most one finding for the range and one for the sight.

    Raises:
        ElevationFileError: A file of the terrain cannot be read.
    """
    flown = Flown(mission, ZoneIndex(()))
    if len(flown.stops) == 1:
        return ()
    found = list(_range(flown, aircraft))
    if terrain is not None:
        found += _sight(flown, terrain)
    return tuple(found)


def farthest_m(mission: Mission) -> float:
    """How far a mission's farthest place is from home, metres over ground."""
    return float(_gaps_m(Flown(mission, ZoneIndex(()))).max())


def _gaps_m(flown: Flown) -> FloatArray:
    points = [flown.frame.to_local(place.lon_deg, place.lat_deg) for _, place in flown.stops]
    return np.asarray(np.hypot(*np.array(points).T))


def _range(flown: Flown, aircraft: Aircraft) -> Iterator[Finding]:
    stated_m = aircraft.link_range_m
    reach_m = USUAL_RANGE_M if stated_m is None else stated_m
    gaps_m = _gaps_m(flown)
    beyond = np.flatnonzero(gaps_m > reach_m)
    if not len(beyond):
        return
    index, place = flown.stops[int(gaps_m.argmax())]
    said = "is taken to reach" if stated_m is None else "reaches"
    state = (
        " State its range if it is another, as in NAME@DOCK::8 for 8 km." if not stated_m else ""
    )
    yield Finding(
        "link.range",
        Severity.WARNING if stated_m is None else Severity.ERROR,
        flown.mission.mission_id,
        f"{len(beyond)} waypoints of mission {flown.mission.mission_id} are beyond the "
        f"{reach_m / 1000.0:g} km that the radio of {aircraft.name} {said}; the farthest, item "
        f"{index} at {in_words(place)}, is {gaps_m.max() / 1000.0:.1f} km from the dock. Fly it "
        f"from a nearer dock, or give the radio a relay.{state}",
        place,
        excess=float(gaps_m.max()) - reach_m,
    )


def _sight(flown: Flown, terrain: Terrain) -> Iterator[Finding]:
    home = flown.mission.home
    ground_m = float(terrain.alt_amsl_m([home.lon_deg], [home.lat_deg])[0])
    said_m = flown.mission.home_alt_amsl_m
    home_alt_m = ground_m if said_m is None else said_m
    if np.isnan(home_alt_m):
        return  # told by the checks against the ground
    below = GroundBelow(terrain, flown.frame, home_alt_m)
    # An antenna is never in the ground, whatever the dock's altitude is said to be.
    mast_m = ANTENNA_M + max(0.0, float(np.nan_to_num(ground_m - home_alt_m)))
    sights = _sights(flown, mast_m)
    measured = HeightsAboveGround.along(sights.lines_m, sights.heights_m, below)
    depth_m = -(measured.height_ground_m - _bulge_m(measured, sights.lines_m)) - PROFILE_ERROR_M
    hidden = np.flatnonzero(depth_m > 0.0)
    if not len(hidden):
        return
    legs = measured.profile.leg
    worst = int(hidden[depth_m[hidden].argmax()])
    share = len(np.unique(legs[hidden])) / len(sights.lines_m)
    index = sights.items[int(legs[worst])]
    at = LonLat(*flown.frame.to_lonlat(*sights.lines_m[legs[worst], 1].tolist()))
    yield Finding(
        "link.hidden",
        Severity.WARNING,
        flown.mission.mission_id,
        f"Ground stands between the dock's antenna, taken as {ANTENNA_M:g} m high, and "
        f"{max(share, 0.01):.0%} of the route of mission {flown.mission.mission_id}; worst: on the "
        f"way to item {index}, at {in_words(at)}, the line of sight passes {depth_m[worst]:.0f} m "
        f"below the ground of {in_words(measured.position(worst))}. Fly higher there, use another "
        "dock or a relay, or expect the aircraft to act on a lost link.",
        at,
        excess=float(depth_m[worst]),
    )


def _sights(flown: Flown, antenna_m: float) -> _Sights:
    """From the antenna to both ends of every leg and to places in between."""
    items, legs_m, heights_m = flown_legs(flown)
    ends, levels, to = [], [], []
    for index, leg, (low_m, high_m) in zip(items, legs_m, heights_m, strict=True):
        pieces = max(1, int(np.ceil(np.hypot(*(leg[1] - leg[0])) / _EVERY_M)))
        share = np.linspace(0.0, 1.0, pieces + 1)[1:, None]
        ends.append(leg[0] + share * (leg[1] - leg[0]))
        levels.append(low_m + share[:, 0] * (high_m - low_m))
        to += [index] * pieces
    places_m = np.concatenate(ends)
    lines_m = np.stack([np.zeros_like(places_m), places_m], axis=1)
    aircraft_m = np.concatenate(levels)
    return _Sights(
        lines_m, np.stack([np.full_like(aircraft_m, antenna_m), aircraft_m], 1), tuple(to)
    )


def _bulge_m(measured: HeightsAboveGround, lines_m: FloatArray) -> FloatArray:
    """How far the earth rises over the straight line between two ends, at each knot."""
    lengths_m = shapely.length(shapely.linestrings(lines_m))[measured.profile.leg]
    passed_m = measured.profile.distance_m
    return np.asarray(passed_m * (lengths_m - passed_m) / (2.0 * _BENT_EARTH_M))
