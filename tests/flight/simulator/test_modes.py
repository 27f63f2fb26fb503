"""Flight modes and their numbers."""

import pytest

from flight.simulator.modes import Mode, custom_mode, mode_of
from flight.simulator.settings import Personality


@pytest.mark.parametrize("personality", Personality)
@pytest.mark.parametrize("mode", Mode)
def test_number_and_mode_belong_together(mode: Mode, personality: Personality) -> None:
    """Every mode has its own number in both personalities."""
    assert mode_of(custom_mode(mode, personality), personality) is mode


@pytest.mark.parametrize(
    ("mode", "number"), [(Mode.AUTO, 3), (Mode.GUIDED, 4), (Mode.RTL, 6), (Mode.BRAKE, 17)]
)
def test_ardupilot_numbers(mode: Mode, number: int) -> None:
    """ArduCopter's own."""
    assert custom_mode(mode, Personality.ARDUPILOT) == number


def test_px4_mission_mode_is_main_four_sub_four() -> None:
    """Main mode in the third byte, sub-mode in the fourth."""
    assert custom_mode(Mode.AUTO, Personality.PX4) == 0x04040000


def test_unknown_number_is_no_mode() -> None:
    """Neither autopilot has a mode 99."""
    assert [mode_of(99, personality) for personality in Personality] == [None, None]
