"""Matters as data."""
