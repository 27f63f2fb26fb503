"""When a thing is no longer to be kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.cases import IS_OPEN, Status
from events_api.catalogue.retention_files import Kept, parse_retention
from events_api.retention import Thing, Use, is_over, over_since, why
from tests.events_api.conftest import NOW

RULES = parse_retention(
    """\
version: 1
sources: {us: {en: Our own rule.}}
unattached_days: 30
keep:
  - {matters: ["09"], pictures_days: 10, source: us}
  - {pictures_days: 100, source: us}
""",
    "rules",
)


def use(code: str = "09009", status: Status = Status.CLOSED, *, held: bool = False) -> Use:
    """Return an event that came to its end now."""
    return Use("e", code, status, NOW, held)


def picture(*uses: Use) -> Thing:
    """Return a picture that was stored long before."""
    return Thing(Kept.PICTURES, NOW - timedelta(days=1000), uses)


def test_days_count_from_the_end_of_the_event() -> None:
    """And not from when the picture was stored."""
    thing = picture(use())
    assert over_since(thing, RULES) == NOW + timedelta(days=10)
    assert not is_over(thing, RULES, NOW + timedelta(days=10, seconds=-1))
    assert is_over(thing, RULES, NOW + timedelta(days=10))
    assert why(thing, RULES).startswith("pictures of the matter 09009 are kept 10 days")


def test_what_belongs_to_several_events_is_kept_for_the_longest() -> None:
    """Whichever comes first."""
    for uses in ((use(), use("06001")), (use("06001"), use())):
        assert over_since(picture(*uses), RULES) == NOW + timedelta(days=100)


def test_what_belongs_to_no_event_counts_from_when_it_was_stored() -> None:
    """A report that never came."""
    thing = Thing(Kept.PICTURES, NOW, ())
    assert over_since(thing, RULES) == NOW + timedelta(days=30)
    assert "belonged to no event" in why(thing, RULES)


USES = st.builds(
    Use,
    st.just("e"),
    st.sampled_from(["09009", "06001"]),
    st.sampled_from(list(Status)),
    st.timedeltas(timedelta(), timedelta(days=400)).map(lambda ago: NOW - ago),
    st.booleans(),
)


@given(st.lists(USES, min_size=1, max_size=5).map(tuple), st.integers(0, 10_000))
def test_one_open_or_held_event_keeps_a_thing(uses: tuple[Use, ...], days: int) -> None:
    """However many others are over, and however long ago."""
    over = is_over(picture(*uses), RULES, NOW + timedelta(days=days))
    if any(IS_OPEN[each.status] or each.is_held for each in uses):
        assert not over
    else:
        assert over == all(
            is_over(picture(each), RULES, NOW + timedelta(days=days)) for each in uses
        )


@pytest.mark.parametrize("kept", [Kept.CLIPS, Kept.CONTACTS])
def test_what_the_rules_do_not_speak_of_is_kept(kept: Kept) -> None:
    """For ever."""
    assert over_since(Thing(kept, NOW, (use(),)), RULES) is None
