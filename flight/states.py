"""What an aircraft tells of itself, and the states a patrol goes through.

All transitions of a patrol live in one table here. An event that the table does not hold for the
present state raises and changes nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from flight.errors import FlightError
from geofences.geodesy import LonLat


@dataclass(frozen=True, slots=True)
class VehicleState:
    """One snapshot of an aircraft's telemetry.

    Attributes:
        time_boot_s: The autopilot's own clock at the position below.
        position: Where it is; None before the first fix.
        alt_amsl_m: Height above mean sea level.
        height_home_m: Height above the take-off point.
        velocity_north_mps: Speed over ground to the north.
        velocity_east_mps: Speed over ground to the east.
        velocity_up_mps: Climb rate.
        roll_deg: Right wing down is positive.
        pitch_deg: Nose up is positive.
        heading_deg: Clockwise from true north, 0 to 360.
        gimbal_pitch_deg: Camera pitch against the horizon, -90 straight down; None if not told.
        gimbal_heading_deg: Camera heading from true north; None if not told.
        mode: Flight mode in the autopilot's own word.
        armed: Whether the motors may turn.
        on_ground: Whether it stands on the ground.
        battery_percent: Charge left; None if unknown.
        battery_v: Battery voltage; 0 if unknown.
        mission_item: Index of the mission item being flown, counted as in the uploaded
            `Mission.items`; None if no mission is flown.
        mission_reached: Index of the item last told to be reached, counted likewise; None if none
            was since the motors were started.
        mission_count: Items of the mission on board, counted likewise.
        mission_id: What the autopilot calls the mission on board; 0 if it gives no ids.
        mission_changed: How the mission on board was changed since it was uploaded, in words;
            empty while it was not.
        mission_complete: Whether the autopilot calls its mission complete.
        gps_fix: GPS_FIX_TYPE as in MAVLink; 3 and above is a three-dimensional fix.
        satellites: Satellites in use; None if unknown.
        prearm_good: Whether the autopilot would arm in its present mode; None if not told.
        breach: Whether the aircraft is outside its fence.
        failsafe: Whether the autopilot reports an emergency of its own.
        status_texts: What the autopilot said lately, newest last.
        home: Where heights above home are counted from; None if not told.
        estimate_good: Whether the navigation filter has a position; None if not told.
        sensors_bad: Names of sensors that are in use and not healthy.
        wind_mps: Wind as the autopilot estimates it; None if not told.
        wind_from_deg: Where that comes from, clockwise from true north; None if not told.
    """

    time_boot_s: float = 0.0
    position: LonLat | None = None
    alt_amsl_m: float = 0.0
    height_home_m: float = 0.0
    velocity_north_mps: float = 0.0
    velocity_east_mps: float = 0.0
    velocity_up_mps: float = 0.0
    roll_deg: float = 0.0
    pitch_deg: float = 0.0
    heading_deg: float = 0.0
    gimbal_pitch_deg: float | None = None
    gimbal_heading_deg: float | None = None
    mode: str = ""
    armed: bool = False
    on_ground: bool = True
    battery_percent: float | None = None
    battery_v: float = 0.0
    mission_item: int | None = None
    mission_reached: int | None = None
    mission_count: int = 0
    mission_id: int = 0
    mission_changed: str = ""
    mission_complete: bool = False
    gps_fix: int = 0
    satellites: int | None = None
    prearm_good: bool | None = None
    breach: bool = False
    failsafe: bool = False
    status_texts: tuple[str, ...] = ()
    home: LonLat | None = None
    estimate_good: bool | None = None
    sensors_bad: tuple[str, ...] = ()
    wind_mps: float | None = None
    wind_from_deg: float | None = None

    @property
    def ground_speed_mps(self) -> float:
        """Speed over ground."""
        return math.hypot(self.velocity_north_mps, self.velocity_east_mps)


class PatrolState(StrEnum):
    """Where a patrol flight stands."""

    PREFLIGHT = "preflight"
    UPLOADING = "uploading"
    READY = "ready"
    TAKING_OFF = "taking_off"
    ON_PATROL = "on_patrol"
    PAUSED = "paused"
    RETURNING = "returning"
    LANDED = "landed"
    PILOT_CONTROL = "pilot_control"
    FAILSAFE = "failsafe"
    LINK_LOST = "link_lost"
    ABORTED = "aborted"


class PatrolEvent(StrEnum):
    """What moves a patrol flight from one state to the next."""

    CHECKED = "checked"
    UPLOADED = "uploaded"
    STARTED = "started"
    ADOPTED = "adopted"
    AIRBORNE = "airborne"
    PAUSED = "paused"
    RESUMED = "resumed"
    RETURNING = "returning"
    TOUCHED_DOWN = "touched_down"
    PILOT_TOOK_OVER = "pilot_took_over"
    PILOT_GAVE_BACK = "pilot_gave_back"
    FAILSAFE = "failsafe"
    LINK_LOST = "link_lost"
    FAILED = "failed"


class IllegalTransitionError(FlightError):
    """A patrol was told of an event that cannot happen in its state."""


_S, _E = PatrolState, PatrolEvent

_BEFORE_FLIGHT = (_S.PREFLIGHT, _S.UPLOADING, _S.READY)
_IN_FLIGHT = (_S.TAKING_OFF, _S.ON_PATROL, _S.PAUSED, _S.RETURNING)
_OUT_OF_HAND = (_S.PILOT_CONTROL, _S.FAILSAFE, _S.LINK_LOST)

TRANSITIONS: Mapping[tuple[PatrolState, PatrolEvent], PatrolState] = MappingProxyType(
    {
        (_S.PREFLIGHT, _E.CHECKED): _S.UPLOADING,
        (_S.UPLOADING, _E.UPLOADED): _S.READY,
        (_S.READY, _E.STARTED): _S.TAKING_OFF,
        # Found in the air with our mission: where it stands shows in the next snapshot.
        (_S.PREFLIGHT, _E.ADOPTED): _S.LINK_LOST,
        (_S.TAKING_OFF, _E.AIRBORNE): _S.ON_PATROL,
        (_S.ON_PATROL, _E.PAUSED): _S.PAUSED,
        (_S.PAUSED, _E.RESUMED): _S.ON_PATROL,
        (_S.FAILSAFE, _E.PILOT_TOOK_OVER): _S.PILOT_CONTROL,
        (_S.PILOT_CONTROL, _E.FAILSAFE): _S.FAILSAFE,
        # Only the pilot can bring the mission back; we follow and never grab.
        (_S.PILOT_CONTROL, _E.PILOT_GAVE_BACK): _S.ON_PATROL,
        (_S.FAILSAFE, _E.PILOT_GAVE_BACK): _S.ON_PATROL,
    }
    | {(state, _E.FAILED): _S.ABORTED for state in _BEFORE_FLIGHT}
    | {
        (state, event): target
        for state in _IN_FLIGHT
        for event, target in (
            (_E.TOUCHED_DOWN, _S.LANDED),
            (_E.PILOT_TOOK_OVER, _S.PILOT_CONTROL),
            (_E.FAILSAFE, _S.FAILSAFE),
            (_E.LINK_LOST, _S.LINK_LOST),
            (_E.FAILED, _S.ABORTED),
        )
    }
    | {(state, _E.RETURNING): _S.RETURNING for state in _IN_FLIGHT if state is not _S.RETURNING}
    | {(state, _E.RETURNING): _S.RETURNING for state in (_S.FAILSAFE, _S.LINK_LOST)}
    | {(state, _E.TOUCHED_DOWN): _S.LANDED for state in _OUT_OF_HAND}
    | {(state, _E.FAILED): _S.ABORTED for state in _OUT_OF_HAND}
    | {(state, _E.LINK_LOST): _S.LINK_LOST for state in (_S.PILOT_CONTROL, _S.FAILSAFE)}
    | {
        (_S.LINK_LOST, event): target
        for event, target in (
            (_E.AIRBORNE, _S.ON_PATROL),
            (_E.PAUSED, _S.PAUSED),
            (_E.PILOT_TOOK_OVER, _S.PILOT_CONTROL),
            (_E.FAILSAFE, _S.FAILSAFE),
        )
    }
)
"""All that can happen; the last block is what is found when a lost link comes back."""

FINAL_STATES = frozenset({PatrolState.LANDED, PatrolState.ABORTED})


def next_state(state: PatrolState, event: PatrolEvent) -> PatrolState:
    """Return the state that an event leads to.

    Raises:
        IllegalTransitionError: The event cannot happen in this state.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransitionError(
            f"A patrol that is {state.replace('_', ' ')} cannot have {event.replace('_', ' ')}."
        ) from None
