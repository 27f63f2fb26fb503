"""MAVLink protocols as decisions without I/O."""
