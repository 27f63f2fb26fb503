"""Tests of `vision.telemetry`."""
