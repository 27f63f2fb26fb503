"""Tests of `vision.fast_movers`."""

import numpy as np
import pytest

from vision.fast_movers import SeenOnce, fast_movers

CAR, LORRY = 1, 2


def at(*xs: float, size: float = 40.0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Square boxes at some distances along a street."""
    return np.array([(x, 100.0, x + size, 100.0 + size) for x in xs], np.float64)


def once(*looks: tuple[float, float], classes: tuple[int, ...] = ()) -> SeenOnce:
    """Boxes by distance and time."""
    boxes = at(*(x for x, _ in looks))
    return SeenOnce(
        boxes,
        np.array(classes or [CAR] * len(looks), np.int32),
        np.array([seen_s for _, seen_s in looks]),
    )


def test_three_at_even_pace_are_one_thing() -> None:
    """It is told which was seen last, what it is now, and how fast it goes."""
    cars = np.array([CAR, CAR], np.int32)
    ((last, now, speed),) = fast_movers(once((0, 0.0), (100, 0.2)), at(500, 202), cars, 0.4)
    assert (last, now) == (1, 1)
    assert speed.tolist() == pytest.approx([500.0, 0.0])


@pytest.mark.parametrize(
    ("seen", "now"),
    [
        (once((0, 0.0), (100, 0.2)), at(300)),  # not at that pace
        (once((0, 0.0), (300, 0.2)), at(600)),  # too far to say
        (once((0, 0.0), (100, 0.2), classes=(LORRY, CAR)), at(200)),
        (once((0, 0.0), (100, 0.2)), at(180, size=80)),  # another size
        (once((0, 0.2), (100, 0.2)), at(200)),  # two at once
        (once((0, 0.0), (10, 0.0), (100, 0.2)), at(195)),  # of either of two
        (once((0, 0.0), (100, 0.2)), at(190, 210)),  # to either of two
    ],
)
def test_what_may_be_otherwise_is_not_told(
    seen: SeenOnce, now: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> None:
    """A wrong speed leads astray where none only begins anew."""
    assert fast_movers(seen, now, np.full(len(now), CAR, np.int32), 0.4) == []
