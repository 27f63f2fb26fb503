"""The way back of RTL: where to, and then climb, fly over, wait, land."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flight.simulator.legs import Leg
from flight.simulator.manoeuvres import Climb, Descend, Hold, Place, Speeds
from flight.simulator.manoeuvres import Sequence as Manoeuvres
from flight.simulator.sensors import Estimate


@dataclass(frozen=True, slots=True)
class RallyRules:
    """When a rally point is returned to.

    Attributes:
        limit_m: None farther than this is (RALLY_LIMIT_KM); 0 is no limit.
        home_counts: Whether home is returned to where it is as near (RALLY_INCL_HOME).
    """

    limit_m: float
    home_counts: bool


def nearest_refuge(here: Estimate, home: Place, rally: Sequence[Place], rules: RallyRules) -> Place:
    """Return where to go back to, as ArduPilot's AP_Rally chooses.

    Args:
        here: Where the aircraft is.
        home: Where it took off.
        rally: Valid rally points, each at the height at which it is arrived at.
        rules: From the parameters.

    Returns:
        Home, or the nearest rally point if that lies within the limit and nearer than home.
    """

    def away_m(place: Place) -> float:
        return math.hypot(place.north_m - here.north_m, place.east_m - here.east_m)

    nearest = min(rally, key=away_m, default=home)
    if nearest is home or 0 < rules.limit_m < away_m(nearest):
        return home
    return home if rules.home_counts and away_m(home) <= away_m(nearest) else nearest


def return_to(
    here: Estimate, ground: Place, height_m: float, speeds: Speeds, wait_s: float = 5.0
) -> Manoeuvres:
    """Return the way back to a place on the ground.

    Args:
        here: Where the aircraft is.
        ground: Where it lands.
        height_m: At least how high it flies there, as heights go.
        speeds: How fast.
        wait_s: How long it waits above the place.
    """
    climb_m = max(here.height_m, height_m)
    start = Place(here.north_m, here.east_m, climb_m)
    over = Place(ground.north_m, ground.east_m, climb_m)
    return Manoeuvres(
        Climb(climb_m, speeds),
        Leg(start, over, speeds),
        Hold(over, speeds, for_s=wait_s),
        Descend(ground, ground.height_m, speeds),
    )
