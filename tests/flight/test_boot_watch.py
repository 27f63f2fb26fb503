"""Whether an autopilot has started anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.boot_watch import BootWatch


def followed(pace: float, last_s: float = 60.0) -> BootWatch:
    """Return a watch that has followed a clock for a minute of its own."""
    watch = BootWatch()
    for tenth in range(int(10.0 * last_s) + 1):
        assert not watch.rebooted(tenth / 10.0, 1000.0 + tenth / 10.0 / pace)
    return watch


@pytest.mark.parametrize(
    ("pace", "shows_s", "after_s", "rebooted"),
    [
        (1.0, 2.0, 4.0, True),
        (1.0, 56.0, 0.1, False),  # a late packet
        (1.0, 64.0, 4.0, False),
        (1.0, 90.0, 120.0, True),  # began anew half a minute after it fell silent
        (1.0, 180.0, 120.0, False),
        (25.0, 75.0, 3.2, True),  # passed what it showed before, but far too late
        (25.0, 140.0, 3.2, False),
        (25.0, 110.0, 3.2, False),  # a simulation that stumbled
        (1.0, 660.0, 0.1, False),  # we slept, and our clock with us
    ],
)
def test_a_clock_that_lost_time_began_anew(
    pace: float, shows_s: float, after_s: float, rebooted: bool
) -> None:
    """Held against how fast it ran before."""
    watch = followed(pace)
    assert watch.rebooted(shows_s, 1000.0 + 60.0 / pace + after_s) is rebooted


@given(pace=st.floats(0.8, 50.0), gaps_s=st.lists(st.floats(0.0, 300.0), max_size=20))
def test_a_steady_clock_never_began_anew(pace: float, gaps_s: list[float]) -> None:
    """Whatever silences there are."""
    watch, shows_s, now_s = BootWatch(), 5.0, 100.0
    for gap_s in gaps_s:
        shows_s, now_s = shows_s + pace * gap_s, now_s + gap_s
        assert not watch.rebooted(shows_s, now_s)
