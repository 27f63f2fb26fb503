"""What a change of control is to a flight: who decides now, and where the flight stood."""

from flight.states import PatrolEvent, PatrolState
from flight.vehicle import Control

_STATE_UNDER = {
    Control.MISSION: PatrolState.ON_PATROL,
    Control.COMMANDED: PatrolState.PAUSED,
    Control.RETURNING: PatrolState.RETURNING,
    Control.FAILSAFE: PatrolState.FAILSAFE,
    Control.PILOT: PatrolState.PILOT_CONTROL,
}
_EVENTS = {
    PatrolState.PAUSED: PatrolEvent.PAUSED,
    PatrolState.RETURNING: PatrolEvent.RETURNING,
    PatrolState.FAILSAFE: PatrolEvent.FAILSAFE,
    PatrolState.PILOT_CONTROL: PatrolEvent.PILOT_TOOK_OVER,
}
# To be on patrol is a different piece of news after each of these.
_BACK_ON_PATROL = {
    PatrolState.TAKING_OFF: PatrolEvent.AIRBORNE,
    PatrolState.LINK_LOST: PatrolEvent.AIRBORNE,
    PatrolState.PAUSED: PatrolEvent.RESUMED,
    PatrolState.PILOT_CONTROL: PatrolEvent.PILOT_GAVE_BACK,
    PatrolState.FAILSAFE: PatrolEvent.PILOT_GAVE_BACK,
}


def event_under(control: Control, state: PatrolState) -> PatrolEvent | None:
    """Return what has happened if somebody is seen to be in control; None if nothing has.

    Args:
        control: Who decides where the aircraft flies.
        state: Where the flight stands.
    """
    target = _STATE_UNDER[control]
    if target is state:
        return None
    return _EVENTS.get(target) or _BACK_ON_PATROL.get(state)
