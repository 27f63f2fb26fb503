"""The benchmark of the ground measures what it says."""

import pytest

from benchmarks import terrain_profile


def test_following_takes_fewer_points_than_the_ground_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over the sample county's hill, counted on every run; speeds are positive."""
    monkeypatch.setattr(terrain_profile, "POINTS", 5_000)
    monkeypatch.setattr(terrain_profile, "PEER_POINTS", 100)
    figures = terrain_profile.run().figures
    ours, usual = figures["points put in"], figures["points put in by thinning the ground"]
    assert 0 < ours.value < 0.5 * usual.value
    assert figures["heights"].value > 0.0
    assert figures["length followed"].value > 30_000.0
