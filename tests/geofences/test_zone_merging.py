"""Tests of `geofences.zone_merging`."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from geofences.zone_merging import merge_zones
from geofences.zones import Zone, ZoneKind
from tests.geofences.shapes import box


def zone(zone_id: str, name: str = "") -> Zone:
    """A zone of that id."""
    return Zone(zone_id, ZoneKind.NO_FLY, box(0, 0, 9, 9), name)


ZONES = st.lists(
    st.builds(zone, st.sampled_from(["a", "b", "c/1", "c/2", "d"]), st.sampled_from(["", "new"])),
    unique_by=lambda zone: zone.zone_id,
)


def test_new_zones_are_added_and_known_ones_replaced_in_place() -> None:
    """What the import does not name stays."""
    merged = merge_zones(
        [zone("a"), zone("b"), zone("c")], [zone("d"), zone("b", "new"), zone("a")]
    )
    assert [z.zone_id for z in merged.zones] == ["a", "b", "c", "d"]
    assert merged.zones[1].name == "new"
    assert (merged.added, merged.changed, merged.unchanged) == (("d",), ("b",), ("a",))
    assert merged.changes_anything


def test_parts_that_a_zone_no_longer_has_go() -> None:
    """A zone published with fewer volumes leaves nothing of the others closed."""
    known = [zone("x"), zone("y/1"), zone("y/2"), zone("y/2b"), zone("z/1"), zone("q/1")]
    merged = merge_zones(known, [zone("y"), zone("z/1"), zone("x/1")], ["x", "y", "z"])
    assert [z.zone_id for z in merged.zones] == ["y/2b", "z/1", "q/1", "y", "x/1"]
    assert merged.removed == ("x", "y/1", "y/2")


@given(known=ZONES, imported=ZONES)
def test_importing_again_changes_nothing(known: list[Zone], imported: list[Zone]) -> None:
    """The second time all of it is there, in the same order."""
    whole = {zone.zone_id.partition("/")[0] for zone in imported}
    once = merge_zones(known, imported, whole)
    twice = merge_zones(once.zones, imported, whole)
    assert twice.zones == once.zones
    assert not twice.changes_anything
    assert len(twice.unchanged) == len(imported)


def test_another_outline_is_a_change() -> None:
    """All that a zone has is compared."""
    wider = replace(zone("a"), polygon=box(0, 0, 10, 9))
    assert merge_zones([zone("a")], [wider]).changed == ("a",)


def test_an_outline_that_runs_the_other_way_is_the_same() -> None:
    """Formats differ in the direction of rings; what is known stays as it is."""
    known = zone("a")
    turned = replace(known, polygon=known.polygon.reverse())
    merged = merge_zones([known], [turned])
    assert not merged.changes_anything
    assert merged.zones == (known,)
