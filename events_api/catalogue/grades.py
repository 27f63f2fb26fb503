"""Grades: how grave an event is."""

from __future__ import annotations

from enum import StrEnum


class Grade(StrEnum):
    """How grave an event is, as cities with three limits for a condition call them."""

    URGENT = "A"
    MAJOR = "B"
    GENERAL = "C"
