"""Tests of `patrol`."""
