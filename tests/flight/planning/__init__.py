"""Tests of flight/planning."""
