import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.builders import HOME
from vision.rules.schema import MatterRef
from vision.sightings import Sighting, sighting_id

SIGHTING = Sighting(
    sighting_id=sighting_id("cam", "1", "litter", 4),
    rule_id="litter",
    matter=MatterRef(standard_ref="GB/T 47678.5-2026", code="06010"),
    class_name="garbage",
    score=0.7,
    observed_at=datetime(2026, 1, 1, tzinfo=UTC),
    position=HOME,
    ce50_m=1.0,
    ce90_m=2.0,
    cells=(),
    zone_id="",
    source="cam",
    pass_id="1",
    track_id=4,
    why="because",
    xyxy_frac=(0, 0, 1, 1),
    evidence=(),
)


def test_the_same_pass_judged_again_gives_the_same_ids() -> None:
    """A report delivered twice can count once."""
    assert SIGHTING.sighting_id == sighting_id("cam", "1", "litter", 4)
    assert str(uuid.UUID(SIGHTING.sighting_id)) == SIGHTING.sighting_id


Parts = tuple[str, str, str, int]
PARTS = st.tuples(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.integers(0, 99))


@given(PARTS, PARTS)
def test_different_sightings_have_different_ids(first: Parts, second: Parts) -> None:
    """Source, pass, rule and object each tell sightings apart."""
    clean = all("\x1f" not in str(part) for part in first + second)
    if clean:
        assert (sighting_id(*first) == sighting_id(*second)) == (first == second)


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody knows when that was."""
    with pytest.raises(ValueError, match="time zone"):
        replace(SIGHTING, observed_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_position_without_its_error_is_refused() -> None:
    """A place is worth as much as its error is known."""
    with pytest.raises(ValueError, match="belong together"):
        replace(SIGHTING, ce90_m=None)
