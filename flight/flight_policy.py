"""What an operator decides about a flight before it begins."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from flight.planning.power import PowerModel
from flight.preflight import Expectations
from geofences.terrain import Terrain
from geofences.zones import Zone


@dataclass(frozen=True, slots=True)
class FlightPolicy:
    """What to do when things go wrong, and what must be right before the start.

    Attributes:
        link_lost_wall_s: Silence after which the link counts as lost; the autopilot's own
            failsafe decides meanwhile, and we listen on.
        give_up_wall_s: Silence after which we stop listening and say where it was last.
        settle_wall_s: How long a cancelled start is watched for motors that still arm.
        expected: What is expected of the aircraft before its start.
        zones: What to stay out of and in besides the mission's own fence.
        bring_home: Whether an aircraft found in the air is sent home, whatever it flies.
        terrain: How high the ground is; without it limits above ground count as above home.
        power: The airframe, for telling the wind by how it leans.
        hold: Holds the aircraft with this hardware id for the length of the flight, or raises; None
            holds nothing.
    """

    link_lost_wall_s: float = 5.0
    give_up_wall_s: float = 120.0
    settle_wall_s: float = 2.0
    expected: Expectations = field(default_factory=Expectations)
    zones: Sequence[Zone] = ()
    bring_home: bool = False
    terrain: Terrain | None = None
    power: PowerModel = field(default_factory=PowerModel)
    hold: Callable[[str], AbstractContextManager[None]] | None = None
