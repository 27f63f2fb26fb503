"""Between passes a thing is new, still there, gone, or nobody looked."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofences.geodesy import LocalFrame, LonLat
from tests.vision.builders import HOME
from vision.passes import (
    Fate,
    PassRecord,
    SeenThing,
    compare_passes,
    needed_px_per_m,
    was_looked_at,
)

FRAME = LocalFrame(HOME)
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


def thing(name: str, east_m: float, north_m: float = 0.0, matter: str = "09001") -> SeenThing:
    """Something some metres from home, known to two metres."""
    place = LonLat(*FRAME.to_lonlat(east_m, north_m))
    return SeenThing(name, matter, "stall", place, 2.0, "C1")


def record(*things: SeenThing, east_m: float = 100.0) -> PassRecord:
    """A pass that looked from 100 m west of home to some metres east of it."""
    area = FRAME.geometry_to_lonlat(shapely.box(-100.0, -100.0, east_m, 100.0))
    return PassRecord("p", NOON, NOON, area, {}, things)


def fates(earlier: PassRecord, later: PassRecord) -> dict[str, Fate]:
    """What became of each thing, by its name in the later pass where it has one."""
    return {
        (each.after or each.before).sighting_id: each.fate  # type: ignore[union-attr]
        for each in compare_passes(earlier, later)
    }


def test_what_is_seen_again_is_still_there() -> None:
    """As near as the errors of both allow, and told once."""
    (change,) = compare_passes(record(thing("a", 0.0)), record(thing("b", 3.0)))
    assert change.fate is Fate.STILL_THERE
    assert change.apart_m == pytest.approx(3.0, abs=0.01)


def test_what_is_not_seen_again_is_gone_only_where_somebody_looked() -> None:
    """The later pass turned back 20 m east of home."""
    earlier = record(thing("near", 0.0), thing("far", 50.0))
    assert fates(earlier, record(east_m=20.0)) == {
        "near": Fate.GONE, "far": Fate.NOT_LOOKED_AT,
    }  # fmt: skip


def test_what_was_not_seen_before_is_new_only_where_somebody_had_looked() -> None:
    """Else it is the first look at its place."""
    later = record(thing("near", 0.0), thing("far", 50.0))
    assert fates(record(east_m=20.0), later) == {"near": Fate.NEW, "far": Fate.FIRST_LOOK}


@pytest.mark.parametrize(
    ("could_tell", "looked"),
    [
        (None, True),
        ({"09001": ("stall",)}, True),
        ({"09001": ("person",), "06010": ("stall",)}, False),
        ({}, False),
    ],
)
def test_what_nobody_looked_for_is_neither_gone_nor_new(
    could_tell: dict[str, tuple[str, ...]] | None, *, looked: bool
) -> None:
    """Another detector, or other rules, look at the same ground and cannot tell of it."""
    there, without = record(thing("a", 0.0)), replace(record(), could_tell=could_tell)
    assert fates(there, without) == {"a": Fate.GONE if looked else Fate.NOT_LOOKED_AT}
    assert fates(without, there) == {"a": Fate.NEW if looked else Fate.FIRST_LOOK}


@pytest.mark.parametrize(
    ("needs", "fate"),
    [(12.0, Fate.GONE), (13.0, Fate.NOT_LOOKED_AT), (3.0, Fate.GONE), (0.0, Fate.GONE)],
)
def test_what_was_shown_too_small_is_not_gone(needs: float, fate: Fate) -> None:
    """A pass flown higher may show the ground and not what lies on it."""
    small = replace(thing("a", 0.0), needs_px_per_m=needs)
    area = record().area
    high = replace(record(), grounds={4.5: area, 9.0: area, 12.7: shapely.Polygon()})
    assert fates(record(small), high) == {"a": fate}
    assert high.showed_too_small(small) == (fate is Fate.NOT_LOOKED_AT)
    assert not high.showed_too_small(replace(small, position=LonLat(115.0, 33.0)))
    first = Fate.NEW if fate is Fate.GONE else Fate.FIRST_LOOK
    assert fates(high, record(small)) == {"a": first}


def test_a_pass_flown_as_the_one_before_shows_enough() -> None:
    """What was large needs sixteen pixels, what was small four fifths of what it was."""
    assert needed_px_per_m(64.0, 18.0) == pytest.approx(4.5)
    assert needed_px_per_m(12.0, 18.0) == pytest.approx(14.4)
    assert needed_px_per_m(0.0, 18.0) == pytest.approx(14.4)


def test_two_stalls_side_by_side_stay_two() -> None:
    """One that moves fifteen metres is gone and new; another matter is another thing."""
    assert fates(record(thing("a", 0.0)), record(thing("b", 15.0))) == {
        "a": Fate.GONE, "b": Fate.NEW,
    }  # fmt: skip
    assert fates(record(thing("a", 0.0)), record(thing("b", 0.0, matter="06010"))) == {
        "a": Fate.GONE, "b": Fate.NEW,
    }  # fmt: skip


def test_of_neighbours_each_is_paired_with_itself() -> None:
    """The nearest pair alone would leave another two apart."""
    earlier = record(thing("a", 0.0), thing("b", 3.0))
    later = record(thing("c", 2.0), thing("d", 5.0))
    pairs = {
        (each.before.sighting_id, each.after.sighting_id)
        for each in compare_passes(earlier, later)
        if each.before and each.after
    }
    assert pairs == {("a", "c"), ("b", "d")}


def test_a_place_half_looked_at_was_not_looked_at() -> None:
    """A thing on the border may stand on the other side of it."""
    area = record(east_m=20.0).area
    assert was_looked_at(thing("in", 17.0), area)
    assert not was_looked_at(thing("border", 20.0), area)
    assert not was_looked_at(thing("in", 0.0), shapely.Polygon())


places = st.lists(st.tuples(st.floats(-150, 150), st.floats(-90, 90)), max_size=6)


@given(places, places)
def test_every_thing_has_one_fate(
    before: list[tuple[float, float]], after: list[tuple[float, float]]
) -> None:
    """None is lost or told twice, and the way back tells the same pairs."""
    earlier = record(*(thing(f"a{i}", *at) for i, at in enumerate(before)), east_m=50.0)
    later = record(*(thing(f"b{i}", *at) for i, at in enumerate(after)))
    changes = compare_passes(earlier, later)
    assert sorted(c.before.sighting_id for c in changes if c.before) == sorted(
        each.sighting_id for each in earlier.things
    )
    assert sorted(c.after.sighting_id for c in changes if c.after) == sorted(
        each.sighting_id for each in later.things
    )
    back = compare_passes(later, earlier)
    still = [sum(c.fate is Fate.STILL_THERE for c in found) for found in (changes, back)]
    assert still[0] == still[1]


def test_a_thing_that_stays_is_one_thing_in_nearly_all_passes() -> None:
    """Drawn with the stated errors: 2 m of ce90 is 0.93 m along each axis."""
    rng = np.random.default_rng(5)
    sigma_m = 2.0 / np.sqrt(2 * np.log(10))
    still = 0
    for _ in range(400):
        a, b = (thing(name, *rng.normal(0.0, sigma_m, 2)) for name in "ab")
        still += compare_passes(record(a), record(b))[0].fate is Fate.STILL_THERE
    assert still >= 0.98 * 400
