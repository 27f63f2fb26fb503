"""Days of flying: read, built, flown and judged."""
