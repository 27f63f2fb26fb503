"""Tests of `events_api`."""
