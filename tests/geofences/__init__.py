"""Tests of `geofences`."""
