"""What a flight keeps for whoever takes it up."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight.progress import Progress
from geofences.geodesy import LonLat
from tests.flight.fake_vehicle import small_mission

MISSION = small_mission(waypoints=8)


@given(
    item=st.integers(0, len(MISSION.items)),
    skipped=st.frozensets(st.integers(0, len(MISSION.items) - 1)),
    left_at=st.none() | st.builds(LonLat, st.floats(-179, 179), st.floats(-80, 80)),
    recalled=st.booleans(),
)
def test_what_is_kept_comes_back(
    item: int, skipped: frozenset[int], left_at: LonLat | None, *, recalled: bool
) -> None:
    """To the last digit."""
    kept = Progress(item, skipped, left_at, recalled)
    assert Progress.from_bytes(kept.to_bytes(MISSION), MISSION) == kept


def test_another_missions_progress_is_none() -> None:
    """A skipped cell of yesterday's plan is not skipped today."""
    kept = Progress(4, frozenset({3})).to_bytes(MISSION)
    assert Progress.from_bytes(kept, small_mission(waypoints=9)) is None
    assert Progress.from_bytes(kept, small_mission(waypoints=8, name="crane")) is None


@pytest.mark.parametrize(
    "change", [{"item": 99}, {"skipped": [-1]}, {"skipped": "x"}, {"left_at": [1]}, {"format": "?"}]
)
def test_damage_is_as_good_as_nothing(change: dict[str, object]) -> None:
    """It is never half believed."""
    row = json.loads(Progress(4).to_bytes(MISSION)) | change
    assert Progress.from_bytes(json.dumps(row).encode(), MISSION) is None
    assert Progress.from_bytes(b"", MISSION) is None
    assert Progress.from_bytes(b"[1", MISSION) is None
