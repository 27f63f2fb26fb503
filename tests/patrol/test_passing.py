"""Passes are kept whole and read back as they were."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely

from geofences.geodesy import LonLat
from patrol.errors import UsageError
from patrol.passing import find_pass, read_pass, write_pass
from vision.passes import PassRecord, SeenThing

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
RECORD = PassRecord(
    "heron-1",
    NOON,
    NOON,
    shapely.box(115.61, 33.15, 115.62, 33.16),
    {"C2": 0.5, "C1": 1.0},
    (SeenThing("s1", "09001", "stall", LonLat(115.615, 33.155), 2.5, "C1"),),
    {"06010": ("garbage",), "09001": ("stall", "truck")},
)


def test_a_pass_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Area, cells and things; the folder is made."""
    path = tmp_path / "passes" / "heron-1.pass.json"
    write_pass(RECORD, path)
    found = read_pass(path)
    assert (found.name, found.start_utc, found.end_utc) == ("heron-1", NOON, NOON)
    assert (found.cells, found.things) == (RECORD.cells, RECORD.things)
    assert shapely.equals(found.area, RECORD.area)
    assert found.could_tell == RECORD.could_tell
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_pass_of_an_older_version_says_nothing_of_what_it_could_tell(tmp_path: Path) -> None:
    """It is compared as it was."""
    path = tmp_path / "a.pass.json"
    write_pass(replace(RECORD, could_tell=None), path)
    row = json.loads(path.read_text())
    del row["could_tell"]
    path.write_text(json.dumps(row))
    assert read_pass(path).could_tell is None


def test_breaking_off_the_second_time_leaves_what_was_seen_the_first(tmp_path: Path) -> None:
    """A film that is watched again to its end, or another one of the name, takes its place."""
    path = tmp_path / "a.pass.json"
    whole = replace(RECORD, end_utc=NOON + timedelta(minutes=5))
    write_pass(whole, path)
    write_pass(replace(RECORD, end_utc=NOON + timedelta(minutes=4), things=()), path)
    assert read_pass(path).things == RECORD.things
    write_pass(replace(RECORD, end_utc=NOON + timedelta(seconds=299), things=()), path)
    assert read_pass(path).things == ()
    later = NOON + timedelta(minutes=1)
    write_pass(replace(RECORD, start_utc=later, end_utc=later), path)
    assert read_pass(path).start_utc == later


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("POLYGON", "POLYWRONG"),
        ('"lat_deg": 33.155', '"lat_deg": 133.1'),
        ("+00:00", ""),
        ("{", ""),
    ],
)
def test_a_damaged_pass_is_told(tmp_path: Path, old: str, new: str) -> None:
    """With its path."""
    path = tmp_path / "a.pass.json"
    write_pass(RECORD, path)
    text = path.read_text().replace("04:00:00Z", "04:00:00+00:00")
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(UsageError, match="is damaged, or is no pass"):
        read_pass(path)


def test_a_pass_has_a_name_or_a_path(tmp_path: Path) -> None:
    """And one that is neither is told with how to find those there are."""
    assert find_pass("heron-1", tmp_path) == tmp_path / "heron-1.pass.json"
    assert find_pass("other/a.pass.json", tmp_path) == Path("other/a.pass.json")
    with pytest.raises(UsageError, match="none: there is no such pass; `patrol passes list`"):
        read_pass(find_pass("none", tmp_path))
