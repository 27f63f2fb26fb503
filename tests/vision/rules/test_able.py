"""What a pass could have told of depends on rules, detector, zones and the hour."""

from datetime import UTC, datetime

import pytest

from tests.vision.rules.judging import rule
from vision.rules.able import could_tell

# Half past nine in Shanghai.
MORNING = datetime(2026, 7, 1, 1, 30, tzinfo=UTC)
EVENING = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("says", "moments", "looks"),
    [
        ({}, [MORNING], True),
        ({"enabled": False}, [MORNING], False),
        ({"zones": ["roadway", "fire_lane"]}, [MORNING], True),
        ({"zones": ["no_vending"]}, [MORNING], False),
        ({"hours": ["08:00-20:00"]}, [MORNING, EVENING], True),
        # Of what was looked at after six nothing could be told.
        ({"hours": ["08:00-18:00"]}, [MORNING, EVENING], False),
        ({"hours": ["08:00-18:00"]}, [EVENING], False),
    ],
)
def test_a_rule_that_cannot_hold_looks_for_nothing(
    says: dict[str, object], moments: list[datetime], *, looks: bool
) -> None:
    """Of its classes those count that the detector tells."""
    asked = rule("presence", ["person", "stall"], **says)
    found = could_tell([asked], ("stall", "car"), {"roadway"}, moments)
    assert found == ({asked.matter.code: ("stall",)} if looks else {})
    assert could_tell([asked], ("car",), {"roadway"}, moments) == {}
