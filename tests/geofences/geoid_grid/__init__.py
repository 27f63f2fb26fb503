"""Tests of `geofences.geoid_grid`."""
