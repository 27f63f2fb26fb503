"""The way home of RTL: climb, fly over, wait, land."""

from flight.simulator.legs import Leg
from flight.simulator.manoeuvres import Climb, Descend, Hold, Place, Sequence, Speeds
from flight.simulator.sensors import Estimate


def return_home(
    here: Estimate, home: Place, height_m: float, speeds: Speeds, wait_s: float = 5.0
) -> Sequence:
    """Return the way home; `height_m` is at least how high, as heights go."""
    climb_m = max(here.height_m, height_m)
    start = Place(here.north_m, here.east_m, climb_m)
    over = Place(home.north_m, home.east_m, climb_m)
    return Sequence(
        Climb(climb_m, speeds),
        Leg(start, over, speeds),
        Hold(over, speeds, for_s=wait_s),
        Descend(home, home.height_m, speeds),
    )
