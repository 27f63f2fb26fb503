"""Limits that law and autopilots set to every mission."""

LEGAL_CEILING_M = 120.0
"""True height up to which light and small aircraft need no permission in China (2024 rules)."""

# ArduPilot holds 650 and keeps the first for home.
MOST_ITEMS = 649
"""What ArduPilot stores on common boards with its default parameters."""
