"""The dead are started again: at once, then more and more patiently."""

from hypothesis import given
from hypothesis import strategies as st

from vision.engine.restarts import RestartPolicy, Restarts


def test_the_first_death_costs_no_time_and_the_next_ones_more_and_more() -> None:
    """At once, then half a second, one, two, up to the longest wait."""
    restarts = Restarts(RestartPolicy(first_wait_s=0.5, growth=2.0, longest_wait_s=3.0))
    waits_s = []
    for _ in range(6):
        restarts.began(100.0)
        waits_s.append(restarts.died(100.0) - 100.0)
    assert waits_s == [0.0, 0.5, 1.0, 2.0, 3.0, 3.0]
    assert (restarts.in_a_row, restarts.count) == (6, 6)


def test_who_lived_long_enough_has_recovered() -> None:
    """A death a day is no illness."""
    restarts = Restarts(RestartPolicy(healthy_s=60.0))
    restarts.began(0.0)
    assert restarts.died(1.0) == 1.0
    restarts.began(1.0)
    assert restarts.died(2.0) == 2.5
    restarts.began(2.5)
    assert restarts.died(62.5) == 62.5
    assert restarts.in_a_row == 1


@given(st.lists(st.floats(0.0, 200.0), max_size=50))
def test_nobody_is_started_before_he_died_nor_waits_longer_than_the_longest(
    lives_s: list[float],
) -> None:
    """However long each life was."""
    policy, now_s = RestartPolicy(), 0.0
    restarts = Restarts(policy)
    for life_s in lives_s:
        restarts.began(now_s)
        now_s += life_s
        due_s = restarts.died(now_s)
        assert now_s <= due_s <= now_s + policy.longest_wait_s
        now_s = due_s


def test_who_cannot_be_started_again_has_not_recovered() -> None:
    """However long it lived before: it is tried more and more seldom."""
    restarts = Restarts(RestartPolicy(first_wait_s=0.5, healthy_s=60.0))
    restarts.began(0.0)
    assert [restarts.died(each) - each for each in (100.0, 100.0, 100.5)] == [0.0, 0.5, 1.0]
