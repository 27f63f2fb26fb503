"""Vehicles that speak MAVLink."""
