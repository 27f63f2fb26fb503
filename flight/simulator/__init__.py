"""Simulated aircraft that behave as real autopilots do."""
