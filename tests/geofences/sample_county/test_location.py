"""Tests of `geofences.sample_county.location`."""

from __future__ import annotations

from geofences.sample_county.location import sample_county_path, sample_terrain_path


def test_the_county_is_shipped() -> None:
    """The file is there, and is a GeoPackage."""
    assert sample_county_path().read_bytes().startswith(b"SQLite format 3")


def test_its_ground_is_shipped() -> None:
    """The file is there, and is a TIFF."""
    assert sample_terrain_path().read_bytes().startswith(b"II*\0")
