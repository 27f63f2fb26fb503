"""Cells grow urgent as time passes, the faster the more they matter."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol.errors import SettingsError, UsageError
from patrol.seen_cells import Wish, read_seen, read_wishes, record_seen, urgencies_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_cell_that_was_seen_is_remembered(tmp_path: Path) -> None:
    """The newest look counts, and other cells keep theirs."""
    file = tmp_path / "home" / "seen.json"
    assert read_seen(file) == {}
    record_seen(file, ["a", "b"], NOON)
    record_seen(file, ["b"], NOON + DAY)
    assert read_seen(file) == {"a": NOON, "b": NOON + DAY}


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 7}', '{"a": "yesterday"}'])
def test_a_damaged_record_is_no_record(tmp_path: Path, text: str) -> None:
    """It is said, and nothing is thrown away."""
    (tmp_path / "seen.json").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="no record of seen cells"):
        record_seen(tmp_path / "seen.json", ["a"], NOON)
    assert (tmp_path / "seen.json").read_text(encoding="utf-8") == text


def test_urgency_is_priority_times_how_overdue() -> None:
    """A cell just due has its priority; one never seen comes before all that were."""
    seen = {"due": NOON - DAY, "fresh": NOON, "often": NOON - DAY}
    wishes = {"often": Wish(3.0, 12.0), "never": Wish()}
    codes = ("due", "fresh", "often", "never")
    due, fresh, often, never = urgencies_of(codes, seen, wishes, NOON)
    assert (due, fresh, often) == pytest.approx((1.0, 0.0, 6.0))
    assert never >= 2.0


def test_wishes_come_from_a_table(tmp_path: Path) -> None:
    """With its headings, as a spreadsheet writes it."""
    file = tmp_path / "wishes.csv"
    file.write_text("\ufeffcode,priority,every_h\n341,2,12\n342,0,24\n", encoding="utf-8")
    assert read_wishes(file) == {"341": Wish(2.0, 12.0), "342": Wish(0.0, 24.0)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs a line of headings"),
        ("code,weight\n1,2\n", "needs a line of headings"),
        ("code,priority,every_h\n341,2,12\n342,high,24\n", "line 3"),
        ("code,priority,every_h\n341,-2,12\n", "line 2"),
        ("code,priority,every_h\n341,2\n", "line 2"),
        ("code,priority,every_h\n341,2,0\n", "line 2"),
    ],
)
def test_a_table_of_something_else_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The sentence names the line and shows one."""
    file = tmp_path / "wishes.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_wishes(file)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(UsageError, match=r"wishes\.csv cannot be read"):
        read_wishes(tmp_path / "wishes.csv")
