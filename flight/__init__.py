"""Missions, planning them, and flying them."""
