"""How a county writes how long it keeps what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events_api.cases import OPEN_STATUSES, Status
from events_api.catalogue.catalogue_files import read_text
from events_api.catalogue.retention_files import SHIPPED_RETENTION, Kept, parse_retention
from events_api.errors import CatalogueError

RULES = """\
version: 1
sources: {us: {en: Our own rule.}}
unattached_days: 30
keep:
  - {matters: ["09"], statuses: [closed], pictures_days: 10, source: us}
  - {matters: ["09"], clips_days: forever, source: us}
  - {pictures_days: 100, clips_days: 50, source: us}
"""


@pytest.mark.parametrize(
    ("kept", "code", "status", "days"),
    [
        (Kept.PICTURES, "09009", Status.CLOSED, 10),
        (Kept.PICTURES, "09009", Status.REJECTED, 100),
        (Kept.PICTURES, "06001", Status.CLOSED, 100),
        (Kept.CLIPS, "06001", Status.CLOSED, 50),
        (Kept.CLIPS, "09009", Status.CLOSED, None),
        (Kept.CONTACTS, "09009", Status.CLOSED, None),
    ],
)
def test_each_kind_of_thing_follows_the_first_row_that_says_something_of_it(
    kept: Kept, code: str, status: Status, days: int | None
) -> None:
    """What no row speaks of is kept for ever, and so is what a row keeps for ever."""
    lasts = parse_retention(RULES, "rules.yaml").lasts(kept, code, status)
    assert lasts == (None if days is None else timedelta(days=days))


def test_what_was_forwarded_is_kept_as_pictures_are_unless_a_row_says_otherwise() -> None:
    """Files of before there were forwards keep them neither for ever nor shorter."""
    rules = parse_retention(RULES, "rules.yaml")
    assert rules.lasts(Kept.FORWARDS, "09009", Status.CLOSED) == timedelta(days=10)
    said = RULES + "  - {forwards_days: 7, source: us}\n"
    lasts = parse_retention(said, "rules.yaml").lasts(Kept.FORWARDS, "09009", Status.CLOSED)
    assert lasts == timedelta(days=7)


@pytest.mark.parametrize("status", OPEN_STATUSES)
@pytest.mark.parametrize("kept", Kept)
def test_what_belongs_to_an_open_event_has_no_end(kept: Kept, status: Status) -> None:
    """Whatever the rows say."""
    assert parse_retention(RULES, "rules.yaml").lasts(kept, "06001", status) is None


def test_the_shipped_rules_keep_everything_for_months_and_say_that_they_are_ours() -> None:
    """Each kind of thing has an end, in whatever way an event ended."""
    rules = parse_retention(read_text(SHIPPED_RETENTION), "shipped")
    for kept in Kept:
        for status in (Status.CLOSED, Status.REJECTED, Status.DUPLICATE):
            lasts = rules.lasts(kept, "09009", status)
            assert lasts is not None
            assert lasts >= timedelta(days=60)
    assert "Our own choice" in rules.sources["us"].en


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (RULES.replace("pictures_days: 10,", "pictures_days: 0,"), "rules.yaml:5: keep.0"),
        (RULES.replace("pictures_days: 10,", "pictures_days: soon,"), "rules.yaml:5: keep.0"),
        (RULES.replace("[closed]", "[handling]"), "rules.yaml:5: keep.0.statuses"),
        (RULES.replace("source: us}\n  - {m", "source: law}\n  - {m"), "'law' is not among"),
        (RULES.replace("clips_days: 50", "clip_days: 50"), "rules.yaml:7: keep.2.clip_days"),
        (RULES.replace("version: 1", "version: 2"), "rules.yaml:1: version"),
        (RULES.replace("unattached_days: 30\n", ""), "unattached_days"),
        ("- 1", "rules.yaml:1"),
        (": :", "is not YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line(wrong: str, said: str) -> None:
    """An event that is handled still is never named: it is not over."""
    with pytest.raises(CatalogueError, match=said):
        parse_retention(wrong, "rules.yaml")
