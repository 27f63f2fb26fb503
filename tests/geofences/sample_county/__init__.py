"""Tests of `geofences.sample_county`."""
