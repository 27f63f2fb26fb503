"""One contract for a simulated aircraft and a real autopilot."""
