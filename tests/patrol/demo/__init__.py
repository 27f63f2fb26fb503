"""Tests of `patrol.demo`."""
