"""A virtual drone camera over a scene with known objects."""
