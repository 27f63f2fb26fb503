"""Tests of flight/formats."""
