"""Tests of `geofences.formats`."""
