"""Tests of `flight.mavlink`."""
