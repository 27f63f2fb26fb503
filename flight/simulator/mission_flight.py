"""Flying the mission on board, item by item, as ArduCopter's AUTO does."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from flight.mavlink.protocol.messages import Message
from flight.simulator.cockpit import Cockpit
from flight.simulator.items import Item
from flight.simulator.legs import Leg, LegEnd
from flight.simulator.manoeuvres import (
    Climb,
    Descend,
    Hold,
    Idle,
    Manoeuvre,
    Place,
    Speeds,
    Steer,
)
from flight.simulator.mavlink_ids import Command, MissionState
from flight.simulator.returning import RallyRules, nearest_refuge, return_to
from flight.simulator.settings import Personality
from flight.simulator.stores import InPlaceMission, StagedMission

_JUMP_FOR_EVER = -1
_SLOWEST_MPS = 0.2
_LEAST_ACCELERATION_MPS2 = 0.5
_LEAST_JERK_MPS3 = 0.5

#: Towards these ArduPilot flies on without a stop.
_FLOWN_ON_TO = frozenset(
    {Command.WAYPOINT, Command.SPLINE_WAYPOINT, Command.LOITER_UNLIMITED, Command.LOITER_TIME}
)


class MissionFlight:
    """Where the mission stands and how to fly its present item.

    Args:
        cockpit: Shared state.
        store: The mission on board.
        first: Sequence number of the first real item: 1 where item 0 is home.
        perform: Does what an item asks that needs no flying (gimbal, camera).
        rally: Returns the rally points that may be returned to now.
    """

    def __init__(
        self,
        cockpit: Cockpit,
        store: InPlaceMission | StagedMission,
        first: int,
        perform: Callable[[Item], object],
        rally: Callable[[], Sequence[Item]],
    ) -> None:
        self._cockpit = cockpit
        self._store = store
        self._first = first
        self._perform = perform
        self._rally = rally
        self._manoeuvre: Manoeuvre | None = None
        self._parking: Hold | None = None
        self._from: Place | None = None
        self._passed: Leg | None = None
        self._jumps_left: dict[int, int] = {}
        self.current = 0
        self.state = MissionState.NO_MISSION
        self.speed_override_mps: float | None = None

    @property
    def count(self) -> int:
        """Items on board, home not counted."""
        return max(0, len(self._store.items) - self._first)

    @property
    def plan_id(self) -> int:
        """What tells the mission on board from others; 0 where the autopilot has no such id."""
        return self._store.plan_id

    @property
    def items(self) -> Sequence[Item]:
        """What is on board."""
        return self._store.items

    @property
    def complete(self) -> bool:
        """Whether all items were flown."""
        return self.state is MissionState.COMPLETE

    @property
    def starts_with_takeoff(self) -> bool:
        """Whether the first item to be flown is a take-off."""
        flown = [item for item in self._store.items[self._first :] if item.navigates]
        return bool(flown) and flown[0].command == Command.TAKEOFF

    @property
    def waypoint_number(self) -> int:
        """How many waypoints there are up to the present item, that one included."""
        flown = self._store.items[self._first : self.current + 1]
        return sum(item.command == Command.WAYPOINT for item in flown)

    @property
    def shown_state(self) -> MissionState:
        """The state for MISSION_CURRENT."""
        if self.count == 0:
            return MissionState.NO_MISSION
        if self.state is MissionState.NO_MISSION:
            return MissionState.NOT_STARTED
        return self.state

    def start(self) -> None:
        """Begin anew, or go on with the item that was left."""
        if self.state in (MissionState.PAUSED, MissionState.ACTIVE):
            self._manoeuvre = None
            self.state = MissionState.ACTIVE
            return
        self.reset()
        self.state = MissionState.ACTIVE
        self._enter(self._first)

    def pause(self) -> None:
        """Leave the mission where it is."""
        if self.state is MissionState.ACTIVE:
            self.state = MissionState.PAUSED
            self._manoeuvre = None

    def reset(self) -> None:
        """Go back to the start, as disarming does; a completed mission stays complete."""
        if self.state is not MissionState.COMPLETE:
            self.state = MissionState.NO_MISSION
        self.current = 0
        self.speed_override_mps = None
        self._manoeuvre = None
        self._from = None
        self._jumps_left.clear()

    def jump_to(self, sequence: int) -> bool:
        """Make an item the present one; return whether it exists."""
        if not 0 <= sequence < len(self._store.items):
            return False
        self._manoeuvre = self._from = None
        if self.state in (MissionState.ACTIVE, MissionState.PAUSED):
            self._enter(sequence)
        else:
            self.current = sequence
        return True

    def items_changed(self) -> None:
        """Restart the present item, since its content may be new."""
        self._manoeuvre = None

    def steer(self, now_s: float) -> Steer:
        """Follow the present item, and go to the next when it is done."""
        here = self._cockpit.here
        if self.state is not MissionState.ACTIVE or self._cockpit.stuck:
            return self._hover(now_s)
        self._parking = None
        if self._manoeuvre is None:
            self._manoeuvre = self._begin_item()
        wanted = self._manoeuvre.steer(here, now_s)
        heading_deg = self._told_heading_deg()
        if heading_deg is not None:
            wanted = replace(wanted, heading_deg=heading_deg)
        if self._manoeuvre.done:
            self._reached()
        return wanted

    def _told_heading_deg(self) -> float | None:
        """Where the present item wants the nose to point; None for where it flies to.

        PX4 takes the yaw of a place for a heading, 0 for north; ArduPilot keeps none of it.
        """
        item = self._item()
        if self._cockpit.personality is not Personality.PX4 or item is None or not item.located:
            return None
        return item.params[3] % 360.0 if math.isfinite(item.params[3]) else None

    def _hover(self, now_s: float) -> Steer:
        if self._cockpit.here.on_ground:
            return Idle().steer(self._cockpit.here, now_s)
        if self._parking is None:
            self._parking = Hold(self._from if self.complete else None, self.speeds())
        return self._parking.steer(self._cockpit.here, now_s)

    def _reached(self) -> None:
        self._cockpit.outbox.append(Message("MISSION_ITEM_REACHED", {"seq": self.current}))
        self._cockpit.say(f"Reached command #{self.current}")
        item = self._item()
        if item is not None and item.located:
            self._from = self._place_of(item)
        self._passed = self._manoeuvre if isinstance(self._manoeuvre, Leg) else None
        self._manoeuvre = None
        self._enter(self.current + 1)

    def _enter(self, sequence: int) -> None:
        """Perform what lies before the next item to be flown, and make that the present one."""
        items = self._store.items
        for _ in range(2 * len(items) + 2):
            if sequence >= len(items):
                break
            item = items[sequence]
            if item.navigates:
                self.current = sequence
                return
            sequence = self._do(sequence, item)
        self.state = MissionState.COMPLETE
        self._cockpit.say("Mission complete")

    def _do(self, sequence: int, item: Item) -> int:
        if item.command == Command.JUMP:
            left = self._jumps_left.setdefault(sequence, int(item.params[1]))
            if left == 0:
                return sequence + 1
            self._jumps_left[sequence] = left if left == _JUMP_FOR_EVER else left - 1
            return max(self._first, int(item.params[0]))
        if item.command == Command.CHANGE_SPEED and item.params[1] > 0:
            self.speed_override_mps = item.params[1]
        self._perform(item)
        return sequence + 1

    def _item(self) -> Item | None:
        items = self._store.items
        return items[self.current] if self.current < len(items) else None

    def _begin_item(self) -> Manoeuvre:
        here, speeds, item = self._cockpit.here, self.speeds(), self._item()
        if item is None:
            return Hold(None, speeds)
        self._cockpit.say(f"Mission: {self.current} {Command(item.command).name.title()}")
        match item.command:
            case Command.TAKEOFF:
                return Climb(self._height_m(item), speeds)
            case Command.RETURN:
                return self.way_home(speeds)
            case Command.LAND:
                return self._land(item, speeds)
            case Command.DELAY:
                return Hold(None, speeds, for_s=max(0.0, item.params[0]))
        place = self._place_of(item)
        start, self._from = self._from, None
        before, self._passed = self._passed, None
        # Without a place that was left, or after a pause, the leg begins where the aircraft is.
        before = before if start else None
        start = start or Place(here.north_m, here.east_m, here.height_m)
        return Leg(start, place, speeds, self._end_of(item), before)

    def _land(self, item: Item, speeds: Speeds) -> Manoeuvre:
        place = self._place_of(item)
        ground_m = self._home_place().height_m
        return Descend(replace(place, height_m=ground_m), ground_m, speeds)

    def way_home(self, speeds: Speeds) -> Manoeuvre:
        """Return the manoeuvre of RTL, to home or to the rally point that is nearer."""
        here, home, parameters = self._cockpit.here, self._home_place(), self._cockpit.parameters
        rules = RallyRules(1000.0 * parameters["RALLY_LIMIT_KM"], parameters["RALLY_INCL_HOME"] > 0)
        points = [self._place_of(item) for item in self._rally()]
        refuge = nearest_refuge(here, home, points, rules)
        height_m = self._return_height_m(home, refuge)
        rtl_speed = parameters["RTL_SPEED"] / 100
        if rtl_speed > 0:
            speeds = replace(speeds, cruise_mps=rtl_speed)
        ground = replace(refuge, height_m=home.height_m)
        return return_to(here, ground, height_m, speeds, parameters["RTL_LOIT_TIME"] / 1000)

    def _return_height_m(self, home: Place, refuge: Place) -> float:
        """The height of a return: ArduPilot takes the greater one, PX4 adds the two."""
        rtl_m = self._cockpit.parameters["RTL_ALT"] / 100
        if self._cockpit.personality is Personality.PX4:
            return refuge.height_m + rtl_m
        return max(refuge.height_m, home.height_m + rtl_m)

    def speeds(self) -> Speeds:
        """Return the speeds that parameters and the mission ask for."""
        parameters = self._cockpit.parameters
        return Speeds(
            self.speed_override_mps or max(_SLOWEST_MPS, parameters["WPNAV_SPEED"] / 100),
            max(_SLOWEST_MPS, parameters["WPNAV_SPEED_UP"] / 100),
            max(_SLOWEST_MPS, parameters["WPNAV_SPEED_DN"] / 100),
            max(_SLOWEST_MPS, parameters["LAND_SPEED"] / 100),
            max(_LEAST_ACCELERATION_MPS2, parameters["WPNAV_ACCEL"] / 100),
            max(_LEAST_ACCELERATION_MPS2, parameters["WPNAV_ACCEL_Z"] / 100),
            max(_LEAST_JERK_MPS3, parameters["WPNAV_JERK"]),
        )

    def _end_of(self, item: Item) -> LegEnd:
        radius_m = self._cockpit.parameters["WPNAV_RADIUS"] / 100
        if item.command == Command.LOITER_UNLIMITED:
            return LegEnd(radius_m, pause_s=math.inf)
        if item.command in (Command.LOITER_TIME, Command.LOITER_TURNS) or item.params[0] > 0:
            return LegEnd(radius_m, pause_s=item.params[0])
        return LegEnd(radius_m, self._onward())

    def _onward(self) -> Place | None:
        """Where the mission goes on to without a stop; before anything but places it stops."""
        following = self._store.items[self.current + 1 :]
        item = next((item for item in following if item.navigates), None)
        return None if item is None or item.command not in _FLOWN_ON_TO else self._place_of(item)

    def _place_of(self, item: Item) -> Place:
        here = self._cockpit.here
        if item.x == 0 and item.y == 0:
            north_m, east_m = here.north_m, here.east_m
        else:
            north_m, east_m = self._cockpit.earth.to_local(item.lon_deg, item.lat_deg)
        return Place(north_m, east_m, self._height_m(item))

    def _height_m(self, item: Item) -> float:
        if item.frame == 0:
            return item.z - self._cockpit.ground_amsl_m
        return item.z + self._home_place().height_m

    def _home_place(self) -> Place:
        home = self._cockpit.home
        return Place(home.north_m, home.east_m, home.height_m) if home else Place(0, 0, 0)
