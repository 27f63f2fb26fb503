"""Which matters are hazards, and what other formats call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events_api.catalogue.matters import LOCAL_EXTENSION, Catalogue, Matter


@dataclass(frozen=True, slots=True)
class Hazard:
    """What other formats call a hazard.

    Attributes:
        cap_category: The category of CAP 1.2.
        cot_type: The type of a Cursor-on-Target event.
    """

    cap_category: str
    cot_type: str = "a-u-X-i"


KINDS: Mapping[tuple[str, str], Hazard] = {
    (LOCAL_EXTENSION, "EXT-FIRE"): Hazard("Fire"),
    (LOCAL_EXTENSION, "EXT-SMOKE"): Hazard("Fire"),
    (LOCAL_EXTENSION, "EXT-FLOOD"): Hazard("Met"),
    (LOCAL_EXTENSION, "EXT-COLLAPSE"): Hazard("Infra"),
    (LOCAL_EXTENSION, "EXT-CROWD"): Hazard("Safety"),
    (LOCAL_EXTENSION, "EXT-INTRUSION"): Hazard("Security"),
    ("GB/T 47678.5-2026", "10001"): Hazard("Transport"),
    ("GB/T 47678.5-2026", "10002"): Hazard("Infra"),
}
"""The hazards we know by name."""

OTHER = Hazard("Other")
"""A hazard that a county added to its catalogue."""


def hazard_of(matter: Matter) -> Hazard | None:
    """Return what hazard a matter is; none when it is no hazard."""
    known = KINDS.get((matter.standard_ref, matter.code))
    if known is None and matter.colour_class == "hazard":
        return OTHER
    return known


def hazard_matters(catalogue: Catalogue) -> tuple[Matter, ...]:
    """Return the matters of a catalogue that are hazards."""
    return tuple(matter for matter in catalogue.matters if hazard_of(matter) is not None)
