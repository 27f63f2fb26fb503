"""The table of a patrol's states, over all pairs."""

import itertools

import pytest

from flight.states import (
    FINAL_STATES,
    TRANSITIONS,
    IllegalTransitionError,
    PatrolEvent,
    PatrolState,
    VehicleState,
    next_state,
)

ALL_PAIRS = list(itertools.product(PatrolState, PatrolEvent))
IN_FLIGHT = [
    PatrolState.TAKING_OFF,
    PatrolState.ON_PATROL,
    PatrolState.PAUSED,
    PatrolState.RETURNING,
    PatrolState.PILOT_CONTROL,
    PatrolState.FAILSAFE,
    PatrolState.LINK_LOST,
]


@pytest.mark.parametrize(("state", "event"), ALL_PAIRS)
def test_every_pair_is_in_the_table_or_raises(state: PatrolState, event: PatrolEvent) -> None:
    """Nothing happens that the table does not hold."""
    if (state, event) in TRANSITIONS:
        assert next_state(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalTransitionError, match=state.replace("_", " ")):
            next_state(state, event)


@pytest.mark.parametrize("event", PatrolEvent)
@pytest.mark.parametrize("state", sorted(FINAL_STATES))
def test_nothing_happens_after_the_end(state: PatrolState, event: PatrolEvent) -> None:
    """A landed or aborted patrol stays so."""
    assert (state, event) not in TRANSITIONS


@pytest.mark.parametrize("state", IN_FLIGHT)
def test_every_flight_can_land(state: PatrolState) -> None:
    """Whatever happened to it in the air."""
    assert next_state(state, PatrolEvent.TOUCHED_DOWN) is PatrolState.LANDED


@pytest.mark.parametrize("state", [s for s in IN_FLIGHT if s is not PatrolState.PILOT_CONTROL])
def test_a_pilot_can_take_over_at_any_time(state: PatrolState) -> None:
    """Nobody stands between a pilot and the aircraft."""
    assert next_state(state, PatrolEvent.PILOT_TOOK_OVER) is PatrolState.PILOT_CONTROL


@pytest.mark.parametrize(
    "event", [PatrolEvent.RESUMED, PatrolEvent.AIRBORNE, PatrolEvent.RETURNING, PatrolEvent.PAUSED]
)
def test_nothing_of_ours_takes_the_aircraft_from_its_pilot(event: PatrolEvent) -> None:
    """Only the pilot gives it back."""
    assert (PatrolState.PILOT_CONTROL, event) not in TRANSITIONS


@pytest.mark.parametrize("event", [PatrolEvent.RESUMED, PatrolEvent.AIRBORNE])
def test_a_failsafe_is_never_resumed(event: PatrolEvent) -> None:
    """After a breach the autopilot would accept it; we do not ask."""
    assert (PatrolState.FAILSAFE, event) not in TRANSITIONS


def test_nothing_takes_off_before_its_mission_is_on_board() -> None:
    """The only way into the air leads through READY."""
    before = {state for (state, _), to in TRANSITIONS.items() if to is PatrolState.TAKING_OFF}
    assert before == {PatrolState.READY}


def test_every_state_can_be_reached() -> None:
    """The table has no islands."""
    reached = {PatrolState.PREFLIGHT}
    for _ in PatrolState:
        reached |= {to for (state, _), to in TRANSITIONS.items() if state in reached}
    assert reached == set(PatrolState)


def test_ground_speed_is_made_of_both_axes() -> None:
    """3 and 4 make 5."""
    state = VehicleState(velocity_north_mps=3.0, velocity_east_mps=-4.0)
    assert state.ground_speed_mps == 5.0
