"""A position that leaps is told as what it is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from flight.position_watch import PositionWatch
from flight.states import VehicleState
from geofences.geodesy import LonLat, destination

HOME = LonLat(115.62, 33.16)
FLYING = VehicleState(
    time_boot_s=100.0, position=HOME, armed=True, on_ground=False, gps_fix=3, height_home_m=30.0
)


def later(state: VehicleState, took_s: float, bearing_deg: float, away_m: float) -> VehicleState:
    """Return the next snapshot, so much later and so far away."""
    assert state.position is not None
    place = destination(state.position, bearing_deg, away_m)
    return replace(state, time_boot_s=state.time_boot_s + took_s, position=place)


def told(*states: VehicleState) -> list[str]:
    """Return what is told of each snapshot."""
    watch = PositionWatch()
    return [watch.look(state) for state in states]


def test_a_leap_is_told_once_with_its_length_and_direction() -> None:
    """And that the aircraft may still be where it was."""
    leapt = later(FLYING, 0.1, 90.0, 45.0)
    first, second, third = told(FLYING, leapt, later(leapt, 0.1, 90.0, 1.0))
    assert (first, third) == ("", "")
    assert second.startswith("WARNING: the position leapt 45 m to the east in 0.1 s")


@given(
    speed_mps=st.floats(0.0, 30.0), took_s=st.floats(0.02, 30.0), bearing_deg=st.floats(0.0, 360.0)
)
def test_flight_is_no_leap_however_long_nothing_was_heard(
    speed_mps: float, took_s: float, bearing_deg: float
) -> None:
    """An aircraft in a storm, and a link that was away."""
    assert told(FLYING, later(FLYING, took_s, bearing_deg, speed_mps * took_s)) == ["", ""]


def test_late_packets_reboots_and_carrying_are_no_leaps() -> None:
    """A clock that turns back, the same moment twice, and an aircraft on the ground."""
    assert told(FLYING, later(FLYING, -90.0, 0.0, 200.0)) == ["", ""]
    assert told(FLYING, later(FLYING, 0.0, 0.0, 200.0)) == ["", ""]
    grounded = replace(FLYING, on_ground=True)
    assert told(grounded, later(grounded, 0.1, 0.0, 200.0)) == ["", ""]


def test_a_position_is_in_doubt_for_half_a_minute_after_a_leap() -> None:
    """What is told of breaches meanwhile says so."""
    watch = PositionWatch()
    watch.look(FLYING)
    assert not watch.in_doubt(100.0)
    watch.look(later(FLYING, 0.1, 0.0, 60.0))
    assert watch.in_doubt(129.0)
    assert not watch.in_doubt(131.0)


def test_a_lost_fix_and_a_found_one_are_told() -> None:
    """In flight; before it, arming waits."""
    lost = replace(FLYING, time_boot_s=101.0, gps_fix=1)
    again = replace(FLYING, time_boot_s=102.0)
    _, first, second = told(FLYING, lost, again)
    assert first == "WARNING: its receivers have lost their position in flight"
    assert second == "its receivers have a position again"
    assert told(replace(lost, on_ground=True), replace(again, on_ground=True)) == ["", ""]


def test_no_position_at_all_says_nothing_and_the_last_one_counts_on() -> None:
    """Zeros are no place to have leapt from."""
    nowhere = replace(FLYING, position=None, time_boot_s=100.1)
    _, gap, back = told(FLYING, nowhere, later(FLYING, 0.2, 180.0, 500.0))
    assert gap == ""
    assert "500 m to the south" in back
