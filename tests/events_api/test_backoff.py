"""How long to wait before trying again."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.backoff import Backoff


def test_without_failure_there_is_no_wait() -> None:
    """The first try is made at once."""
    assert Backoff().wait_s(0, random.Random(1)) == 0.0


@pytest.mark.parametrize(("failures", "full_s"), [(1, 0.5), (2, 1.0), (3, 2.0), (20, 60.0)])
def test_waits_double_up_to_the_longest(failures: int, full_s: float) -> None:
    """Shortened by chance by up to half."""
    chance = random.Random(1)
    waits_s = [Backoff().wait_s(failures, chance) for _ in range(200)]
    assert full_s / 2 <= min(waits_s) < 0.6 * full_s
    assert 0.9 * full_s < max(waits_s) <= full_s


@given(st.integers(1, 10**9), st.integers())
def test_no_number_of_failures_is_too_large(failures: int, seed: int) -> None:
    """An aircraft may be without a network for a month."""
    assert 0 < Backoff().wait_s(failures, random.Random(seed)) <= 60.0
