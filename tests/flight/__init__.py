"""Tests of `flight`."""
