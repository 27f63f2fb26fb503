"""What goes over the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from events_api.schemas import Report
from tests.events_api.factories import make_report, report_json

TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
"""What a text may hold: no half of a pair of surrogates, and no NUL."""


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Draw reports with any text, numbers and times."""
    return make_report(
        draw(st.integers(0, 10)),
        source=draw(st.text(TEXT, min_size=1, max_size=20)),
        why=draw(st.text(TEXT, max_size=50)),
        score=draw(st.floats(0, 1)),
        position={
            "lon_deg": draw(st.floats(-180, 180)),
            "lat_deg": draw(st.floats(-90, 90)),
        },
        observed_at=draw(
            st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds it
        ).isoformat(),
    )


@given(reports())
def test_a_report_survives_the_wire(report: Report) -> None:
    """What is written as JSON and read again is the same, with the same fingerprint."""
    read = Report.model_validate_json(report.model_dump_json())
    assert (read, read.fingerprint()) == (report, report.fingerprint())


@given(reports(), st.integers(-12 * 60, 14 * 60))
def test_the_time_zone_it_was_written_in_does_not_matter(report: Report, minutes: int) -> None:
    """The same moment is the same report."""
    zone = timezone(timedelta(minutes=minutes))
    local = report.observed_at.astimezone(zone)
    written = {**report.model_dump(mode="json"), "observed_at": local.isoformat()}
    assert Report.model_validate(written).fingerprint() == report.fingerprint()


@pytest.mark.parametrize(
    "change", [{"score": 0.81}, {"why": "other"}, {"track_id": None}, {"place": "gate"}]
)
def test_another_content_has_another_fingerprint(change: dict[str, Any]) -> None:
    """Every field counts."""
    assert make_report(**change).fingerprint() != make_report().fingerprint()


@pytest.mark.parametrize(
    "wrong",
    [
        {"why": "a\0b"},
        {"source": "\0"},
        {"source": "\ud800"},
        {"place": "\0"},
        {"cell_code": "\0"},
        {"matter": {"standard_ref": "GB/T 47678.5-2026", "code": "\0"}},
        {"track_id": 2**63},
        {"observed_at": "1899-12-31T23:59:59Z"},
        {"observed_at": "3000-01-01T00:00:00Z"},
        {"observed_at": "0001-01-01T00:00:00+14:00"},
        {"observed_at": "2026-07-01T08:00:00"},
    ],
    ids=str,
)
def test_what_no_database_keeps_is_refused(wrong: dict[str, Any]) -> None:
    """NULs, halves of surrogate pairs, huge numbers, times that nothing can be reckoned from."""
    with pytest.raises(ValidationError):
        make_report(**wrong)


def test_a_report_cannot_be_changed() -> None:
    """What was read from the wire stays as it was."""
    with pytest.raises(ValidationError):
        make_report().score = 0.1


@pytest.mark.parametrize("field", ["report_id", "kind", "source", "matter", "score", "observed_at"])
def test_what_a_report_cannot_do_without(field: str) -> None:
    """A missing field is named."""
    sent = report_json()
    del sent[field]
    with pytest.raises(ValidationError, match=field):
        Report.model_validate(sent)
