"""Zones of an import put among those that are already known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from geofences.zones import Zone


@dataclass(frozen=True, slots=True)
class Merged:
    """Zones after an import, and the ids of what it did.

    Attributes:
        zones: what was known in its order, replaced in its place; what is new at the end.
        added: ids that were not known.
        changed: ids that were known and are different now.
        removed: ids of parts that a zone no longer has, such as CHE-AB12345/3.
        unchanged: ids that were known and are the same.
    """

    zones: tuple[Zone, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]

    @property
    def changes_anything(self) -> bool:
        """Whether anything is different now."""
        return bool(self.added or self.changed or self.removed)


def merge_zones(
    known: Sequence[Zone], imported: Iterable[Zone], published_ids: Collection[str] = ()
) -> Merged:
    """Put imported zones among known ones, by their ids.

    Args:
        known: zones as they are; those that the import does not name stay.
        imported: zones that are added, or replace those of the same id.
        published_ids: ids whose numbered parts (`/1`, `/2` and so on) go if the import has not
            got them any more.
    """
    new = {zone.zone_id: zone for zone in imported}
    wholes = frozenset(published_ids)
    old = {zone.zone_id: zone for zone in known}
    gone = [name for name in old if name not in new and _whole(name) in wholes]
    common = [name for name in new if name in old]
    same = frozenset(name for name in common if _same(new[name], old[name]))
    kept = [
        zone if name in same else new.get(name, zone)
        for name, zone in old.items()
        if name not in gone
    ]
    return Merged(
        zones=(*kept, *(zone for name, zone in new.items() if name not in old)),
        added=tuple(name for name in new if name not in old),
        changed=tuple(name for name in common if name not in same),
        removed=tuple(gone),
        unchanged=tuple(name for name in common if name in same),
    )


def _same(one: Zone, other: Zone) -> bool:
    """Whether they say the same; rings may begin elsewhere and run the other way."""
    outlines = (zone.polygon.normalize() for zone in (one, other))
    return next(outlines) == next(outlines) and replace(one, polygon=other.polygon) == other


def _whole(zone_id: str) -> str:
    whole, slash, number = zone_id.rpartition("/")
    return whole if slash and number.isdecimal() else zone_id
