"""What goes over the wire."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from events_api.schemas import Report
from tests.events_api.factories import make_report, report_json


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Draw reports with any text, numbers and times."""
    return make_report(
        draw(st.integers(0, 10)),
        source=draw(st.text(min_size=1, max_size=20)),
        why=draw(st.text(max_size=50)),
        score=draw(st.floats(0, 1)),
        position={
            "lon_deg": draw(st.floats(-180, 180)),
            "lat_deg": draw(st.floats(-90, 90)),
        },
        observed_at=draw(st.datetimes(timezones=st.just(UTC))).isoformat(),
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
    try:
        local = report.observed_at.astimezone(zone)
    except OverflowError:  # the first and the last day there are
        return
    written = {**report.model_dump(mode="json"), "observed_at": local.isoformat()}
    assert Report.model_validate(written).fingerprint() == report.fingerprint()


@pytest.mark.parametrize(
    "change", [{"score": 0.81}, {"why": "other"}, {"track_id": None}, {"place": "gate"}]
)
def test_another_content_has_another_fingerprint(change: dict[str, Any]) -> None:
    """Every field counts."""
    assert make_report(**change).fingerprint() != make_report().fingerprint()


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
