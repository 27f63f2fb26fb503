"""Tests of how the detector is made."""
