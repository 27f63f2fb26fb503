"""Who is in control decides where a flight stands, as far as the table of transitions lets it."""

from itertools import product

import pytest

from flight.control_events import event_under
from flight.states import FINAL_STATES, TRANSITIONS, PatrolEvent, PatrolState, next_state
from flight.vehicle import Control

LED_TO = {
    Control.MISSION: PatrolState.ON_PATROL,
    Control.COMMANDED: PatrolState.PAUSED,
    Control.RETURNING: PatrolState.RETURNING,
    Control.FAILSAFE: PatrolState.FAILSAFE,
    Control.PILOT: PatrolState.PILOT_CONTROL,
}


@pytest.mark.parametrize(("control", "state"), list(product(Control, PatrolState)))
def test_an_event_that_may_happen_leads_to_the_state_of_its_control(
    control: Control, state: PatrolState
) -> None:
    """Whoever decides, and wherever the flight stood before."""
    event = event_under(control, state)
    if event is not None and (state, event) in TRANSITIONS:
        assert next_state(state, event) is LED_TO[control]


@pytest.mark.parametrize(("control", "state"), list(LED_TO.items()))
def test_more_of_the_same_is_no_news(control: Control, state: PatrolState) -> None:
    """Control is looked at with every snapshot."""
    assert event_under(control, state) is None


@pytest.mark.parametrize(
    ("before", "event"),
    [
        (PatrolState.TAKING_OFF, PatrolEvent.AIRBORNE),
        (PatrolState.LINK_LOST, PatrolEvent.AIRBORNE),
        (PatrolState.PAUSED, PatrolEvent.RESUMED),
        (PatrolState.PILOT_CONTROL, PatrolEvent.PILOT_GAVE_BACK),
        (PatrolState.FAILSAFE, PatrolEvent.PILOT_GAVE_BACK),
    ],
)
def test_being_on_patrol_is_other_news_after_each_state(
    before: PatrolState, event: PatrolEvent
) -> None:
    """A pilot who gives the mission back is not a take-off."""
    assert event_under(Control.MISSION, before) is event
    assert next_state(before, event) is PatrolState.ON_PATROL


def test_a_flight_on_its_way_home_does_not_go_back_on_patrol() -> None:
    """The mission's last item is flown in the mission's mode."""
    assert event_under(Control.MISSION, PatrolState.RETURNING) is None


@pytest.mark.parametrize(("control", "state"), list(product(Control, sorted(FINAL_STATES))))
def test_nobody_wakes_a_flight_that_has_ended(control: Control, state: PatrolState) -> None:
    """A landed aircraft that is carried away reports modes still."""
    event = event_under(control, state)
    assert event is None or (state, event) not in TRANSITIONS
