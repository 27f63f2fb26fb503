"""The ground: points, cells, zones, and what a camera sees of it."""
