"""The roof: commands, settings and wiring."""
