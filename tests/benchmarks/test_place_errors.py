"""Tests of `benchmarks.place_errors`: that its trials are what it says."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.place_errors import (
    COURSES,
    STATED,
    UNFORESEEN,
    Course,
    Film,
    errors_along,
    errors_of,
    film,
    shifted,
)
from geofences.geodesy import distance_m


@pytest.fixture(scope="module")
def flown() -> Film:
    """A village seen straight from above."""
    return film(0)


def test_without_noise_things_are_where_they_are(flown: Film) -> None:
    """What is left is that the middle of a box is not the middle of a thing."""
    exact = errors_of(flown, flown.pictures)
    assert len(exact.fused_m) > 10
    assert np.quantile(exact.fused_m, 0.95) < 0.5


def test_what_was_seen_on_another_lane_is_another_visit(flown: Film) -> None:
    """Or the fusing would share what lanes do not."""
    assert {visit for picture in flown.pictures for visit in picture.visits} >= {0, 1}


def test_a_pose_is_off_by_as_many_deviations_as_are_drawn(flown: Film) -> None:
    """And states the deviations."""
    true, stated = flown.pictures[0].pose, STATED["consumer drone"]
    told = shifted(flown, true, stated, np.array([1.0, 0.0, -1.0, 2.0, 0.5]))
    assert distance_m(told.position, true.position) == pytest.approx(2.5, rel=1e-3)
    assert told.height_ground_m - true.height_ground_m == pytest.approx(-2.0)
    assert (told.heading_deg - true.heading_deg) % 360.0 == pytest.approx(6.0)
    assert told.pitch_deg - true.pitch_deg == pytest.approx(0.5)
    assert told.errors == stated


@pytest.mark.parametrize("course", [*COURSES, UNFORESEEN], ids=lambda course: course.name)
def test_errors_take_the_course_that_is_named(course: Course) -> None:
    """As large as stated at every time, and after a while as alike as the course says."""
    rng, times_s = np.random.default_rng(1), np.array([0.0, 4.0, 30.0])
    drawn = np.stack(
        [errors_along(times_s, course, rng.normal(size=(2, 5)), rng) for _ in range(4000)]
    )
    assert drawn.std(axis=0) == pytest.approx(np.ones((3, 5)), abs=0.05)
    alike = (drawn[:, 0] * drawn[:, 2]).mean()
    left = np.exp(-30.0 / course.correlation_s)
    assert alike == pytest.approx(course.bias_share + (1 - course.bias_share) * left, abs=0.03)


def test_a_bias_that_is_not_stated_leaves_the_circles(flown: Film) -> None:
    """A benchmark that could not fail would tell nothing."""
    stated = replace(STATED["sample telemetry"], horizontal_m=0.1)
    told = tuple(
        replace(
            picture,
            pose=replace(
                shifted(flown, picture.pose, STATED["consumer drone"], np.array([3.0, 0, 0, 0, 0])),
                errors=stated,
            ),
        )
        for picture in flown.pictures
    )
    assert max(errors_of(flown, told).inside) < 0.5
