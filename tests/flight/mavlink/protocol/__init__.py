"""Tests of `flight.mavlink.protocol`."""
