"""Hazards and aircraft pushed to TAK and its kin, as Cursor-on-Target over UDP or TCP."""
