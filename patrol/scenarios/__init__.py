"""Days of flying as files: weather, faults and traffic, and what must hold all the same."""
