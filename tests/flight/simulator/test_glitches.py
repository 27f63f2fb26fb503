"""Receivers that jump, and an estimator that believes little jumps and distrusts great ones."""

import pytest

from flight.simulator.glitches import Glitch

STEP_S = 0.02


def after(glitch: Glitch, seconds: float) -> Glitch:
    """Let time pass."""
    for _ in range(round(seconds / STEP_S)):
        glitch.step(STEP_S)
    return glitch


def test_a_small_jump_is_followed_smoothly() -> None:
    """Within the radius of doubt; the rate is that of the change."""
    glitch = Glitch()
    glitch.receivers_m = (10.0, 0.0)
    before = after(glitch, 2).believed_m[0]
    glitch.step(STEP_S)
    assert 0 < before < glitch.believed_m[0] < 10
    assert glitch.rate_mps[0] == pytest.approx((glitch.believed_m[0] - before) / STEP_S)
    assert not glitch.rejecting
    assert after(glitch, 40).believed_m == (10.0, 0.0)


def test_a_great_jump_is_rejected_and_then_believed_at_once() -> None:
    """After eight seconds the estimate is set to where the receivers say."""
    glitch = Glitch()
    glitch.receivers_m = (0.0, 45.0)
    assert after(glitch, 7).believed_m == (0.0, 0.0)
    assert glitch.rejecting
    assert after(glitch, 2).believed_m == (0.0, 45.0)
    assert not glitch.rejecting


def test_a_great_jump_that_ends_soon_changes_nothing() -> None:
    """It was rejected all the time."""
    glitch = Glitch()
    glitch.receivers_m = (0.0, 45.0)
    after(glitch, 4)
    glitch.receivers_m = (0.0, 0.0)
    glitch.step(STEP_S)
    assert glitch.believed_m == (0.0, 0.0)
    assert not glitch.rejecting
