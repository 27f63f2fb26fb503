"""Tests of flight/papers."""
